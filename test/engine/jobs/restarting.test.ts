import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { until } from '../../helpers/until.ts';
import { EngineFixture, failure } from '../../helpers/engine/engineFixture.ts';
import { processesWith } from '../../helpers/engine/processes.ts';

describe('restarting a job', () => {
  it('makes a new run and leaves the old one as it is', async () => {
    await using test = await EngineFixture.open();
    const script = 'echo run ${BGJOBS_RUN_ID##*.}; exit ${BGJOBS_RUN_ID##*.}';
    const first = await test.ended(await test.sh(script));
    const restarted = await test.engine.restartJob(first.id);
    assert.deepEqual([restarted.id, restarted.run, restarted.runs.length], [first.id, 2, 2]);
    const second = await test.ended(first);
    assert.deepEqual([second.exitCode, second.runs[1]?.runId], [2, `${first.id}.2`]);
    assert.deepEqual(second.runs[0], first.runs[0]);
    assert.equal(await test.text(first), 'run 2\n');
    assert.equal(await test.text(first, { run: 1 }), 'run 1\n');
    assert.deepEqual(await test.engine.getRun(`${first.id}.1`), first.runs[0]);
  });

  it('stops what runs first, all of it', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('sleep 60 & echo up; wait');
    await test.engine.restartJob(job.id, { actor: 'agent' });
    assert.deepEqual(processesWith(`BGJOBS_RUN_ID=${job.id}.1`), []);
    const { runs, status, exitCode, finishedAt } = await test.engine.getJob(job.id);
    assert.deepEqual([status, exitCode, finishedAt], ['running', null, null]);
    assert.deepEqual([runs[0]?.status, runs[0]?.reason, runs[1]?.status], ['killed', 'agent', 'running']);
  });

  it('does not end it for those that need it', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; exec sleep 60');
    const dependents = [];
    for (const condition of ['succeeded', 'finished'] as const)
      dependents.push(await test.start({ dependsOn: [{ job: job.id, condition }] }));
    await test.engine.restartJob(job.id);
    for (const { id } of dependents) assert.equal((await test.engine.getJob(id)).status, 'pending');
  });

  it('and killing it at the same time does what was asked for last', async () => {
    await using test = await EngineFixture.open();
    const stubborn = 'trap "" TERM; echo up; while :; do sleep 0.05; done';
    for (const isKilledLast of [true, false]) {
      const job = await test.up(stubborn, { graceMs: 2000 });
      const restart = (): Promise<unknown> => test.engine.restartJob(job.id);
      const kill = (): Promise<unknown> => test.engine.killJob(job.id);
      const [first, last] = isKilledLast ? [restart, kill] : [kill, restart];
      const answers = [first()];
      await test.reaches(job, 'stopping');
      answers.push(last());
      await Promise.all(answers);
      const { status, run } = await test.engine.getJob(job.id);
      assert.deepEqual([status, run], isKilledLast ? ['killed', 1] : ['running', 2]);
    }
  });

  it('asked for twice at once is done once', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; exec sleep 60');
    const answers = await Promise.all([test.engine.restartJob(job.id), test.engine.restartJob(job.id)]);
    assert.deepEqual(
      answers.map(({ id, run }) => [id, run]),
      [
        [job.id, 2],
        [job.id, 2],
      ],
    );
  });

  it('waits for its place as every job does, and shows nothing of the last run meanwhile', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const job = await test.ended(await test.sh('exit 3'));
    const other = await test.up('echo up; exec sleep 60');
    const waiting = await test.engine.restartJob(job.id);
    assert.deepEqual(
      [waiting.status, waiting.exitCode, waiting.reason, waiting.startedAt, waiting.finishedAt],
      ['pending', null, null, null, null],
    );
    assert.deepEqual(waiting.runs, job.runs);
    // Cancelled now, it has not run again; what it did before stays.
    const { job: cancelled } = await test.engine.killJob(job.id);
    assert.deepEqual([cancelled.status, cancelled.exitCode, cancelled.run], ['cancelled', null, 1]);
    assert.deepEqual(cancelled.runs, job.runs);
    await test.engine.killJob(other.id);
    assert.equal((await test.engine.restartJob(job.id)).run, 2);
    assert.equal((await test.ended(job)).exitCode, 3);
  });

  it('takes the environment of whoever asks', async () => {
    await using test = await EngineFixture.open();
    const inheritEnv = { PATH: process.env['PATH'] ?? '', WHO: 'first' };
    const job = await test.ended(await test.sh('echo "[$WHO]"', { inheritEnv }));
    await test.engine.restartJob(job.id, { inheritEnv: { ...inheritEnv, WHO: 'second' } });
    await test.ended(job);
    assert.equal(await test.text(job, { run: 1 }), '[first]\n');
    assert.equal(await test.text(job, { run: 2 }), '[second]\n');
  });

  it('is not for a job that waits, which is told of release where that helps', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    await test.up('echo up; exec sleep 60');
    for (const request of [{ held: true }, { at: '2099-01-01T00:00:00Z' }]) {
      const job = await test.start(request);
      await assert.rejects(test.engine.restartJob(job.id), failure('invalid_state', /waiting to start.* Use release/));
    }
    const job = await test.start();
    await assert.rejects(test.engine.restartJob(job.id), failure('invalid_state', /already waiting to start\.$/));
  });

  it('that is cancelled can be taken back', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const other = await test.up('echo up; exec sleep 60');
    const job = await test.sh('exit 4');
    await test.engine.killJob(job.id);
    await test.engine.killJob(other.id);
    const { run } = await test.engine.restartJob(job.id);
    assert.equal(run, 1);
    assert.equal((await test.ended(job)).exitCode, 4);
  });
});

