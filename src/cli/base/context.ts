/**
 * `cli/base` is what all verbs share: the context of the process, answers, failures and exit codes. Every room of the
 * command line may import it; it imports `api`, `text` and the types of `client`.
 */
import { CommanderError } from 'commander';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { JobService } from '../../api/endpoints.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { JobEvent } from '../../api/events.ts';
import type { HostStatus } from '../../client/hostControl.ts';
import { failureLines } from '../../text/failureText.ts';
import { exitCodeOfError, exitCodes } from './exitCodes.ts';

/** Everything that a verb may use of its process. */
export interface Context {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly stdin: Readable;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Connects to the job host and starts it if necessary. */
  connect(): Promise<JobService>;
  /** All events after a number, then live ones, across restarts of the host, until the signal is aborted. */
  events(query: { since?: number; job?: string }, signal: AbortSignal): AsyncIterable<JobEvent>;
  /** Does not start the job host. */
  hostStatus(): Promise<HostStatus>;
  /** Resolves when the job host has exited; at once if it is not running. */
  stopHost(): Promise<void>;
  /** The exit code of the process. A verb sets it when it is not 0. */
  exitCode: number;
}

export interface Sink extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Waits for a slow reader, so that memory stays bounded. */
export async function write(sink: Sink, data: string | Buffer): Promise<void> {
  if (!sink.write(data)) await once(sink, 'drain');
}

export async function printJson(context: Context, document: unknown): Promise<void> {
  await write(context.stdout, `${JSON.stringify(document)}\n`);
}

/** Prints a remark on stderr. */
export async function note(context: Context, text: string): Promise<void> {
  await write(context.stderr, `bgjobs: ${text}\n`);
}

/** Prints the result of a verb: one JSON document, or text. */
export async function answer(
  context: Context,
  options: { json?: boolean },
  document: unknown,
  text: () => string,
): Promise<void> {
  if (options.json) await printJson(context, document);
  else await write(context.stdout, `${text()}\n`);
}

/** Sends the stream to the input of a job, to its end. No character is cut, wherever the chunks end. */
export async function forwardInput(from: AsyncIterable<Buffer>, service: JobService, id: string): Promise<void> {
  const decoder = new StringDecoder('utf8');
  for await (const data of from) {
    const text = decoder.write(data);
    if (text !== '') await service.sendInput(id, { text });
  }
  const rest = decoder.end();
  if (rest !== '') await service.sendInput(id, { text: rest });
}

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
