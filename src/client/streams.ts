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

/** What the host tells in comments. */
export interface EventComments {
  /** Called when everything that happens from now on will come, with the number behind which that is, where it is told. */
  readonly onConnected?: ((since: number | undefined) => void) | undefined;
  /** Called when settings of the host have changed: pauses, limits and others. */
  readonly onSettings?: (() => void) | undefined;
}

/** Server-sent events as the host writes them: each with its name and one line of data. */
export async function* readEvents(
  answer: IncomingMessage,
  { onConnected, onSettings }: EventComments,
): AsyncGenerator<JobEvent> {
  let name = '';
  let id: number | undefined;
  for await (const line of readLines(answer)) {
    if (line === ': connected') onConnected?.(id);
    else if (line === ': settings') onSettings?.();
    else if (line.startsWith('id: ')) id = Number(line.slice('id: '.length));
    else if (line.startsWith('event: ')) name = line.slice('event: '.length);
    else if (line.startsWith('data: ')) {
      const data: unknown = JSON.parse(line.slice('data: '.length));
      if (name === 'error') throw failureOf(data);
      yield data as JobEvent;
    }
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
