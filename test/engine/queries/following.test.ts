import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import type { Job } from '../../../src/api/job.ts';
import type { Chunk, OutputQuery } from '../../../src/api/output.ts';
import { until } from '../../helpers/until.ts';
import { EngineFixture, failure } from '../../helpers/engine/engineFixture.ts';

/** Follows to the end, or until `enough` says so. What has come so far is in `chunks`. */
async function follow(
  test: EngineFixture,
  { id }: Job,
  query: OutputQuery = {},
  enough = new AbortController(),
  chunks: Chunk[] = [],
) {
  for await (const chunk of test.engine.followOutput(id, query, enough.signal)) chunks.push(chunk);
  return chunks;
}

const textOf = (chunks: readonly Chunk[]): string => chunks.map(({ text }) => text).join('');

describe('following the output of a job', () => {
  it('gives every byte once, from whatever position on, to the end', async () => {
    await using test = await EngineFixture.open();
    const script = 'i=0; while [ $i -lt 200 ]; do echo "line $i"; i=$((i+1)); [ $((i % 20)) = 0 ] && sleep 0.01; done';
    const job = await test.sh(script);
    const [live, tail] = await Promise.all([follow(test, job), follow(test, job, { since: 100 })]);
    const whole = Array.from({ length: 200 }, (_, index) => `line ${index}\n`).join('');
    assert.equal(textOf(live), whole);
    assert.equal(textOf(tail), whole.slice(100));
    assert.equal(textOf(await follow(test, job)), whole);
    let seq = 0;
    for (const chunk of live) assert.equal(chunk.seq, (seq += chunk.length));
  });

  it('of a job that waits begins when it starts; of one that never does, there is none', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const first = await test.up('echo up; exec sleep 60');
    const [second, third] = [await test.sh('echo second'), await test.sh('echo third')];
    const following = [follow(test, second), follow(test, third)];
    await test.engine.killJob(third.id);
    await test.engine.killJob(first.id);
    const [runs, never] = await Promise.all(following);
    assert.deepEqual([textOf(runs!), never], ['second\n', []]);
  });

  it('ends when the reader leaves, and not before', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; exec sleep 60');
    const enough = new AbortController();
    const seen: Chunk[] = [];
    const following = follow(test, job, {}, enough, seen);
    await until('the first line has come', () => seen.length || undefined);
    await test.engine.pauseJob(job.id);
    enough.abort();
    assert.equal(textOf(await following), 'up\n');
    await assert.rejects(follow(test, job, { run: 2 }), failure('run_not_found'));
    await assert.rejects(follow(test, job, { grep: '(' }), failure('invalid_request'));
    await assert.rejects(follow(test, { ...job, id: 'ffffffff' }), failure('job_not_found'));
  });
});

describe('a log that is limited', () => {
  it('drops its oldest bytes, says how many, and is the same for the next engine', async () => {
    await using test = await EngineFixture.open();
    const script = 'head -c 1000000 /dev/zero | tr "\\0" x; echo end';
    const { id } = await test.ended(await test.sh(script, { maxLogBytes: 65_536 }));
    // What was written last may be cut a moment after the end. A log that is a quarter too long is not cut again.
    const run = await until('the log is cut', async () => {
      const [last] = (await test.engine.getJob(id)).runs;
      return last && last.droppedBytes >= 1_000_004 - 1.25 * 65_536 && statSync(last.logs.stdout).blocks * 512 < 200_000
        ? last
        : undefined;
    });
    assert.equal(run.stdoutBytes, 1_000_004);
    const read = async () => {
      const { chunks, droppedBytes, next } = await test.engine.getOutput(id);
      const text = textOf(chunks);
      assert.equal(text, `${'x'.repeat(1_000_000 - droppedBytes)}end\n`);
      return { droppedBytes, next };
    };
    const before = await read();
    assert.deepEqual(before, { droppedBytes: run.droppedBytes, next: 1_000_004 });
    await test.close();
    await test.open();
    assert.deepEqual(await read(), before);
    assert.equal((await test.engine.getJob(id)).runs[0]?.droppedBytes, run.droppedBytes);
  });
});
