import assert from 'node:assert/strict';
import type { Job } from '../../../src/api/job.ts';
import { until } from '../../helpers/until.ts';
import { EngineFixture, failure } from '../../helpers/engine/engineFixture.ts';
import { commandLineOf, processesWith, signalIfThere, stateOf } from '../../helpers/engine/processes.ts';

const ticking = 'sh -c "while :; do sleep 0.05; done" & echo up; while :; do echo tick; sleep 0.05; done';

/** States of the command's processes: those of its supervisor are left out. */
function states(test: EngineFixture): (string | undefined)[] {
  const members = processesWith(test.home).filter((pid) => !commandLineOf(pid).includes('exec "$@"'));
  return members.map(stateOf);
}

describe('pausing a job', () => {
  it('stops every process of it, and going on lets them go on', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up(ticking);
    assert.equal((await test.engine.pauseJob(job.id)).status, 'paused');
    const stopped = states(test);
    assert.ok(stopped.length >= 2 && stopped.every((state) => state === 'T'), String(stopped));
    const { next } = await test.engine.getOutput(job.id);
    assert.equal((await test.engine.pauseJob(job.id)).status, 'paused');
    assert.equal((await test.engine.getOutput(job.id)).next, next);

    assert.equal((await test.engine.resumeJob(job.id)).status, 'running');
    await until('it ticks again', async () => ((await test.engine.getOutput(job.id)).next > next ? true : undefined));
    assert.ok(!states(test).includes('T'));
  });

  it('keeps its place', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const job = await test.up(ticking);
    await test.engine.pauseJob(job.id);
    assert.equal((await test.start()).status, 'pending');
    assert.equal((await test.engine.getMetrics()).runningJobs, 1);
  });

  it('does not keep it from being killed', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('trap "exit 7" TERM; echo up; while :; do sleep 0.05; done');
    await test.engine.pauseJob(job.id);
    const { job: ended, escalated } = await test.engine.killJob(job.id);
    assert.deepEqual([ended.status, ended.exitCode, escalated], ['killed', 7, false]);
    assert.deepEqual(processesWith(test.home), []);
  });

  it('does not count as silence', async () => {
    await using test = await EngineFixture.open();
    const idleTimeoutMs = 1000;
    const paused = await test.up('echo up; sleep 60', { idleTimeoutMs });
    await test.engine.pauseJob(paused.id);
    const silent = await test.ended(await test.sh('sleep 60', { idleTimeoutMs }));
    assert.equal(silent.reason, 'idle_timeout');
    assert.equal((await test.engine.getJob(paused.id)).status, 'paused');
    const resumedAt = Date.now();
    await test.engine.resumeJob(paused.id);
    const { reason, finishedAt } = await test.ended(paused);
    assert.equal(reason, 'idle_timeout');
    assert.ok(Date.parse(finishedAt ?? '') - resumedAt >= idleTimeoutMs);
  });

  it('is recorded as what it was when somebody else ends it', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; exec sleep 60');
    await test.engine.pauseJob(job.id);
    signalIfThere(job.pid!, 'SIGKILL');
    const { status, signal } = await test.ended(job);
    assert.deepEqual([status, signal], ['failed', 'SIGKILL']);
  });

  it('of a job that somebody else has stopped: going on lets it go on', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up(ticking);
    signalIfThere(job.pid!, 'SIGSTOP');
    await until('it is stopped', () => (stateOf(job.pid!) === 'T' ? true : undefined));
    assert.equal((await test.engine.resumeJob(job.id)).status, 'running');
    await until('it goes on', () => (stateOf(job.pid!) === 'T' ? undefined : true));
  });

  it('is for running jobs alone', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const refused = async ({ id, status }: Job): Promise<void> => {
      await assert.rejects(test.engine.pauseJob(id), failure('invalid_state', new RegExp(status)));
      await assert.rejects(test.engine.resumeJob(id), failure('invalid_state', new RegExp(status)));
    };
    await refused(await test.start({ held: true }));
    await refused(await test.ended(await test.start()));
    const stubborn = await test.up('trap "" TERM; echo up; while :; do sleep 0.05; done', { graceMs: 60_000 });
    await refused(await test.start());
    void test.engine.killJob(stubborn.id, { wait: false });
    await refused(await test.reaches(stubborn, 'stopping'));
    await test.engine.killJob(stubborn.id, { signal: 'KILL' });
  });
});
