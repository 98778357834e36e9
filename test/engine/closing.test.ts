import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineFixture, failure } from '../helpers/engine/engineFixture.ts';

const stubborn = 'trap "" TERM; echo up; while :; do sleep 0.05; done';

/** What is under way when an engine lets go of its store: none of it may throw where nobody listens. */
describe('closing an engine', () => {
  it('leaves what runs running, for the next one', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; read line; exit 6', { stdin: { type: 'pipe' } });
    await test.close();
    await test.open();
    const adopted = await test.engine.getJob(job.id);
    assert.deepEqual(adopted, job);
    await test.engine.sendInput(job.id, { text: '\n' });
    assert.equal((await test.ended(job)).exitCode, 6);
  });

  it('while a job is being stopped: who waits is told, and the first reason stays', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up(stubborn, { graceMs: 60_000 });
    const told = assert.rejects(test.engine.killJob(job.id, { reason: 'mine' }), failure('host_stopping'));
    await test.reaches(job, 'stopping');
    await test.close();
    await told;
    await test.open();
    await test.engine.killJob(job.id, { signal: 'KILL', reason: 'late' });
    const ended = await test.ended(job);
    assert.deepEqual([ended.status, ended.signal, ended.reasonText], ['killed', 'SIGKILL', 'mine']);
  });

  it('while a job is being killed: who waits is told, and the next one records it', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; exec sleep 60');
    const told = assert.rejects(test.engine.killJob(job.id, { signal: 'KILL' }), failure('host_stopping'));
    await test.close();
    await told;
    await test.open();
    const ended = await test.ended(job);
    assert.deepEqual([ended.status, ended.signal, ended.reason], ['killed', 'SIGKILL', 'user']);
  });

  it('while jobs are being stopped for nobody: the next one goes on with it', async () => {
    await using test = await EngineFixture.open();
    const expired = await test.up(stubborn, { timeoutMs: 400, graceMs: 60_000 });
    const asked = await test.up(stubborn, { graceMs: 300 });
    await test.reaches(expired, 'stopping');
    const { job } = await test.engine.killJob(asked.id, { wait: false });
    assert.equal(job.status, 'stopping');
    await test.close();
    await test.open();
    const ended = await test.ended(asked);
    assert.deepEqual([ended.status, ended.signal], ['killed', 'SIGKILL']);
    await test.close();
    await test.open();
    assert.equal((await test.engine.getJob(expired.id)).status, 'stopping');
    await test.engine.killJob(expired.id, { signal: 'KILL' });
    assert.equal((await test.engine.getJob(expired.id)).status, 'timed_out');
  });

  it('while jobs start, end and leave something', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 0, maxConcurrentJobsPerSession: 0 });
    for (let turn = 0; turn < 8; turn++) {
      const scripts = ['exit 0', 'setsid sleep 60 >/dev/null 2>&1 & exit 3', 'exec sleep 60', 'echo x; exit 5'];
      const jobs = await Promise.all(scripts.map((script) => test.sh(script)));
      await sleep(turn * 3);
      await test.close();
      await test.open();
      await test.engine.killJob(jobs[2]!.id);
      const codes = await Promise.all(jobs.map(async (job) => (await test.ended(job)).exitCode));
      assert.deepEqual(codes, [0, 3, null, 5]);
    }
  });
});
