/**
 * `cli/base` is what all verbs share: the context of the process, answers, tables, failures and exit codes. Every room of
 * the command line may import it; it imports `api`, `text` and the types of `client`.
 */
import { CommanderError } from 'commander';
import type { Readable } from 'node:stream';
import type { JobService } from '../../api/endpoints.ts';
import { BgJobsError, type ErrorCode } from '../../api/errors.ts';
import type { JobEvent } from '../../api/events.ts';
import type { HostStatus } from '../../client/hostControl.ts';
import { failureLines } from '../../text/endText.ts';
import { safeJson, visible } from '../../text/grammar.ts';
import { write, type Sink } from './sink.ts';

export { write, type Sink };

export interface EventsOptions {
  since?: number;
  job?: string;
  /** `true`: progress events too. */
  progress?: string;
}

/** The standard input, which may be a terminal. */
interface Source extends Readable {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
}

/** Everything that a verb may use of its process. */
export interface Context {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly stdin: Source;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** The job host. The first request finds it, and starts it if necessary and allowed. */
  connect(start?: boolean): Promise<JobService>;
  /** For a process with many requests: the host is found or started at once, and connections are kept. */
  stayConnected(): Promise<JobService>;
  /** All events after a number, then live ones, across restarts of the host, until the signal is aborted. */
  events(query: EventsOptions, signal: AbortSignal): AsyncIterable<JobEvent>;
  /** Does not start the job host. */
  hostStatus(): Promise<HostStatus>;
  /** Resolves when the job host has exited; at once if it is not running. */
  stopHost(): Promise<void>;
  /** The exit code of the process. A verb sets it when it is not 0. */
  exitCode: number;
}

export function printJson(context: Context, document: unknown): Promise<void> {
  return write(context.stdout, `${safeJson(document)}\n`);
}

/** Prints a remark on stderr. */
export function note(context: Context, text: string): Promise<void> {
  return write(context.stderr, `bgjobs: ${visible(text)}\n`);
}

export interface Json {
  json?: boolean | undefined;
}

/** Prints the result of a verb: one JSON document, or text. */
export function answer(context: Context, { json }: Json, document: unknown, text: () => string): Promise<void> {
  return json ? printJson(context, document) : write(context.stdout, `${text()}\n`);
}

/** Sends the standard input to that of a job, to its end. No character is cut, wherever the chunks end. */
export async function forwardInput({ stdin }: Context, service: JobService, id: string): Promise<void> {
  for await (const text of stdin.setEncoding('utf8') as AsyncIterable<string>) await service.sendInput(id, { text });
}

type Defined<T> = string extends keyof T
  ? Record<string, Exclude<T[string & keyof T], undefined>>
  : { [K in keyof T]?: Exclude<T[K], undefined> };

/** A copy without the members that are undefined: an option that was not given is not sent. */
export function definedOnly<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Until it is disposed, a signal that would end this process aborts the current work instead; a second one ends it. */
export class Interruption {
  readonly #controller = new AbortController();
  readonly signal = this.#controller.signal;
  /** The first signal received. */
  by: (typeof signals)[number] | undefined;

