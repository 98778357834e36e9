import assert from 'node:assert/strict';
import { isEnded } from '../../../src/api/values.ts';
import { EngineFixture } from '../../helpers/engine/engineFixture.ts';
import { processesWith } from '../../helpers/engine/processes.ts';

describe('the time limits of a job', () => {
  it('end it, and say that they did', async () => {
    await using test = await EngineFixture.open();
    const job = await test.ended(await test.sh('sleep 60 | sleep 60', { timeoutMs: 100 }));
    assert.deepEqual(
      [job.status, job.reason, job.reasonText, job.exitCode, job.signal],
      ['timed_out', 'timeout', null, null, 'SIGTERM'],
    );
    assert.ok(job.durationMs !== null && job.durationMs >= 100);
    assert.deepEqual(processesWith(test.home), []);
  });

  it('escalate', async () => {
    await using test = await EngineFixture.open();
    const script = 'trap "" TERM; while :; do sleep 0.05; done';
    const job = await test.ended(await test.sh(script, { timeoutMs: 100, graceMs: 50 }));
    assert.deepEqual([job.status, job.signal], ['timed_out', 'SIGKILL']);
  });

  it('do nothing to a job that ends before', async () => {
    await using test = await EngineFixture.open();
    const job = await test.ended(await test.sh('exit 3', { timeoutMs: 60_000, idleTimeoutMs: 60_000 }));
    assert.deepEqual([job.status, job.exitCode, job.reason], ['failed', 3, 'exit']);
  });

  it('come from the settings where the job has none', async () => {
    await using test = await EngineFixture.open({ jobTimeoutMs: 100 });
    const own = await test.sh('sleep 60', { timeoutMs: 60_000 });
    assert.equal((await test.ended(await test.sh('sleep 60'))).reason, 'timeout');
    assert.equal((await test.engine.getJob(own.id)).status, 'running');
  });

  it('count silence from the last output on', async () => {
    await using test = await EngineFixture.open();
    // Longer in all than the limit; the pauses are much shorter than it.
    const script = 'for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.2; done; sleep 60';
    const job = await test.ended(await test.sh(script, { idleTimeoutMs: 1200 }));
    assert.deepEqual([job.status, job.reason], ['timed_out', 'idle_timeout']);
    assert.equal(await test.text(job), '1\n2\n3\n4\n5\n6\n7\n8\n');
    const lastOutput = (await test.engine.getOutput(job.id)).chunks.at(-1)?.time;
    assert.ok(lastOutput && job.finishedAt && Date.parse(job.finishedAt) - Date.parse(lastOutput) >= 1200);
  });

  it('count what is written to either stream', async () => {
    await using test = await EngineFixture.open();
    const script = 'for i in 1 2 3 4 5 6 7 8; do echo $i >&2; sleep 0.2; done; exit 4';
    const job = await test.ended(await test.sh(script, { idleTimeoutMs: 1200 }));
    assert.deepEqual([job.status, job.exitCode], ['failed', 4]);
  });

  it('let a kill that came first have its reason', async () => {
    await using test = await EngineFixture.open();
    const script = 'trap "" TERM; echo up; while :; do sleep 0.05; done';
    const job = await test.up(script, { timeoutMs: 2000, graceMs: 3000 });
    const { job: ended } = await test.engine.killJob(job.id, { reason: 'me' });
    assert.deepEqual([ended.status, ended.reason, ended.reasonText], ['killed', 'user', 'me']);
  });

  it('let a kill that comes after decide that it is not tried again', async () => {
    await using test = await EngineFixture.open();
    const script = 'trap "" TERM; echo up; while :; do sleep 0.05; done';
    const retry = { maxAttempts: 3, delayMs: 3_600_000, maxDelayMs: 3_600_000 };
    for (const requeue of [false, true]) {
      const job = await test.up(script, { timeoutMs: 1000, graceMs: 3_600_000, retry });
      await test.reaches(job, 'stopping');
      const asked = [
        test.engine.killJob(job.id, { requeue }),
        test.engine.killJob(job.id, { signal: 'KILL', requeue }),
      ];
      await Promise.all(asked);
      const { run, runs, status, dueAt } = await test.engine.getJob(job.id);
      assert.deepEqual([runs[0]?.status, runs[0]?.reason, dueAt], ['timed_out', 'timeout', null]);
      assert.deepEqual([run, isEnded(status)], requeue ? [2, false] : [1, true]);
    }
  });
});
