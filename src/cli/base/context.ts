/**
 * `cli/base` is what all verbs share: the context of the process, answers, failures and exit codes. Every room of the
 * command line may import it; it imports `api`, `text` and the types of `client`.
 */

import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { HostStatus } from '../../client/hostControl.ts';
import type { JobService } from '../../api/endpoints.ts';
import type { JobEvent } from '../../api/events.ts';

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
