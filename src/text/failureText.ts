import type { BgJobsError } from '../api/errors.ts';
import { oneLine } from './grammar.ts';

/** The message, and the ids that exist or match, from the details of the error. */
export function failureLines(error: BgJobsError): string[] {
  const ids = listOf(error.details?.['ids']).filter((id) => typeof id === 'string');
  const jobs = listOf(error.details?.['jobs']).flatMap((job) => jobLine(job) ?? []);
  return [error.message, ...ids.map((id) => `  ${id}`), ...(jobs.length > 0 ? ['The newest jobs:', ...jobs] : [])];
}

function jobLine(job: unknown): string | undefined {
  if (typeof job !== 'object' || job === null) return undefined;
  const { shortId, status, name } = job as Record<string, unknown>;
  if (typeof shortId !== 'string' || typeof status !== 'string') return undefined;
  return `  ${shortId} ${status} ${oneLine(typeof name === 'string' ? name : '')}`.trimEnd();
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
