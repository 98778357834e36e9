import assert from 'node:assert/strict';
import { EngineFixture, failure } from '../../helpers/engine/engineFixture.ts';

describe('waiting for a job', () => {
  it('ends with it, however it ends', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const job = await test.sh('exit 3');
    const waiting = await test.start({ held: false });
    assert.equal((await test.engine.waitForJob(job.id)).job.exitCode, 3);
    assert.equal((await test.engine.waitForJob(waiting.id)).job.status, 'completed');
    const again = await test.engine.waitForJob(job.id, { for: 'exit', timeoutMs: 0 });
    assert.deepEqual([again.timedOut, again.match, again.job.exitCode], [false, null, 3]);
    const killed = await test.up('echo up; exec sleep 60');
    const wait = test.engine.waitForJob(killed.id);
    await test.engine.killJob(killed.id);
    assert.equal((await wait).job.status, 'killed');
  });

  it('gives up when its time is up or its caller leaves, and touches nothing', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; exec sleep 60');
    const before = test.record(job);
    for (const what of ['exit', '/never/']) {
      const { timedOut, match, job: now } = await test.engine.waitForJob(job.id, { for: what, timeoutMs: 50 });
      assert.deepEqual([timedOut, match, now.status], [true, null, 'running']);
      const leaving = new AbortController();
      const wait = test.engine.waitForJob(job.id, { for: what }, leaving.signal);
      leaving.abort();
      assert.equal((await wait).timedOut, true);
    }
    assert.deepEqual(test.record(job), before);
  });

  it('for the start ends when it has started, or never will', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const first = await test.up('echo up; exec sleep 60');
    const second = await test.sh('exec sleep 60');
    const third = await test.start();
    const started = test.engine.waitForJob(second.id, { for: 'started' });
    const cancelled = test.engine.waitForJob(third.id, { for: 'started' });
    const timedOut = await test.engine.waitForJob(second.id, { for: 'started', timeoutMs: 20 });
    assert.deepEqual([timedOut.timedOut, timedOut.job.status], [true, 'pending']);
    await test.engine.killJob(third.id);
    await test.engine.killJob(first.id);
    assert.equal((await started).job.status, 'running');
    assert.equal((await cancelled).job.status, 'cancelled');
  });

  it('for a pattern gives the line, also one that is not finished, and one of long ago', async () => {
    await using test = await EngineFixture.open();
    const script = 'echo "one ready"; printf "Password: "; read answer; echo "got $answer" >&2; exec sleep 60';
    const job = await test.sh(script, { stdin: { type: 'pipe' } });
    const match = async (pattern: string) => (await test.engine.waitForJob(job.id, { for: `/${pattern}/` })).match;
    assert.equal(await match('Password: $'), 'Password: ');
    const answered = match('^got .+$');
    await test.engine.sendInput(job.id, { text: 'x\n' });
    assert.equal(await answered, 'got x');
    assert.equal(await match('ready'), 'one ready');
    await assert.rejects(test.engine.waitForJob(job.id, { for: '/(/' }), failure('invalid_request'));
  });

  it('for a pattern that never comes ends with the job', async () => {
    await using test = await EngineFixture.open();
    const job = await test.sh('echo no; sleep 0.2');
    const { timedOut, match, job: ended } = await test.engine.waitForJob(job.id, { for: '/yes/', timeoutMs: 60_000 });
    assert.deepEqual([timedOut, match, ended.status], [false, null, 'completed']);
  });

  it('for a pattern of a job that waits itself begins with its run', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const first = await test.up('echo up; exec sleep 60');
    const job = await test.sh('echo here');
    const wait = test.engine.waitForJob(job.id, { for: '/here/' });
    await test.engine.killJob(first.id);
    assert.equal((await wait).match, 'here');
  });

  it('refuses what it cannot wait for', async () => {
    await using test = await EngineFixture.open();
    const job = await test.ended(await test.start());
    await assert.rejects(test.engine.waitForJob(job.id, { for: 'up' }), failure('invalid_request', /for: must be/));
    await assert.rejects(test.engine.waitForJob('ffffffff'), failure('job_not_found'));
  });

  it('ends when the job is removed', async () => {
    await using test = await EngineFixture.open();
    const job = await test.start({ held: true });
    const gone = assert.rejects(test.engine.waitForJob(job.id), failure('job_not_found'));
    await test.engine.removeJob(job.id);
    await gone;
  });
});
