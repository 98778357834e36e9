import { CommanderError } from 'commander';
import * as z from 'zod';
import { BgJobsError } from '../protocol/errors.ts';
import { printJson, write } from './context.ts';
import type { Context } from './context.ts';
import { exitCodeOfError, exitCodes } from './exitCodes.ts';
import { oneLine } from './render/text.ts';

/**
 * Says what went wrong: a sentence on stderr, or the error document on stdout.
 * @returns the exit code
 */
export async function reportFailure(context: Context, error: unknown, json: boolean): Promise<number> {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.done; // help or version, as asked
    if (error.code === 'commander.help' && !json) return exitCodes.usage; // no verb given: the help is on stderr
  }
  const known = asKnown(error);
  if (json) await printJson(context, known.toBody());
  else await write(context.stderr, failureText(known));
  return exitCodeOfError(known);
}

/** With the ids that exist, or that were meant, as the host names them in the details. */
export function failureText(error: BgJobsError): string {
  const { ids, jobs } = nearby.catch({}).parse(error.details);
  const lines = [
    `bgjobs: ${error.message}`,
    ...(ids ?? []).map((id) => `  ${id}`),
    ...(jobs?.length ? ['The newest jobs:'] : []),
    ...(jobs ?? []).map(({ shortId, status, name }) => `  ${shortId} ${status} ${oneLine(name ?? '')}`.trimEnd()),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

const nearby = z.object({
  ids: z.array(z.string()).optional(),
  jobs: z.array(z.object({ shortId: z.string(), name: z.string().nullable(), status: z.string() })).optional(),
});

export function asKnown(error: unknown): BgJobsError {
  if (error instanceof BgJobsError) return error;
  if (error instanceof CommanderError) {
    const message = error.code === 'commander.help' ? 'say what to do: bgjobs --help lists the verbs' : error.message;
    return new BgJobsError('invalid_request', message.replace(/^error: /, ''));
  }
  return new BgJobsError('internal', error instanceof Error ? (error.stack ?? error.message) : String(error));
}

/** Wrong usage that the options' own parsers cannot see. */
export function usageError(message: string): BgJobsError {
  return new BgJobsError('invalid_request', message);
}
