import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { readExitRecord } from '../../../src/engine/launch/supervisor.ts';
import type { Job } from '../../../src/api/job.ts';
import { until } from '../../helpers/until.ts';
import { EngineFixture } from '../../helpers/engine/engineFixture.ts';
import {
  childrenOf,
  endProcesses,
  parentOf,
  processesWith,
  signalIfThere,
  stateOf,
} from '../../helpers/engine/processes.ts';

/** Waits while nobody looks. */
const untilTold = 'while ! [ -e told ]; do sleep 0.02; done';
const tell = (test: EngineFixture): void => writeFileSync(test.path('told'), '');

const stubborn = 'trap "" TERM; echo up; while :; do sleep 0.05; done';

/** What an earlier host has written, as the next one finds it. */
function change(test: EngineFixture, sql: string, ...values: (string | number | null)[]): void {
  using database = new DatabaseSync(test.path('jobs.db'));
  database.prepare(sql).run(...values);
}

function changeSupervisor(test: EngineFixture, field: string, value: string | number): void {
  change(test, `UPDATE runs SET supervisor = json_set(supervisor, '$.${field}', ?)`, value);
}

/** While nobody looks, everything of it is gone, without a word in its record. */
async function killSilently(job: Job): Promise<void> {
  signalIfThere(parentOf(job.pid!)!, 'SIGKILL');
  await endProcesses(`BGJOBS_JOB_ID=${job.id}`);
}

const folderOf = (job: Job): string => dirname(job.runs[0]!.logs.stdout);

function recorded(job: Job): Promise<unknown> {
  return until('the end is recorded', () => readExitRecord(folderOf(job)));
}

