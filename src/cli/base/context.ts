import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { HostStatus } from '../../client/hostControl.ts';
import type { JobService } from '../../api/endpoints.ts';
import type { JobEvent } from '../../api/events.ts';

/** What a verb sees of the world. */
export interface Context {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly stdin: Readable;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** The job host, started if there is none. */
  connect(): Promise<JobService>;
  /** Every change, from a number on and then live, whichever host serves; until the signal is aborted. */
  events(query: { since?: number; job?: string }, signal: AbortSignal): AsyncIterable<JobEvent>;
  /** Starts nothing. */
  hostStatus(): Promise<HostStatus>;
  /** Settles when it has gone, also when there was none. */
  stopHost(): Promise<void>;
  /** What the process will end with. A verb sets it when it is not 0. */
  exitCode: number;
}

export interface Sink extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Waits when the reader is slow, so that memory stays bounded. */
export async function write(sink: Sink, data: string | Buffer): Promise<void> {
  if (!sink.write(data)) await once(sink, 'drain');
}

export async function printJson(context: Context, document: unknown): Promise<void> {
  await write(context.stdout, `${JSON.stringify(document)}\n`);
}

/** For the person, beside the result. */
export async function note(context: Context, text: string): Promise<void> {
  await write(context.stderr, `bgjobs: ${text}\n`);
}

/** The answer of a verb: one JSON document, or text for people. */
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
