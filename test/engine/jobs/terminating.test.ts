import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import type { Job } from '../../../src/api/job.ts';
import { EngineFixture, failure } from '../../helpers/engine/engineFixture.ts';
import { endProcesses, parentOf, processesWith, signalIfThere } from '../../helpers/engine/processes.ts';

const stubborn = 'trap "" TERM; echo up; while :; do sleep 0.05; done';
const runOf = ({ id }: Job, number = 1): string => `${id}.${number}`;

const history = (test: EngineFixture, job: Job): unknown[] =>
  test.events(job).flatMap(({ toStatus }) => toStatus ?? []);

describe('terminating a run', () => {
  it('ends its tree and puts the job back into the queue', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const job = await test.up('echo up; sleep 60 | sleep 60');
    const important = await test.sh('sleep 60', { priority: 10 });
    const { job: now, ...answer } = await test.engine.terminateRun(runOf(job), { reason: 'stuck', actor: 'agent' });
    assert.deepEqual(
      { ...answer, durationMs: 0 },
      {
        ok: true,
        run_id: runOf(job),
        job_id: job.id,
        result: 'killed',
        signal: 'SIGTERM',
        escalated: false,
        durationMs: 0,
        survivors: [],
      },
    );
    assert.deepEqual([now.status, now.run], ['pending', 1]);
    assert.deepEqual(processesWith(`BGJOBS_RUN_ID=${runOf(job)}`), []);
    // Its place goes to whoever is first in the queue.
    await test.reaches(important, 'running');
    await test.engine.killJob(important.id);
    const { runs } = await test.reaches(job, 'running');
    assert.deepEqual(
      runs.map(({ status, reason, reasonText }) => [status, reason, reasonText]),
      [
        ['killed', 'agent', 'stuck'],
        ['running', null, null],
      ],
    );
  });

  it('holds the job, if asked, until it is released', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up(stubborn, { graceMs: 100 });
    const answer = await test.engine.terminateRun(runOf(job), { requeue: false });
    assert.deepEqual([answer.result, answer.escalated, answer.job.status], ['killed', true, 'held']);
    assert.deepEqual(processesWith(test.home), []);
    assert.deepEqual(history(test, job).slice(-3), ['stopping', 'killed', 'held']);
    assert.equal(test.engine.isIdle(), true);
    const { status, signal, reason } = await test.engine.getRun(runOf(job));
    assert.deepEqual([status, signal, reason], ['killed', 'SIGKILL', 'user']);
    await test.engine.releaseJob(job.id);
    const again = await test.reaches(job, 'running');
    assert.deepEqual([again.run, again.runs.length], [2, 2]);
  });

  it('lets go of the time at which it was to start, when it was released before', async () => {
    await using test = await EngineFixture.open();
    const job = await test.sh('sleep 60', { at: '2099-01-01T00:00:00Z' });
    await test.engine.releaseJob(job.id);
    await test.reaches(job, 'running');
    await test.engine.terminateRun(runOf(job), { requeue: false });
    assert.equal((await test.engine.releaseJob(job.id)).run, 2);
  });

  it('of a paused job as well', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; while :; do sleep 0.05; done');
    await test.engine.pauseJob(job.id);
    assert.equal((await test.engine.terminateRun(runOf(job), { requeue: false })).escalated, false);
    assert.deepEqual(processesWith(test.home), []);
  });

  it('changes nothing of a run that has ended, whatever its job does now', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const job = await test.ended(await test.sh('exit 3'));
    const before = test.record(job);
    await assert.rejects(test.engine.terminateRun(runOf(job)), failure('job_already_ended', /Run 1 .*failed/));
    assert.deepEqual(test.record(job), before);
    const other = await test.up('echo up; exec sleep 60');
    // It waits for its second run, which has no number yet.
    await test.engine.restartJob(job.id);
    await assert.rejects(test.engine.terminateRun(runOf(job)), failure('job_already_ended'));
    assert.equal((await test.engine.getJob(job.id)).status, 'pending');
    await test.engine.killJob(other.id);
  });

  it('never hits a newer run', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; exec sleep 60');
    await test.engine.restartJob(job.id);
    await assert.rejects(test.engine.terminateRun(runOf(job)), failure('run_superseded', /current run is 2/));
    assert.equal((await test.engine.getJob(job.id)).status, 'running');
    assert.equal((await test.engine.terminateRun(runOf(job, 2), { requeue: false })).run_id, runOf(job, 2));
  });

  it('is done once, whoever else asks meanwhile', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up(stubborn, { graceMs: 300 });
    const answers = await Promise.allSettled(
      [true, false, true].map((requeue) => test.engine.terminateRun(runOf(job), { requeue })),
    );
    assert.deepEqual(
      answers.map((answer) => (answer.status === 'rejected' ? (answer.reason as { code: string }).code : 'done')),
      ['done', 'invalid_state', 'invalid_state'],
    );
    assert.equal((await test.reaches(job, 'running')).run, 2);
  });

  it('leaves a kill that is under way as it is', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up(stubborn, { graceMs: 300 });
    await test.engine.killJob(job.id, { wait: false });
    await assert.rejects(test.engine.terminateRun(runOf(job)), failure('invalid_state', /already being stopped/));
    assert.equal((await test.ended(job)).status, 'killed');
  });

  it('starts nothing again when somebody kills the job meanwhile', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up(stubborn, { graceMs: 2000 });
    const terminating = test.engine.terminateRun(runOf(job), { reason: 'first' });
    await test.reaches(job, 'stopping');
    const killed = await test.engine.killJob(job.id, { reason: 'second' });
    assert.deepEqual([killed.result, killed.job.status, killed.job.reasonText], ['killed', 'killed', 'first']);
    assert.deepEqual([(await terminating).job.status, history(test, job).at(-1)], ['killed', 'killed']);
  });

  it('refuses what it does not know', async () => {
    await using test = await EngineFixture.open();
    const held = await test.start({ held: true });
    for (const runId of [runOf(held), held.id, 'x', '', `${held.id}.0`, `../${held.id}.1`]) {
      await assert.rejects(test.engine.terminateRun(runId), failure('run_not_found'));
    }
    const job = await test.up('echo up; exec sleep 60');
    const unknown = { requeue: true, signal: 'KILL' };
    await assert.rejects(test.engine.terminateRun(runOf(job), unknown), failure('invalid_request', /signal/));
    assert.equal((await test.engine.getJob(job.id)).status, 'running');
  });
});

