import assert from 'node:assert/strict';
import { readOutput } from '../../../../src/cli/verbs/printOutput.ts';
import type { JobService } from '../../../../src/api/endpoints.ts';
import type { Chunk, Output, OutputQuery } from '../../../../src/api/output.ts';
import type { Gap } from '../../../../src/text/outputText.ts';

const chunk = (seq: number, offset: number, length: number, stream: Chunk['stream'] = 'stdout'): Chunk => {
  return { seq, offset, length, stream, time: '2026-01-02T03:04:05.000Z', text: '' };
};

/** Answers with these pages, one after the other, then with what comes live. */
class FakeOutput {
  readonly queries: OutputQuery[] = [];
  readonly #pages: Partial<Output>[];
  readonly #live: Chunk[];

  constructor(pages: Partial<Output>[], live: Chunk[] = []) {
    this.#pages = pages;
    this.#live = live;
  }

  getOutput(_id: string, query: OutputQuery = {}): Promise<Output> {
    this.queries.push(query);
    const page = this.#pages.shift();
    return Promise.resolve({ chunks: [], next: 0, droppedBytes: 0, status: 'running', more: false, ...page });
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async *followOutput(_id: string, query: OutputQuery): AsyncGenerator<Chunk> {
    this.queries.push(query);
    yield* this.#live;
  }
}

async function read(fake: FakeOutput, query: OutputQuery, follow: boolean) {
  const run = { jobId: 'x', runId: 'x.1', query };
  const items: (Chunk | Gap)[] = [];
  const { signal } = new AbortController();
  for await (const item of readOutput(fake as unknown as JobService, run, follow, signal)) items.push(item);
  return items;
}

describe('reading output', () => {
  it('reads page by page, and asks for the last lines only once', async () => {
    const fake = new FakeOutput([
      { chunks: [chunk(3, 0, 3)], next: 3, more: true },
      { chunks: [chunk(5, 3, 2)], next: 5 },
    ]);
    assert.deepEqual(await read(fake, { tail: 7, stream: 'stdout' }, false), [chunk(3, 0, 3), chunk(5, 3, 2)]);
    assert.deepEqual(fake.queries, [
      { tail: 7, stream: 'stdout' },
      { stream: 'stdout', since: 3 },
    ]);
  });

  it('continues with new output after the last page', async () => {
    const fake = new FakeOutput([{ chunks: [chunk(3, 0, 3)], next: 3 }], [chunk(5, 3, 2)]);
    assert.deepEqual(await read(fake, { tail: 1 }, true), [chunk(3, 0, 3), chunk(5, 3, 2)]);
    assert.deepEqual(fake.queries[1], { since: 3 });
  });

  it('reports what was dropped before the first byte', async () => {
    const fake = new FakeOutput([{ chunks: [chunk(15, 10, 5)], next: 15, droppedBytes: 10 }]);
    assert.deepEqual(await read(fake, {}, false), [{ droppedBytes: 10 }, chunk(15, 10, 5)]);
  });

  it('reports what was dropped while it was followed, by stream', async () => {
    const live = [chunk(3, 0, 3), chunk(7, 0, 4, 'stderr'), chunk(40, 30, 3), chunk(42, 4, 2, 'stderr')];
    const fake = new FakeOutput([], live);
    const [first, second, third, last] = live;
    assert.deepEqual(await read(fake, {}, true), [first, second, { droppedBytes: 27 }, third, last]);
  });

  it('does not report lines that do not match as dropped', async () => {
    const fake = new FakeOutput([{ chunks: [chunk(3, 0, 3)], next: 3 }], [chunk(40, 30, 3)]);
    assert.deepEqual(await read(fake, { grep: 'x' }, true), [chunk(3, 0, 3), chunk(40, 30, 3)]);
  });
});