  constructor() {
    for (const signal of signals) process.on(signal, this.#interrupt);
  }

  [Symbol.dispose](): void {
    for (const signal of signals) process.off(signal, this.#interrupt);
  }

  readonly #interrupt = (signal: NodeJS.Signals): void => {
    this.by ??= signals.find((each) => each === signal);
    this[Symbol.dispose]();
    this.#controller.abort();
  };
}

/** The verb by which the script of a shell asks how the command line can go on. */
export const completeVerb = '__complete';

/** Exit codes of `bgjobs`. Other programs rely on these numbers. */
export const exitCodes = {
  done: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  wrongState: 4,
  hostUnreachable: 5,
  refused: 6,
  waitTimedOut: 124,
} as const;

const ofError: Record<ErrorCode, number> = {
  invalid_request: exitCodes.usage,
  unknown_signal: exitCodes.usage,
  cwd_not_found: exitCodes.usage,
  payload_too_large: exitCodes.usage,
  job_not_found: exitCodes.notFound,
  run_not_found: exitCodes.notFound,
  hook_not_found: exitCodes.notFound,
  route_not_found: exitCodes.notFound,
  invalid_state: exitCodes.wrongState,
  job_already_ended: exitCodes.wrongState,
  run_superseded: exitCodes.wrongState,
  unauthorized: exitCodes.hostUnreachable,
  host_stopping: exitCodes.hostUnreachable,
  host_unreachable: exitCodes.hostUnreachable,
  policy_denied: exitCodes.refused,
  forbidden_origin: exitCodes.refused,
  limit_reached: exitCodes.refused,
  quota_exceeded: exitCodes.refused,
  disk_full: exitCodes.failure,
  internal: exitCodes.failure,
};

export function exitCodeOfError(error: unknown): number {
  return error instanceof BgJobsError ? ofError[error.code] : exitCodes.failure;
}

/** For combinations of options that their parsers cannot check. */
export function usageError(message: string): BgJobsError {
  return new BgJobsError('invalid_request', message);
}

/** Reports an error: as a sentence on stderr, or as a JSON document on stdout. @returns the exit code */
export async function reportFailure(context: Context, error: unknown, json: boolean): Promise<number> {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.done; // --help or --version
    if (error.code === 'commander.help' && !json) return exitCodes.usage; // no verb given: commander has printed the help
  }
  const known = asKnown(error);
  const hint = known.code === 'host_unreachable' ? 'bgjobs: Run `bgjobs doctor` to find the cause.\n' : '';
  if (json) await printJson(context, known.toBody());
  else await write(context.stderr, failureText(known) + hint);
  return exitCodeOfError(known);
}

/** The message, followed by the ids that exist or match. */
function failureText(error: BgJobsError): string {
  return `bgjobs: ${visible(failureLines(error).join('\n'))}\n`;
}

function asKnown(error: unknown): BgJobsError {
  if (error instanceof BgJobsError) return error;
  if (error instanceof CommanderError) {
    const message = error.code === 'commander.help' ? 'no command given: see bgjobs --help' : error.message;
    return usageError(message.replace(/^error: /, ''));
  }
  return new BgJobsError('internal', error instanceof Error ? (error.stack ?? error.message) : String(error));
}

/**
 * Applies `act` to every id. The JSON document is the result of the only id, or `{results}` in the order of the ids with
 * an error document for each failure. The first failure decides the exit code.
 */
export async function eachId<T>(
  context: Context,
  ids: readonly string[],
  { json }: Json,
  act: (id: string) => Promise<T>,
  render: (result: T) => string,
): Promise<void> {
  const [only] = ids;
  if (ids.length === 1 && only !== undefined) {
    const result = await act(only);
    return answer(context, { json }, result, () => render(result));
  }
  const done = await Promise.allSettled(ids.map(act));
  const results = done.map((each) => (each.status === 'fulfilled' ? each.value : asKnown(each.reason)));
  await eachResult(context, results, { json }, render);
}

/** Prints `{results}` with an error document for each failure, or a text for each. The first failure decides the exit code. */
export async function eachResult<T>(
  context: Context,
  results: readonly (T | BgJobsError)[],
  { json }: Json,
  render: (result: T) => string,
): Promise<void> {
  for (const result of results) {
    if (result instanceof BgJobsError) context.exitCode ||= exitCodeOfError(result);
    if (json) continue;
    if (result instanceof BgJobsError) await write(context.stderr, failureText(result));
    else await write(context.stdout, `${render(result)}\n`);
  }
  if (!json) return;
  await printJson(context, { results: results.map((one) => (one instanceof BgJobsError ? one.toBody() : one)) });
}
