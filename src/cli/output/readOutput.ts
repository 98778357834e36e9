import type { JobService } from '../../api/endpoints.ts';
import type { Chunk } from '../../api/output.ts';
import { LogReader, type SettledRun } from '../../logs/logReader.ts';
import { GapFinder, type Gap } from '../../text/outputText.ts';
import { note, write, type Context, type Sink } from '../base/context.ts';

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
  const { tail, ...rest } = query;
  const gaps = new GapFinder({
    ...query,
    since: Number(query.since ?? 0),
    tail: tail === undefined ? tail : Number(tail),
  });
  let page = await service.getOutput(jobId, query);
  for (;;) {
    yield* gaps.pass(page.chunks, page.droppedBytes);
    if (!page.more || signal.aborted) break;
    page = await service.getOutput(jobId, { ...rest, since: page.next });
  }
  if (!follow) return;
  for await (const chunk of service.followOutput(jobId, { ...rest, since: page.next }, signal)) {
    yield* gaps.pass([chunk]);
  }
}

/** Requests only the positions of output, whose bytes are then read from the log files. */
export const positionsAlone = { text: 'false', limit: 16_777_216 } as const;

export interface PrintOptions {
  follow: boolean;
  /** Print no notes about dropped output. */
  quiet?: boolean;
  sinks?: Record<Chunk['stream'], Sink>;
}

/** Prints output as the job wrote it, byte for byte, from its log files. @param run settled for {@link positionsAlone} */
export async function printOutput(
  context: Context,
  service: JobService,
  run: SettledRun,
  { follow, quiet = false, sinks = context }: PrintOptions,
  signal: AbortSignal,
): Promise<void> {
  await using log = new LogReader(service, run);
  const noteGap = async (bytes: number): Promise<void> => {
    if (bytes > 0 && !quiet) await note(context, `${bytes} bytes of older output were dropped by --max-log`);
  };
  for await (const item of readOutput(service, run, follow, signal)) {
    if (!('seq' in item)) {
      await noteGap(item.droppedBytes);
      continue;
    }
    let at = item.offset;
    for await (const { chunk, bytes } of log.read(item)) {
      await noteGap(chunk.offset - at);
      await write(sinks[chunk.stream], bytes);
      at = chunk.offset + chunk.length;
    }
  }
}
