import * as z from 'zod';
import type { BgJobsError } from '../protocol/errors.ts';
import { oneLine } from './text.ts';

/** The message, and the ids that exist or that were meant, as the host names them in the details. */
export function failureLines(error: BgJobsError): string[] {
  const { ids, jobs } = nearby.catch({}).parse(error.details);
  return [
    error.message,
    ...(ids ?? []).map((id) => `  ${id}`),
    ...(jobs?.length ? ['The newest jobs:'] : []),
    ...(jobs ?? []).map(({ shortId, status, name }) => `  ${shortId} ${status} ${oneLine(name ?? '')}`.trimEnd()),
  ];
}

const nearby = z.object({
  ids: z.array(z.string()).optional(),
  jobs: z.array(z.object({ shortId: z.string(), name: z.string().nullable(), status: z.string() })).optional(),
});
