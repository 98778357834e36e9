import assert from 'node:assert/strict';
import type { Chunk } from '../../../src/api/output.ts';
import { batched } from '../../../src/logs/logReader.ts';
import { until } from '../../helpers/until.ts';

const forever = new AbortController().signal;
const chunk = (seq: number, length = 1): Chunk => {
  return { seq, time: '', stream: 'stdout', offset: seq - length, length, text: 'x'.repeat(length) };
};

/** A stream that gives what it is told to, and ends when it is aborted. */
class Source {
  readonly #chunks: Chunk[] = [];
  #wake: (() => void) | undefined;
  taken = 0;
  hasEnded = false;

  push(...chunks: Chunk[]): void {
    this.#chunks.push(...chunks);
    this.#wake?.();
  }

  readonly follow = async function* (this: Source, signal: AbortSignal): AsyncGenerator<Chunk> {
    signal.addEventListener('abort', () => this.#wake?.());
    try {
      while (!signal.aborted) {
        const next = this.#chunks.shift();
        if (next) {
          this.taken++;
          yield next;
        } else {
          await new Promise<void>((resolve) => (this.#wake = resolve));
        }
      }
    } finally {
      this.hasEnded = true;
    }
  }.bind(this);
}

describe('batched', () => {
  it('returns the first chunk at once, and later chunks together after the interval', async () => {
    const source = new Source();
    source.push(chunk(1));
    const times: number[] = [];
    const batches: number[][] = [];
    for await (const batch of batched(source.follow, { everyMs: 100, maxBytes: 10 }, forever)) {
      times.push(performance.now());
      batches.push(batch.map(({ seq }) => seq));
      if (batches.length === 1) source.push(chunk(2), chunk(3), chunk(4));
      if (batches.length === 2) break;
    }
    assert.deepEqual(batches, [[1], [2, 3, 4]]);
    assert.ok(times[1]! - times[0]! >= 95);
    assert.ok(source.hasEnded);
  });

  it('reads no more than a batch may hold until it is taken', async () => {
    const source = new Source();
    source.push(...[4, 8, 12, 16, 20].map((seq) => chunk(seq, 4)));
    const batches = batched(source.follow, { everyMs: 0, maxBytes: 10 }, forever);
    const first = (await batches.next()).value ?? [];
    assert.ok(first.length <= 2);
    await until('one chunk is read ahead', () => source.taken === first.length + 1 || undefined);
    await batches.return();
    assert.equal(source.taken, first.length + 1);
  });

  it('gives a chunk that is larger than a batch alone', async () => {
    const source = new Source();
    source.push(chunk(50, 50), chunk(51));
    const batches = batched(source.follow, { everyMs: 0, maxBytes: 10 }, forever);
    assert.deepEqual((await batches.next()).value, [chunk(50, 50)]);
    await batches.return();
  });

  it('ends when it is aborted, and fails as its source does, after the earlier chunks', async () => {
    const abort = new AbortController();
    const waiting = batched(new Source().follow, { everyMs: 0, maxBytes: 10 }, abort.signal).next();
    abort.abort();
    assert.deepEqual(await waiting, { done: true, value: undefined });
    // eslint-disable-next-line @typescript-eslint/require-await
    const broken = async function* (): AsyncGenerator<Chunk> {
      yield chunk(1);
      throw new Error('lost');
    };
    await assert.rejects(async () => {
      for await (const batch of batched(broken, { everyMs: 0, maxBytes: 10 }, forever)) assert.equal(batch.length, 1);
    }, /lost/);
  });
});