describe('removing a job', () => {
  it('takes away its record and its logs', async () => {
    await using test = await EngineFixture.open();
    const [job, other] = [await test.ended(await test.sh('echo x')), await test.ended(await test.sh('echo y'))];
    assert.deepEqual(await test.engine.removeJob(job.id), job);
    await assert.rejects(test.engine.getJob(job.id), failure('job_not_found'));
    await assert.rejects(test.engine.getRun(`${job.id}.1`), failure('run_not_found'));
    assert.ok(job.runs.every(({ logs }) => !existsSync(dirname(logs.stdout))));
    assert.equal(readFileSync(other.runs[0]!.logs.stdout, 'utf8'), 'y\n');
    assert.deepEqual(test.events(job).at(-1)?.type, 'removed');
    await assert.rejects(test.engine.removeJob(job.id), failure('job_not_found'));
  });

  it('is for finished and held jobs', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const running = await test.up('echo up; exec sleep 60');
    const pending = await test.start();
    const held = await test.start({ held: true });
    await assert.rejects(test.engine.removeJob(running.id), failure('invalid_state', /running/));
    await assert.rejects(test.engine.removeJob(pending.id), failure('invalid_state', /pending/));
    assert.equal((await test.engine.removeJob(held.id)).status, 'held');
    assert.equal((await test.engine.listJobs()).total, 2);
  });

  it('never hits a job that was restarted just then', async () => {
    await using test = await EngineFixture.open();
    const job = await test.ended(await test.sh('sleep 61 >/dev/null 2>&1 & sleep 0.2'));
    process.kill(job.leftovers[0]!.pid, 'SIGKILL');
    await until('it is dead', () => (processesWith(test.home).length === 0 ? true : undefined));
    // It looks for what the job has left, which takes a moment; the other one does not.
    const refused = assert.rejects(test.engine.removeJob(job.id), failure('invalid_state', /just changed/));
    const restarted = test.engine.restartJob(job.id);
    await refused;
    assert.equal((await restarted).run, 2);
    assert.equal((await test.ended(job)).status, 'completed');
  });
});

describe('pinning a job', () => {
  it('is remembered and told', async () => {
    await using test = await EngineFixture.open();
    const job = await test.ended(await test.start());
    assert.equal((await test.engine.updateJob(job.id, { pinned: true })).pinned, true);
    assert.deepEqual(test.events(job).at(-1)?.type, 'updated');
    await test.close();
    await test.open();
    assert.equal((await test.engine.getJob(job.id)).pinned, true);
    assert.equal((await test.engine.updateJob(job.id, { pinned: false })).pinned, false);
    await assert.rejects(test.engine.updateJob(job.id, {}), failure('invalid_request', /pinned/));
    await assert.rejects(test.engine.updateJob('ffffffff', { pinned: true }), failure('job_not_found'));
  });
});