describe('terminating a run, and the next engine', () => {
  /** Asks for it, and closes the engine before it is done. */
  async function interrupted(test: EngineFixture, job: Job, requeue: boolean): Promise<void> {
    const asked = test.engine.terminateRun(runOf(job), { requeue, reason: 'mine' });
    const told = assert.rejects(asked, failure('host_stopping'));
    await test.reaches(job, 'stopping');
    await test.close();
    await told;
  }

  for (const [requeue, next] of [
    [true, 'running'],
    [false, 'held'],
  ] as const) {
    it(`goes on with it: the job is ${next} in the end`, async () => {
      await using test = await EngineFixture.open();
      const job = await test.up(stubborn, { graceMs: 300 });
      await interrupted(test, job, requeue);
      await test.open();
      await test.reaches(job, next);
      assert.deepEqual(processesWith(`BGJOBS_RUN_ID=${runOf(job)}`), []);
      const { status, signal, reasonText } = await test.engine.getRun(runOf(job));
      assert.deepEqual([status, signal, reasonText], ['killed', 'SIGKILL', 'mine']);
    });

    it(`does so after the machine went down: the job is ${next}`, async () => {
      await using test = await EngineFixture.open();
      const job = await test.up(stubborn, { graceMs: 60_000 });
      await interrupted(test, job, requeue);
      signalIfThere(parentOf(job.pid!)!, 'SIGKILL');
      await endProcesses(`BGJOBS_JOB_ID=${job.id}`);
      using database = new DatabaseSync(test.path('jobs.db'));
      database.exec(`UPDATE runs SET supervisor = json_set(supervisor, '$.bootId', 'an earlier boot')`);
      await test.open();
      await test.reaches(job, next);
      const { status, reason } = await test.engine.getRun(runOf(job));
      assert.deepEqual([status, reason], ['lost', 'reboot']);
    });
  }
});
