import { CommanderError } from 'commander';
import { BgJobsError } from '../../api/errors.ts';
import { printJson, write, type Context } from './context.ts';
import { exitCodeOfError, exitCodes } from './exitCodes.ts';
import { failureLines } from '../../text/failureText.ts';

/** Reports an error: as a sentence on stderr, or as a JSON document on stdout. @returns the exit code */
export async function reportFailure(context: Context, error: unknown, json: boolean): Promise<number> {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.done; // --help or --version
    if (error.code === 'commander.help' && !json) return exitCodes.usage; // no verb given: commander has printed the help
  }
  const known = asKnown(error);
  if (json) await printJson(context, known.toBody());
  else await write(context.stderr, failureText(known) + (known.code === 'host_unreachable' ? hint : ''));
  return exitCodeOfError(known);
}

const hint = 'bgjobs: Run `bgjobs doctor` to find the cause.\n';

/** The message, followed by the ids that exist or match. */
export function failureText(error: BgJobsError): string {
  return failureLines(error)
    .map((line, index) => `${index === 0 ? 'bgjobs: ' : ''}${line}\n`)
    .join('');
}

export function asKnown(error: unknown): BgJobsError {
  if (error instanceof BgJobsError) return error;
  if (error instanceof CommanderError) {
    const message = error.code === 'commander.help' ? 'no command given: see bgjobs --help' : error.message;
    return new BgJobsError('invalid_request', message.replace(/^error: /, ''));
  }
  return new BgJobsError('internal', error instanceof Error ? (error.stack ?? error.message) : String(error));
}

/** For combinations of options that their parsers cannot check. */
export function usageError(message: string): BgJobsError {
  return new BgJobsError('invalid_request', message);
}
