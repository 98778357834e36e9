import type { IncomingMessage } from 'node:http';
import { BgJobsError } from '../api/errors.ts';
import type { JobEvent } from '../api/events.ts';
import type { Chunk } from '../api/output.ts';
import { LineSplitter } from '../text/lineSplitter.ts';

/** One chunk a line; a line with an error is the last one. */
export async function* readChunks(answer: IncomingMessage): AsyncGenerator<Chunk> {
  for await (const line of readLines(answer)) {
    const value = JSON.parse(line) as Chunk | { error: unknown };
    if ('error' in value) throw failureOf(value);
    yield value;
  }
}

/** What the host reports besides changes of jobs. */
export interface EventNews {
  /** Called when everything that happens from now on will come, with the number after which that is. */
  readonly onConnected?: ((since: number | undefined) => void) | undefined;
  /** Called when settings of the host have changed: pauses, limits and others. */
  readonly onSettings?: (() => void) | undefined;
}

/** Server-sent events (WHATWG HTML §9.2) as the host writes them: each with one line of data. */
export async function* readEvents(
  answer: IncomingMessage,
  { onConnected, onSettings }: EventNews,
): AsyncGenerator<JobEvent> {
  let fields: Readonly<Record<string, string>> = {};
  for await (const line of readLines(answer)) {
    if (line !== '') {
      const colon = line.indexOf(':');
      fields = { ...fields, [line.slice(0, colon)]: line.slice(colon + 1).trimStart() };
      continue;
    }
    // Hosts up to version 0.2.0 name the first two in a comment alone.
    const { id, data, event, '': comment } = fields;
    fields = {};
    const type = event ?? comment;
    if (type === 'connected') onConnected?.(id === undefined ? undefined : Number(id));
    else if (type === 'settings') onSettings?.();
    else if (type === 'error') throw failureOf(JSON.parse(data ?? 'null'));
    else if (data !== undefined) yield JSON.parse(data) as JobEvent;
  }
}

function failureOf(body: unknown): BgJobsError {
  return BgJobsError.fromBody(body) ?? new BgJobsError('internal', `The job host failed: ${JSON.stringify(body)}`);
}

/** The lines of a body, wherever its pieces are cut. */
async function* readLines(answer: IncomingMessage): AsyncGenerator<string> {
  answer.setEncoding('utf8');
  const lines = new LineSplitter();
  for await (const piece of answer as AsyncIterable<string>) yield* lines.push(piece);
}
