import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../../../src/api/job.ts';
import { EngineFixture } from '../../helpers/engine/engineFixture.ts';
import { until } from '../../helpers/until.ts';

const hour = 3_600_000;
const day = 24 * hour;

describe('while somebody sets the clock', () => {
  const realNow = Date.now.bind(Date);
  let setBy = 0;
  beforeEach(() => {
    setBy = 0;
    mock.method(Date, 'now', () => realNow() + setBy);
  });
  afterEach(() => mock.restoreAll());

  const talking = 'echo up; until [ -e quiet ]; do echo x; sleep .1; done; exec sleep 60';

  for (const [what, step] of [
    ['an hour forward', hour],
    ['a day forward', day],
    ['an hour back', -hour],
    ['back to 1970', -realNow()],
  ] as const) {
    it(`a job is ended by its idle limit only if it is idle, ${what}`, async () => {
      await using test = await EngineFixture.open();
      const job = await test.up(talking, { idleTimeoutMs: 1500 });
      setBy = step;
      await sleep(2500);
      assert.equal((await test.engine.getJob(job.id)).status, 'running');
      await test.sh('touch quiet');
      const { reason } = await test.ended(job);
      assert.equal(reason, 'idle_timeout');
    });

    it(`the time limit and the duration are true, ${what}`, async () => {
      await using test = await EngineFixture.open();
      const job = await test.up('echo up; exec sleep 60', { timeoutMs: 1500 });
      setBy = step;
      checkDuration(await test.ended(job), 'timed_out', 1500);
      const short = await test.up('echo up; sleep 1');
      setBy = 0;
      checkDuration(await test.ended(short), 'completed', 1000);
    });

    it(`the delay before a start is what it was, ${what}`, async () => {
      await using test = await EngineFixture.open();
      const job = await test.sh('true', { delayMs: 2500 });
      assert.equal(job.status, 'scheduled');
      setBy = step;
      const begun = performance.now();
      await test.ended(job);
      const waited = performance.now() - begun;
      assert.ok(waited > 1000 && waited < 8000, `it waited ${waited} ms`);
    });

    it(`the delay before another attempt is what it was, ${what}`, async () => {
      await using test = await EngineFixture.open();
      const job = await test.sh('exit 1', { retry: { maxAttempts: 2, delayMs: 2500, jitter: 0 } });
      const waiting = await test.reaches(job, 'pending');
      setBy = step;
      const begun = performance.now();
      const again = await until('it runs again', async () => {
        const { run, runs } = await test.engine.getJob(job.id);
        return run === 2 ? runs[1] : undefined;
      });
      const waited = performance.now() - begun;
      assert.equal(waiting.run, 1);
      assert.ok(waited > 1000 && waited < 8000, `it waited ${waited} ms`);
      assert.ok(Math.abs(Date.parse(again.startedAt ?? '') - Date.now()) < 8000);
    });
  }

  it('the next host ends nothing because of that, and waits as long as before', async () => {
    await using test = await EngineFixture.open();
    const talks = await test.up(talking, { idleTimeoutMs: 1500 });
    const limited = await test.up('echo up; exec sleep 60', { timeoutMs: 20_000 });
    const delayed = await test.sh('exit 1', {
      retry: { maxAttempts: 2, delayMs: 600_000, maxDelayMs: 600_000, jitter: 0 },
    });
    await test.reaches(delayed, 'pending');
    await test.close();
    setBy = hour;
    await test.open();
    await sleep(2000);
    for (const job of [talks, limited]) assert.equal((await test.engine.getJob(job.id)).status, 'running');
    const { status, dueAt } = await test.engine.getJob(delayed.id);
    assert.equal(status, 'pending');
    const left = Date.parse(dueAt ?? '') - Date.now();
    assert.ok(left > 500_000 && left <= 600_000, `${left} ms are left`);
  });
});

function checkDuration(job: Job, status: string, atLeastMs: number): void {
  assert.equal(job.status, status);
  const { durationMs, startedAt, finishedAt } = job;
  assert.ok(durationMs !== null && durationMs >= atLeastMs - 50 && durationMs < atLeastMs + 5000, `${durationMs} ms`);
  assert.equal(Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? ''), durationMs);
}
