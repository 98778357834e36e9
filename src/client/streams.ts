import type { IncomingMessage } from 'node:http';
import { BgJobsError } from '../protocol/errors.ts';
import type { JobEvent } from '../protocol/events.ts';
import type { Chunk } from '../protocol/output.ts';

/** One chunk a line; a line with an error is the last one. */
export async function* readChunks(answer: IncomingMessage): AsyncGenerator<Chunk> {
  for await (const line of readLines(answer)) {
    const value = JSON.parse(line) as Chunk | { error: unknown };
    if ('error' in value) throw failureOf(value);
    yield value;
  }
}

/**
 * Server-sent events as the host writes them: each with its name and one line of data.
 * @param onConnected at the comment that comes first, with the number behind which events follow, where the host tells it
 */
export async function* readEvents(
  answer: IncomingMessage,
  onConnected?: (since: number | undefined) => void,
): AsyncGenerator<JobEvent> {
  let name = '';
  let id: number | undefined;
  for await (const line of readLines(answer)) {
    if (line === ': connected') onConnected?.(id);
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
  let rest = '';
  for await (const piece of answer as AsyncIterable<string>) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
