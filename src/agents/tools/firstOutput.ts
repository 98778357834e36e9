import { basename } from 'node:path';
import type { Job, Run } from '../../api/job.ts';
import type { Output, OutputQuery } from '../../api/output.ts';
import { OutputText } from '../../text/outputText.ts';
import { keepTail, plainText, quoted } from './modelText.ts';
import type { ToolContext } from './tool.ts';

/** A look at a job's output. */
export interface Look {
  readonly output: Output;
  /** Quoted for the model, with what was left out; empty when there is nothing. */
  readonly text: string;
}

/** UTF-8 takes up to four bytes for a character, and colours are stripped. */
const bytesPerChar = 4;
const largestAnswer = 16_777_216;

/**
 * With `since` or `grep` as much as fits, in order, so that a reader who comes back with `next` gets everything once.
 * Else the end: of too much the beginning is left out. Without a run that of the job as it is given here: a newer one may
 * have begun.
 */
export async function lookAtOutput(
  { service }: Pick<ToolContext, 'service'>,
  job: Pick<Job, 'id' | 'shortId' | 'run'>,
  asked: Omit<OutputQuery, 'limit' | 'format' | 'follow' | 'text' | 'range'>,
  maxChars: number,
): Promise<Look> {
  const query = { ...(job.run !== null && { run: job.run }), ...asked };
  const inOrder = query.since !== undefined || (query.grep !== undefined && query.tail === undefined);
  const limit = Math.min(largestAnswer, inOrder ? maxChars : maxChars * bytesPerChar);
  // No line is shorter than one character.
  const selection = inOrder ? query : { tail: maxChars, ...query };
  const output = await service.getOutput(job.id, { ...selection, limit });
  const clean = plainOutput(output, selection);
  if (clean === '') return { output, text: '' };
  const { text, leftOut } = keepTail(clean, inOrder ? Infinity : maxChars);
  const mark = leftOut === 0 ? '' : `[… ${leftOut} characters before this are left out …]\n`;
  return { output, text: quoted(job.shortId, mark + text) };
}

/** The text of a page as a model can use it, with a marker where bytes were dropped. @param query that the page answers */
export function plainOutput(
  { chunks, droppedBytes }: Output,
  { since, tail, grep }: Pick<OutputQuery, 'since' | 'tail' | 'grep'>,
): string {
  const query = { since: Number(since ?? 0), tail: tail === undefined ? undefined : Number(tail), grep };
  return plainText(new OutputText(query).next(chunks, droppedBytes));
}

/** Where all of it is, the beginning that no answer holds included. */
export function logPaths(run: Run | undefined): string {
  if (!run) return '';
  const { logs } = run;
  return `Full log: ${logs.stdout}${logs.stderr === null ? '' : `, with ${basename(logs.stderr)} beside it`}`;
}
