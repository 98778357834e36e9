import type { SettledRun } from '../../dataDir/logBytes.ts';
import type { JobService } from '../../api/endpoints.ts';
import type { Chunk, Stream } from '../../api/output.ts';

/** Output that maxLogBytes has dropped before somebody read it. */
export interface Gap {
  readonly droppedBytes: number;
}

/**
 * Everything that a query selects of one run, page by page, and then, when it is followed, what comes until the run has
 * ended or the signal is aborted.
 */
export async function* readOutput(
  service: JobService,
  { jobId, query }: SettledRun,
  follow: boolean,
  signal: AbortSignal,
): AsyncGenerator<Chunk | Gap> {
  const rest = { ...query };
  delete rest.tail;
  const ends: Partial<Record<Stream, number>> = {};
  let page = await service.getOutput(jobId, query);
  for (;;) {
    if (page.droppedBytes > 0) yield { droppedBytes: page.droppedBytes };
    for (const chunk of page.chunks) {
      ends[chunk.stream] = chunk.offset + chunk.length;
      yield chunk;
    }
    if (!page.more || signal.aborted) break;
    page = await service.getOutput(jobId, { ...rest, since: page.next });
  }
  if (!follow) return;
  // Lines that do not match leave gaps too.
  const complete = query.grep === undefined;
  for await (const chunk of service.followOutput(jobId, { ...rest, since: page.next }, signal)) {
    const droppedBytes = chunk.offset - (ends[chunk.stream] ?? chunk.offset);
    if (complete && droppedBytes > 0) yield { droppedBytes };
    ends[chunk.stream] = chunk.offset + chunk.length;
    yield chunk;
  }
}
