import { LogBytes, pieceBytes, settleRun, type Piece, type SettledRun } from '../dataDir/logBytes.ts';
import type { JobService } from '../api/endpoints.ts';
import { BgJobsError } from '../api/errors.ts';
import type { Chunk, OutputQuery } from '../api/output.ts';
import { LogText } from './logText.ts';

/** Asks the host for chunks as they come. */
export type FollowChunks = (id: string, query: OutputQuery, signal: AbortSignal) => AsyncIterable<Chunk>;

/** The longest text: V8 gives a string of 128 kB or more memory of its own, fresh each time, which costs more than the text. */
const textBytes = 65_536;

/**
 * Output as it comes, its text read from the run's log files: the host only tells positions, so a follower costs it
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
  const text = new LogText();
  try {
    for await (const { chunk, bytes, log } of followFiles(service, follow, run, signal)) {
      for (let done = 0; done < bytes.length; done += textBytes) {
        const part = bytes.subarray(done, done + textBytes);
        const { length } = part;
        const seq = chunk.seq - chunk.length + done + length;
        const shown = { ...chunk, seq, offset: chunk.offset + done, length };
        rest = behind(rest, shown);
        yield { ...shown, text: await text.decode(shown, part, log) };
      }
    }
    if (!signal.aborted) yield* text.unfinished();
  } catch (error) {
    if (!isFileError(error)) throw error;
    yield* follow(id, rest, signal);
  }
}

/** What a query still has to show when everything up to a chunk was shown. */
export function behind(query: OutputQuery, chunk: Chunk): OutputQuery {
  return { ...query, tail: undefined, since: chunk.seq };
}

async function* followFiles(
  service: JobService,
  follow: FollowChunks,
  run: SettledRun,
  signal: AbortSignal,
): AsyncGenerator<Piece & { readonly log: LogBytes }> {
  let log: LogBytes | undefined;
  const buffer = Buffer.allocUnsafeSlow(pieceBytes);
  try {
    for await (const chunk of follow(run.jobId, { ...run.query, text: 'false' }, signal)) {
      log ??= new LogBytes((await service.getRun(run.runId)).logs);
      for await (const piece of log.pieces(chunk, buffer)) {
        // The newest maxLogBytes are always kept; what lies further back may have been dropped before it was read.
        const isSafe = (await log.size(chunk.stream)) - piece.chunk.offset <= run.maxLogBytes;
        const kept = isSafe ? piece : await withoutDropped(service, run, piece);
        if (kept.bytes.length > 0) yield { ...kept, log };
      }
    }
  } finally {
    await log?.close();
  }
}

/** Dropped bytes read as zeros. */
async function withoutDropped(service: JobService, run: SettledRun, { chunk, bytes }: Piece): Promise<Piece> {
  const { stream, offset, length } = chunk;
  const range = `${offset}-${offset + length - 1}`;
  const { chunks } = await service.getOutput(run.jobId, { run: run.query.run, stream, range, text: 'false' });
  const kept = bytes.subarray(chunks[0] ? chunks[0].offset - offset : length);
  return { chunk: { ...chunk, offset: offset + length - kept.length, length: kept.length }, bytes: kept };
}

function isFileError(error: unknown): boolean {
  return !(error instanceof BgJobsError) && typeof (error as NodeJS.ErrnoException).syscall === 'string';
}
