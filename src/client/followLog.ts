import { BgJobsError } from '../api/errors.ts';
import type { Chunk, OutputQuery } from '../api/output.ts';
import type { JobService } from '../api/endpoints.ts';
import { LogReader, settleRun } from '../logs/logReader.ts';
import { ChunkDecoder } from '../text/textStream.ts';

/** Gets chunks from the host as they come. */
export type FollowChunks = (id: string, query: OutputQuery, signal: AbortSignal) => AsyncIterable<Chunk>;

/** The longest text: V8 gives a string of 128 kB or more memory of its own, fresh each time, which costs more than the text. */
const textBytes = 65_536;

/**
 * Output as it comes, its text read from the run's log files: the host only sends positions, so a follower costs it
 * next to no CPU, whatever the job writes. A character that is cut comes whole with its last byte.
 * Where the files cannot be read, the host is asked for the text.
 */
export async function* followText(
  service: JobService,
  follow: FollowChunks,
  id: string,
  query: OutputQuery,
  signal: AbortSignal,
): AsyncGenerator<Chunk> {
  const run = await settleRun(service, id, query);
  let rest = run.query;
  const decoder = new ChunkDecoder<Chunk>();
  try {
    await using log = new LogReader(service, run, { pieceBytes: textBytes, reuse: true, hasOther: true });
    for await (const chunk of follow(run.jobId, { ...run.query, text: 'false' }, signal)) {
      for await (const piece of log.read(chunk)) {
        rest = after(rest, piece.chunk);
        yield decoder.decode(piece.chunk, piece);
      }
    }
    if (!signal.aborted) yield* decoder.end();
  } catch (error) {
    if (!isFileError(error)) throw error;
    yield* follow(id, rest, signal);
  }
}

/** What remains of a query when everything up to a chunk was shown. */
function after(query: OutputQuery, chunk: Chunk): OutputQuery {
  return { ...query, tail: undefined, since: chunk.seq };
}

function isFileError(error: unknown): boolean {
  return !(error instanceof BgJobsError) && typeof (error as NodeJS.ErrnoException).syscall === 'string';
}

/** How often in a row a follower may lose its host without receiving anything in between. */
const maxLosses = 3;

/** Whether the connection to the host was lost, or the host is stopping. */
export function isLost(error: unknown): boolean {
  return error instanceof BgJobsError && (error.code === 'host_unreachable' || error.code === 'host_stopping');
}

/** Continues at the next host when one goes away, after the last chunk: every byte comes once. */
export function acrossHosts(follow: FollowChunks): FollowChunks {
  return async function* (id, query, signal) {
    let rest = query;
    for (let losses = 0; ; losses++) {
      try {
        for await (const chunk of follow(id, rest, signal)) {
          rest = after(query, chunk);
          losses = 0;
          yield chunk;
        }
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (!isLost(error) || losses === maxLosses) throw error;
      }
    }
  };
}
