import { CommanderError } from 'commander';
import { BgJobsError } from '../../api/errors.ts';
import { printJson, write } from './context.ts';
import type { Context } from './context.ts';
import { exitCodeOfError, exitCodes } from './exitCodes.ts';
import { failureLines } from '../../text/failureText.ts';

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
  else await write(context.stderr, failureText(known) + (known.code === 'host_unreachable' ? whatNext : ''));
  return exitCodeOfError(known);
}

const whatNext = 'bgjobs: `bgjobs doctor` looks for the cause.\n';

/** With the ids that exist, or that were meant. */
export function failureText(error: BgJobsError): string {
  return failureLines(error)
    .map((line, index) => `${index === 0 ? 'bgjobs: ' : ''}${line}\n`)
    .join('');
}

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