describe('adopting', () => {
  it('a job that ended meanwhile keeps its exit code, its whole output and the time of its end', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up(`echo up; ${untilTold}; echo last; exit 42`);
    await test.close();
    tell(test);
    await recorded(job);
    const before = Date.now();
    await test.open();
    const ended = await test.engine.getJob(job.id);
    assert.deepEqual([ended.status, ended.exitCode, ended.reason], ['failed', 42, 'exit']);
    assert.ok(Date.parse(ended.finishedAt ?? '') <= before);
    assert.equal(await test.text(job), 'up\nlast\n');
    assert.deepEqual([ended.runs[0]?.stdoutBytes, ended.runs.length], [8, 1]);
  });

  it('a job that was ended by a signal meanwhile keeps the signal', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; exec sleep 60');
    await test.close();
    signalIfThere(job.pid!, 'SIGKILL');
    await recorded(job);
    await test.open();
    const { status, exitCode, signal, reason } = await test.engine.getJob(job.id);
    assert.deepEqual([status, exitCode, signal, reason], ['failed', null, 'SIGKILL', 'signal']);
  });

  it('a job from before a reboot marks it lost', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; exec sleep 60');
    await test.close();
    await killSilently(job);
    changeSupervisor(test, 'bootId', 'an earlier boot');
    await test.open();
    const lost = await test.engine.getJob(job.id);
    assert.deepEqual([lost.status, lost.reason, lost.exitCode, lost.signal], ['lost', 'reboot', null, null]);
    assert.ok(lost.finishedAt);
    assert.equal(await test.text(job), 'up\n');
    assert.equal(test.engine.isIdle(), true);
  });

  it('a job from before a reboot runs again if it asks for that', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; exec sleep 60', { afterReboot: 'restart' });
    await test.close();
    await killSilently(job);
    changeSupervisor(test, 'bootId', 'an earlier boot');
    await test.open();
    const again = await until('it runs again', async () => {
      const now = await test.engine.getJob(job.id);
      return now.status === 'running' ? now : undefined;
    });
    assert.deepEqual([again.run, again.runs[0]?.status, again.runs[0]?.reason], [2, 'lost', 'reboot']);
  });

  it('a job that ended before a reboot keeps what was recorded', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up(`echo up; ${untilTold}; exit 5`);
    await test.close();
    tell(test);
    await recorded(job);
    changeSupervisor(test, 'bootId', 'an earlier boot');
    await test.open();
    const { status, exitCode, reason } = await test.engine.getJob(job.id);
    assert.deepEqual([status, exitCode, reason], ['failed', 5, 'exit']);
  });

  it('a job that was being stopped before a reboot records that', async () => {
    await using test = await EngineFixture.open();
    const [obeys, ignores] = [
      await test.up('trap "exit 9" TERM; echo up; while :; do sleep 0.05; done'),
      await test.up(stubborn),
    ];
    await test.engine.killJob(ignores.id, { wait: false, reason: 'mine' });
    const { id } = obeys;
    await test.close();
    // It was stopped in the very last moment, and has obeyed.
    const stop = JSON.stringify({
      signal: 'SIGTERM',
      graceMs: 1,
      reason: 'user',
      reasonText: 'too late',
      requestedAt: 1,
      next: null,
    });
    change(test, `UPDATE jobs SET status = 'stopping' WHERE id = ?`, id);
    change(
      test,
      `UPDATE runs SET status = 'stopping', stop = ? WHERE job = (SELECT row FROM jobs WHERE id = ?)`,
      stop,
      id,
    );
    signalIfThere(obeys.pid!, 'SIGTERM');
    await recorded(obeys);
    await killSilently(ignores);
    changeSupervisor(test, 'bootId', 'an earlier boot');
    await test.open();
    const ended = await test.engine.getJob(id);
    assert.deepEqual([ended.status, ended.exitCode, ended.reason, ended.reasonText], ['killed', 9, 'user', 'too late']);
    const lost = await test.engine.getJob(ignores.id);
    assert.deepEqual([lost.status, lost.reason], ['lost', 'reboot']);
  });

  it('a job whose supervisor was killed marks it lost, and its remaining processes can be ended', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; exec sleep 60');
    await test.close();
    signalIfThere(parentOf(job.pid!)!, 'SIGKILL');
    await test.open();
    const lost = await test.ended(job);
    assert.deepEqual([lost.status, lost.reason], ['lost', 'supervisor_lost']);
    assert.deepEqual(lost.leftovers, [{ pid: job.pid, command: 'sleep 60' }]);
    const { result, leftoversEnded } = await test.engine.killJob(job.id);
    assert.deepEqual([result, leftoversEnded], ['already_terminated', 1]);
    assert.deepEqual(processesWith(test.home), []);
  });

  it('never touches another process that has the pid of a supervisor', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; exec sleep 60', { leftovers: 'kill' });
    await test.close();
    await killSilently(job);
    // Somebody's session, with a program in it.
    const stranger = spawn('sh', ['-c', 'sleep 60; exit'], { detached: true, stdio: 'ignore' });
    const program = await until('it runs', () => childrenOf(stranger.pid!)[0]);
    try {
      // The same number, but another time: the supervisor was older.
      changeSupervisor(test, 'pid', stranger.pid!);
      await test.open();
      const lost = await test.ended(job);
      assert.deepEqual([lost.status, lost.leftovers], ['lost', []]);
      await test.engine.killJob(job.id, { signal: 'KILL' });
      assert.deepEqual([stateOf(stranger.pid!), stateOf(program)], ['S', 'S']);
    } finally {
      process.kill(-stranger.pid!, 'SIGKILL');
    }
  });

  it('a job that was not recorded as running finds it by its run id', async () => {
    await using test = await EngineFixture.open();
    // What it starts leads groups of its own as well, and bears the same mark.
    const job = await test.up('setsid sleep 60 & echo up; read line; exit 6', { stdin: { type: 'pipe' } });
    const supervisor = parentOf(job.pid!);
    await test.close();
    change(test, `UPDATE jobs SET status = 'starting'`);
    change(test, `UPDATE runs SET status = 'starting', supervisor = NULL, pid = NULL`);
    await test.open();
    const found = await test.reaches(job, 'running');
    const record = test.record(job) as { runs: { supervisor: string }[] };
    assert.equal((JSON.parse(record.runs[0]!.supervisor) as { pid: number }).pid, supervisor);
    await until('its pid is known', async () =>
      (await test.engine.getJob(found.id)).pid === job.pid ? true : undefined,
    );
    await test.engine.sendInput(job.id, { text: '\n' });
    const { status, exitCode, leftovers } = await test.ended(job);
    assert.deepEqual([status, exitCode, leftovers[0]?.command], ['failed', 6, 'sleep 60']);
  });

  it('a paused job keeps it paused, and it can be resumed', async () => {
    await using test = await EngineFixture.open();
    const job = await test.up('echo up; while :; do sleep 0.05; done');
    await test.engine.pauseJob(job.id);
    await test.close();
    await test.open();
    assert.equal((await test.engine.getJob(job.id)).status, 'paused');
    assert.equal(stateOf(job.pid!), 'T');
    assert.equal((await test.engine.resumeJob(job.id)).status, 'running');
    assert.notEqual(stateOf(job.pid!), 'T');
  });

  it('a job with time limits counts them from the start of the job, not of the host', async () => {
    await using test = await EngineFixture.open();
    const limited = await test.up('echo up; exec sleep 60', { timeoutMs: 60_000 });
    const silent = await test.up('echo up; exec sleep 60', { idleTimeoutMs: 60_000 });
    const patient = await test.up('echo up; exec sleep 60', { timeoutMs: 3_600_000, idleTimeoutMs: 3_600_000 });
    await test.close();
    // Long ago, so that both are over.
    change(test, `UPDATE runs SET startedAt = startedAt - 600000`);
    change(test, `UPDATE runs SET supervisor = json_set(supervisor, '$.awakeAt', supervisor ->> 'awakeAt' - 600000)`);
    change(test, `UPDATE chunks SET time = time - 600000`);
    const opened = Date.now();
    await test.open();
    for (const [job, reason] of [
      [limited, 'timeout'],
      [silent, 'idle_timeout'],
    ] as const) {
      const ended = await test.ended(job);
      assert.deepEqual([ended.status, ended.reason], ['timed_out', reason]);
      assert.ok(Date.parse(ended.finishedAt ?? '') >= opened);
    }
    assert.equal((await test.engine.getJob(patient.id)).status, 'running');
  });

  it('the queue keeps its order, also of jobs that were created in the same moment', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const first = await test.up('echo up; read line', { stdin: { type: 'pipe' } });
    const waiting: Job[] = [];
    for (const [index, priority] of [5, 5, 9, 5, 1].entries()) {
      waiting.push(await test.sh(`echo ${index} >>order`, { priority }));
    }
    await test.close();
    change(test, `UPDATE jobs SET queuedAt = 1000`);
    await test.open();
    assert.equal((await test.engine.getMetrics()).queueSize, 5);
    await test.engine.sendInput(first.id, { text: '\n' });
    for (const job of waiting) await test.ended(job);
    assert.equal(test.file('order'), '2\n0\n1\n3\n4\n');
  });

  it('running jobs counts them for the limits', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 2 });
    for (let count = 0; count < 2; count++) await test.up('echo up; exec sleep 60');
    await test.close();
    await test.open();
    assert.equal((await test.start()).status, 'pending');
    assert.deepEqual((await test.engine.getMetrics()).concurrency, { current: 2, maximum: 2 });
  });

  it('a job that cannot be adopted does not affect other jobs', async () => {
    await using test = await EngineFixture.open();
    const [bad, good] = [await test.up('echo up; exec sleep 60'), await test.up('echo up; exec sleep 60')];
    await test.close();
    rmSync(folderOf(bad), { recursive: true });
    await test.open();
    for (const { id } of [bad, good]) assert.equal((await test.engine.killJob(id)).result, 'killed');
    const { status, signal } = await test.engine.getJob(bad.id);
    assert.deepEqual([status, signal], ['killed', 'SIGTERM']);
    assert.deepEqual(processesWith(test.home), []);
  });
});
