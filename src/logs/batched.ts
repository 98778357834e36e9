import { setTimeout as pause } from 'node:timers/promises';
import type { Chunk } from '../api/output.ts';

export interface BatchLimits {
  /** The least time between two batches (milliseconds). */
  everyMs: number;
  /** The most bytes in a batch of several chunks; no more than that is read before it is taken. */
  maxBytes: number;
}

/**
 * A live stream in batches: its first chunk at once, and then all that has arrived since the batch before.
 * @param follow opens the stream, which ends when the signal is aborted
 */
export async function* batched(
  follow: (signal: AbortSignal) => AsyncIterable<Chunk>,
  { everyMs, maxBytes }: BatchLimits,
  signal: AbortSignal,
): AsyncGenerator<Chunk[], void, void> {
  const left = new AbortController();
  const chunks = follow(AbortSignal.any([signal, left.signal]))[Symbol.asyncIterator]();
  const read = (): Promise<IteratorResult<Chunk>> => {
    const next = chunks.next();
    // A failure is reported to the loop below, which may not be waiting for it yet.
    next.catch(() => undefined);
    return next;
  };
  try {
    let next = read();
    for (let last = -Infinity; ; last = performance.now()) {
      let result: IteratorResult<Chunk> | null = await next;
      if (result.done) return;
      const batch: Chunk[] = [];
      const due = pause(Math.max(0, last + everyMs - performance.now()), null);
      for (let bytes = 0; result && !result.done;) {
        bytes += result.value.length;
        if (batch.length > 0 && bytes > maxBytes) break;
        batch.push(result.value);
        next = read();
        result = await Promise.race([next, due]);
      }
      if (!result?.done) await due;
      yield batch;
    }
  } finally {
    left.abort();
    await chunks.return?.();
  }
}
