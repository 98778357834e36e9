import assert from 'node:assert/strict';
import type { Job } from '../../../src/api/job.ts';
import { EngineFixture, failure } from '../../helpers/engine/engineFixture.ts';
import { processesWith, signalIfThere } from '../../helpers/engine/processes.ts';

/** Says `up` and does not mind being asked to leave. */
const stubborn = 'trap "" TERM INT HUP QUIT; echo up; while :; do sleep 0.1; done';

describe('killing a job', () => {
  for (const [given, signal] of [
    [undefined, 'SIGTERM'],
    ['int', 'SIGINT'],
    ['HUP', 'SIGHUP'],
    ['SIGQUIT', 'SIGQUIT'],
    ['kill', 'SIGKILL'],
  ]) {
    it(`ends its tree with ${given ?? 'TERM, when nothing is said'}`, async () => {
      await using test = await EngineFixture.open();
      const job = await test.up('ulimit -c 0; echo up; sleep 60 | sleep 60');
      const answer = await test.engine.killJob(job.id, { signal: given, reason: 'enough', actor: 'agent' });
      assert.deepEqual(
        [answer.result, answer.signal, answer.escalated, answer.survivors, answer.leftoversEnded],
        ['killed', signal, false, [], 0],
      );
      assert.deepEqual(processesWith(test.home), []);
      const { status, reason, reasonText, exitCode, signal: ended, finishedAt } = answer.job;
      assert.deepEqual([status, reason, reasonText, exitCode, ended], ['killed', 'agent', 'enough', null, signal]);
      assert.ok(finishedAt);
      assert.deepEqual(await test.engine.getJob(job.id), answer.job);
    });
  }

  it('keeps the code of a command that ends itself when it is asked to', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('trap "exit 7" TERM; echo up; while :; do sleep 0.05; done');
    const { job: ended, escalated } = await test.engine.killJob(job.id);
    assert.deepEqual([ended.status, ended.exitCode, ended.signal, escalated], ['killed', 7, null, false]);
  });

  it('escalates when the grace time is over', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up(stubborn, { graceMs: 100 });
    const { result, escalated, job: ended } = await test.engine.killJob(job.id);
    assert.deepEqual([result, escalated, ended.status, ended.signal], ['killed', true, 'killed', 'SIGKILL']);
    assert.deepEqual(processesWith(test.home), []);
  });

  it("takes the caller's grace time instead of the job's", async () => {
    await using test = await EngineFixture.open();
    const job = await test.up(stubborn, { graceMs: 3_600_000 });
    assert.equal((await test.engine.killJob(job.id, { graceMs: 0 })).escalated, true);
  });

  it('joins a second request to the first, whose reason stays', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up(stubborn, { graceMs: 500 });
    const first = test.engine.killJob(job.id, { reason: 'first' });
    const second = test.engine.killJob(job.id, { reason: 'second', actor: 'agent' });
    const answers = await Promise.all([first, second]);
    for (const { result, job: ended } of answers) {
      assert.deepEqual([result, ended.reason, ended.reasonText], ['killed', 'user', 'first']);
    }
    assert.equal(answers[0].durationMs, answers[1].durationMs);
  });

  it('does not wait for the grace time when KILL comes after', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up(stubborn, { graceMs: 3_600_000 });
    const first = test.engine.killJob(job.id, { reason: 'first' });
    await test.reaches(job, 'stopping');
    const answers = await Promise.all([test.engine.killJob(job.id, { signal: 'KILL', reason: 'second' }), first]);
    for (const { result, job: ended } of answers) {
      assert.deepEqual([result, ended.signal, ended.reasonText], ['killed', 'SIGKILL', 'first']);
    }
  });

  it('answers at once if asked, and goes on', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up(stubborn, { graceMs: 500, stdin: { type: 'pipe' } });
    const { result, job: now } = await test.engine.killJob(job.id, { wait: false });
    assert.deepEqual([result, now.status, now.finishedAt], ['stopping', 'stopping', null]);
    await assert.rejects(test.engine.sendInput(job.id, { text: 'x' }), failure('invalid_state', /stopping.*stopped/));
    assert.equal((await test.ended(job)).status, 'killed');
  });

  it('leaves a job that has ended as it is, to the last byte', async () => {
    await using test = await EngineFixture.open();
    const job = await test.ended(await test.sh('exit 3'));
    const before = test.record(job);
    for (const signal of ['TERM', 'KILL', 'USR1']) {
      const answer = await test.engine.killJob(job.id, { signal, reason: 'late', requeue: true });
      assert.deepEqual(
        [answer.result, answer.signal, answer.leftoversEnded, answer.job],
        ['already_terminated', null, 0, job],
      );
    }
    await assert.rejects(test.engine.pauseJob(job.id), failure('invalid_state'));
    await assert.rejects(test.engine.resumeJob(job.id), failure('invalid_state'));
    assert.deepEqual(test.record(job), before);
  });

  it('has nothing to signal of a job that does not run', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const held = await test.start({ held: true });
    await assert.rejects(test.engine.killJob(held.id), failure('invalid_state', /held.*release.*remove/));
    await test.sh('sleep 60');
    const pending = await test.start();
    await assert.rejects(test.engine.killJob(pending.id, { signal: 'USR1' }), failure('invalid_state', /pending/));
    await assert.rejects(test.engine.killJob(pending.id, { escalate: false }), failure('invalid_state'));
    assert.equal((await test.engine.getJob(pending.id)).status, 'pending');
  });

  it('refuses what it does not know', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; exec sleep 60');
    await assert.rejects(test.engine.killJob(job.id, { signal: 'STOP' }), failure('unknown_signal', /SIGTERM/));
    await assert.rejects(test.engine.killJob(job.id, { signal: '' }), failure('unknown_signal'));
    await assert.rejects(test.engine.killJobs({ all: true, signal: 'BOO' }), failure('unknown_signal'));
    await assert.rejects(test.engine.killJob('ffffffff', {}), failure('job_not_found'));
    await assert.rejects(test.engine.killJob(job.id, { run: 2 }), failure('run_not_found'));
    await assert.rejects(test.engine.killJobs({}), failure('invalid_request'));
    await assert.rejects(test.engine.killJobs({ all: true, session: 's' }), failure('invalid_request'));
    await assert.rejects(test.engine.killJobs({ session: 'none', signal: 'BOO' }), failure('unknown_signal'));
    assert.equal((await test.engine.getJob(job.id)).status, 'running');
  });

  it('names an exact run and never hits another', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const job = await test.up('echo up; exec sleep 60');
    await test.engine.restartJob(job.id);
    await assert.rejects(test.engine.killJob(job.id, { run: 1 }), failure('run_superseded', /current run is 2/));
    assert.equal((await test.engine.killJob(job.id, { run: 2 })).result, 'killed');
    // It waits for its third run now: that is neither the first nor the second.
    await test.sh('sleep 60');
    assert.equal((await test.engine.restartJob(job.id)).status, 'pending');
    for (const run of [1, 2]) {
      const refused = failure('run_superseded', /has ended; the job is pending/);
      await assert.rejects(test.engine.killJob(job.id, { run }), refused);
    }
    await assert.rejects(test.engine.killJob(job.id, { run: 3 }), failure('run_not_found'));
    assert.equal((await test.engine.getJob(job.id)).status, 'pending');
  });

  it('delivers a signal that asks for no end, and no more', async () => {
    await using test = await EngineFixture.open();
    const script = 'trap "echo usr1" USR1; trap "echo term" TERM; echo up; while :; do sleep 0.05; done';
    const job = await test.up(script, { graceMs: 0 });
    for (const [request, word] of [
      [{ signal: 'usr1' }, 'usr1'],
      [{ signal: 'TERM', escalate: false }, 'term'],
    ] as const) {
      const { result, escalated, job: now } = await test.engine.killJob(job.id, request);
      assert.deepEqual([result, escalated, now.status], ['signalled', false, 'running']);
      await test.says(job, word);
    }
    assert.deepEqual(
      test.events(job).flatMap(({ type, text }) => (type === 'signalled' ? [text] : [])),
      ['SIGUSR1', 'SIGTERM'],
    );
  });

  it('escalates with USR1 when that is asked for', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('trap "" USR1; echo up; while :; do sleep 0.05; done', { graceMs: 50 });
    const { result, escalated } = await test.engine.killJob(job.id, { signal: 'USR1', escalate: true });
    assert.deepEqual([result, escalated], ['killed', true]);
  });

  it('says killed, and by whom, of a job that dies of a signal that was only delivered', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; exec sleep 60');
    await test.engine.killJob(job.id, { signal: 'USR2', actor: 'agent' });
    const { status, signal, reason } = await test.ended(job);
    assert.deepEqual([status, signal, reason], ['killed', 'SIGUSR2', 'agent']);
  });

  it('says failed of a job that somebody else has killed', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; exec sleep 60');
    signalIfThere(job.pid!, 'SIGTERM');
    const { status, signal, reason } = await test.ended(job);
    assert.deepEqual([status, signal, reason], ['failed', 'SIGTERM', 'signal']);
  });

  it('puts the job back into the queue, if asked, when it is dead', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const job = await test.up('echo $BGJOBS_RUN_ID >>ran; echo up; exec sleep 60');
    const important = await test.sh('sleep 60', { priority: 10 });
    const { result } = await test.engine.killJob(job.id, { requeue: true });
    assert.equal(result, 'killed');
    // Its place goes to whoever is first in the queue.
    await test.reaches(important, 'running');
    assert.equal((await test.engine.getJob(job.id)).status, 'pending');
    await test.engine.killJob(important.id);
    const again = await test.reaches(job, 'running');
    await test.says(again, 'up');
    assert.deepEqual(test.file('ran').split('\n'), [`${job.id}.1`, `${job.id}.2`, '']);
    assert.deepEqual(
      (await test.engine.getJob(job.id)).runs.map(({ status, reason }) => [status, reason]),
      [
        ['killed', 'user'],
        ['running', null],
      ],
    );
  });

  it('stops many: a session, a tag, all; those that wait never start', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 2 });
    const script = 'echo ran >>ran; exec sleep 60';
    const options = [{ session: 'a' }, { session: 'b', tags: { k: 'v' } }, { session: 'a' }, { session: 'b' }];
    const jobs: Job[] = [];
    for (const option of options) jobs.push(await test.sh(script, option));
    const statuses = async () => Promise.all(jobs.map(async ({ id }) => (await test.engine.getJob(id)).status));
    const byTag = await test.engine.killJobs({ tag: 'k=v' });
    assert.deepEqual(
      byTag.results.map(({ result }) => result),
      ['killed'],
    );
    await test.engine.killJobs({ session: 'a' });
    const [first, , third] = await statuses();
    assert.ok(first === 'killed' && (third === 'killed' || third === 'cancelled'));
    await test.engine.killJobs({ all: true });
    assert.ok((await statuses()).every((status) => status === 'killed' || status === 'cancelled'));
    assert.deepEqual((await test.engine.killJobs({ all: true })).results, []);
    assert.deepEqual(processesWith(test.home), []);
  });

  it('of all, with a signal that only informs, leaves those alone that wait', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const running = await test.up('trap "echo usr1" USR1; echo up; while :; do sleep 0.05; done');
    const pending = await test.start();
    const { results } = await test.engine.killJobs({ all: true, signal: 'USR1' });
    assert.deepEqual(
      results.map(({ result, job }) => [result, job.id]),
      [['signalled', running.id]],
    );
    assert.equal((await test.engine.getJob(pending.id)).status, 'pending');
  });
});
