import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import type { Job } from '../../../src/api/job.ts';
import { until } from '../../helpers/until.ts';
import { EngineFixture, failure } from '../../helpers/engine/engineFixture.ts';
import { processesWith, signalIfThere } from '../../helpers/engine/processes.ts';

/** An engine whose store can be given no more room: SQLite itself says that the disk is full. */
class SmallDisk implements AsyncDisposable {
  readonly test: EngineFixture;
  readonly #database: DatabaseSync;

  static async open(settings: Parameters<typeof EngineFixture.open>[0] = {}): Promise<SmallDisk> {
    // The limit belongs to a connection, so it has to be the engine's own.
    const exec = Object.getOwnPropertyDescriptor(DatabaseSync.prototype, 'exec')!;
    const databases = new Set<DatabaseSync>();
    DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
      databases.add(this);
      (exec.value as (sql: string) => void).call(this, sql);
    };
    try {
      const test = await EngineFixture.open(settings);
      const [database] = databases;
      // The first one is the store; another one tells how a store should be.
      assert.ok(database && database.location() !== null);
      return new SmallDisk(test, database);
    } finally {
      Object.defineProperty(DatabaseSync.prototype, 'exec', exec);
    }
  }

  private constructor(test: EngineFixture, database: DatabaseSync) {
    this.test = test;
    this.#database = database;
  }

  /** From now on not even an event has room. */
  async fill(): Promise<void> {
    const filler = await this.test.start({ held: true });
    this.#database.exec('PRAGMA max_page_count = 1'); // takes as many as there are
    for (let pinned = true; ; pinned = !pinned) {
      try {
        await this.test.engine.updateJob(filler.id, { pinned });
      } catch (error) {
        failure('disk_full', /full/)(error);
        return;
      }
    }
  }

  free(): void {
    this.#database.exec('PRAGMA max_page_count = 1000000');
  }

  /** Takes what the engine has said of it: the disk is full, and nothing else. */
  said(): number {
    const lines = this.test.logged.splice(0);
    for (const line of lines) assert.match(line, /disk.* full/);
    return lines.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.test[Symbol.asyncDispose]();
  }
}

describe('a full disk', () => {
  it('stops new starts with a clear error, stores nothing of them and leaves what runs alone', async () => {
    await using disk = await SmallDisk.open();
    const { test } = disk;
    const running = await test.up('echo up; exec sleep 60');
    const { total } = await test.engine.listJobs();
    await disk.fill();
    const processes = processesWith(test.home);
    for (const held of [false, true])
      await assert.rejects(test.sh('echo x >x', { held }), failure('disk_full', /full/));
    await assert.rejects(test.engine.updateJob(running.id, { pinned: true }), failure('disk_full'));
    assert.equal((await test.engine.listJobs()).total, total + 1);
    assert.deepEqual(processesWith(test.home), processes);
    assert.equal((await test.engine.getJob(running.id)).status, 'running');
    assert.equal(await test.text(running), 'up\n');
    disk.free();
    assert.equal((await test.ended(await test.start())).status, 'completed');
    assert.equal(test.file('x'), '');
  });

  it('delays the record of an end, and loses nothing of it', async () => {
    await using disk = await SmallDisk.open({ maxConcurrentJobs: 1 });
    const { test } = disk;
    const job = await test.up('echo up; read line; echo "$line"; exit 42', { stdin: { type: 'pipe' } });
    const next = await test.sh('exit 5');
    await disk.fill();
    await test.engine.sendInput(job.id, { text: 'last words\n' });
    await until('the end could not be recorded', () => (test.logged.length > 0 ? true : undefined));
    const now = await test.engine.getJob(job.id);
    assert.deepEqual([now.status, now.finishedAt], ['running', null]);
    assert.equal(test.engine.isIdle(), false);
    disk.free();
    const ended = await test.ended(job);
    assert.deepEqual([ended.status, ended.exitCode, ended.reason], ['failed', 42, 'exit']);
    assert.equal(await test.text(job), 'up\nlast words\n');
    assert.equal((await test.ended(next)).exitCode, 5);
    assert.ok(disk.said() > 0);
  });

  it('keeps nobody from killing the job that fills it', async () => {
    await using disk = await SmallDisk.open();
    const { test } = disk;
    const job = await test.up('trap "" TERM; echo up; while :; do sleep 0.05; done', { graceMs: 50 });
    await disk.fill();
    const { result, escalated } = await test.engine.killJob(job.id, { reason: 'too much', actor: 'agent' });
    assert.deepEqual([result, escalated, processesWith(test.home)], ['killed', true, []]);
    disk.free();
    const { status, reason, reasonText, signal } = await test.ended(job);
    assert.deepEqual([status, reason, reasonText, signal], ['killed', 'agent', 'too much', 'SIGKILL']);
    assert.deepEqual(
      test.events(job).flatMap(({ toStatus }) => toStatus ?? []),
      ['pending', 'starting', 'running', 'stopping', 'killed'],
    );
    disk.said();
  });

  it('does not keep a time limit from ending a job', async () => {
    await using disk = await SmallDisk.open();
    const { test } = disk;
    const job = await test.up('echo up; exec sleep 60', { timeoutMs: 1500 });
    await disk.fill();
    await until('it is dead', () => (processesWith(test.home).length === 0 ? true : undefined));
    disk.free();
    const { status, reason } = await test.ended(job);
    assert.deepEqual([status, reason], ['timed_out', 'timeout']);
    disk.said();
  });

  it('keeps nobody from looking at a job whose last processes have gone', async () => {
    await using disk = await SmallDisk.open();
    const { test } = disk;
    const job = await test.ended(await test.sh('sleep 60 >/dev/null 2>&1 & exit 3'));
    assert.equal(job.leftovers.length, 1);
    await disk.fill();
    signalIfThere(job.leftovers[0]!.pid, 'SIGKILL');
    await until('it is dead', () => (processesWith(test.home).length === 0 ? true : undefined));
    assert.equal((await test.engine.getJob(job.id)).exitCode, 3);
    disk.free();
    assert.deepEqual((await test.engine.getJob(job.id)).leftovers, []);
  });

  it('delays a job that is to be put back into the queue', async () => {
    await using disk = await SmallDisk.open({ maxConcurrentJobs: 1 });
    const { test } = disk;
    const job = await test.up('echo $BGJOBS_RUN_ID >>ran; echo up; exec sleep 60');
    await disk.fill();
    await test.engine.killJob(job.id, { requeue: true });
    disk.free();
    await until('it runs again', async () => ((await test.engine.getJob(job.id)).run === 2 ? true : undefined));
    await test.says(job, 'up');
    assert.deepEqual(test.file('ran').split('\n'), [`${job.id}.1`, `${job.id}.2`, '']);
    assert.equal((await test.engine.getMetrics()).concurrency.current, 1);
    disk.said();
  });

  it('delays a start that a raised limit allows', async () => {
    await using disk = await SmallDisk.open();
    const { test } = disk;
    await test.engine.updateHost({ maxConcurrentJobs: 1 });
    await test.up('echo up; exec sleep 60');
    const waiting = await test.sh('echo ran >>ran; exit 3');
    await disk.fill();
    await test.engine.updateHost({ maxConcurrentJobs: 2 });
    const { status, waitingFor, run } = await test.engine.getJob(waiting.id);
    assert.deepEqual([status, waitingFor, run], ['pending', null, null]);
    assert.ok(disk.said() > 0);
    disk.free();
    assert.equal((await test.ended(waiting)).exitCode, 3);
    assert.equal(test.file('ran'), 'ran\n');
  });

  it('delays a start for which there is a place, and starts it once', async () => {
    await using disk = await SmallDisk.open({ maxConcurrentJobs: 1 });
    const { test } = disk;
    const first = await test.up('echo up; exec sleep 60');
    const waiting: Job[] = [];
    for (const code of [1, 2, 3]) waiting.push(await test.sh(`echo ${code} >>ran; exit ${code}`));
    await disk.fill();
    const killed = test.engine.killJob(first.id);
    await until('the end could not be recorded', () => (test.logged.length > 0 ? true : undefined));
    disk.free();
    await killed;
    for (const [index, job] of waiting.entries()) assert.equal((await test.ended(job)).exitCode, index + 1);
    assert.equal(test.file('ran'), '1\n2\n3\n');
    disk.said();
  });
});

describe('a full disk when a job is due', () => {
  it('delays what a schedule makes and its next time, and makes it once', async () => {
    await using disk = await SmallDisk.open();
    const { test } = disk;
    const schedule = await test.sh('echo ran >>ran', { cron: '* * * * * *', ifOverlap: 'start' });
    await disk.fill();
    const { total } = await test.engine.listJobs({ schedule: schedule.id });
    await until('it could not be made', () => (disk.said() > 0 ? true : undefined));
    assert.equal((await test.engine.listJobs({ schedule: schedule.id })).total, total);
    assert.equal(test.engine.isIdle(), false);
    disk.free();
    const made = await until('it goes on', async () => {
      const { jobs } = await test.engine.listJobs({ schedule: schedule.id });
      return jobs.length >= total + 2 ? jobs : undefined;
    });
    await test.engine.killJob(schedule.id);
    for (const job of made) assert.equal((await test.ended(job)).status, 'completed');
    const seconds = made.map(({ createdAt }) => createdAt.slice(0, 19));
    assert.equal(new Set(seconds).size, made.length);
    disk.said();
  });

  it('delays one with a time of its own, and starts it once', async () => {
    await using disk = await SmallDisk.open();
    const { test } = disk;
    const at = new Date(Date.now() + 1000).toISOString();
    const job = await test.sh('echo ran >>ran', { at });
    await disk.fill();
    await until('it could not be started', () => (disk.said() > 0 ? true : undefined));
    assert.equal((await test.engine.getJob(job.id)).status, 'scheduled');
    disk.free();
    assert.equal((await test.ended(job)).status, 'completed');
    assert.equal(test.file('ran'), 'ran\n');
    disk.said();
  });

  it('delays the next attempt', async () => {
    await using disk = await SmallDisk.open();
    const { test } = disk;
    const job = await test.sh('echo ran >>ran; exit 3', { retry: { maxAttempts: 2, delayMs: 1000, jitter: 0 } });
    await test.reaches(job, 'pending');
    await disk.fill();
    await until('it could not be started', () => (disk.said() > 0 ? true : undefined));
    disk.free();
    const { runs, gaveUp } = await until('it gave up', async () => {
      const now = await test.engine.getJob(job.id);
      return now.gaveUp ? now : undefined;
    });
    assert.deepEqual([runs.length, gaveUp, test.file('ran')], [2, true, 'ran\nran\n']);
    disk.said();
  });
});

describe('a full disk when what a job needs has failed', () => {
  it('delays that it is cancelled, and those that need it', async () => {
    await using disk = await SmallDisk.open();
    const { test } = disk;
    const first = await test.up('echo up; read line; exit 3', { stdin: { type: 'pipe' } });
    const needs = (job: Job) => ({ dependsOn: [{ job: job.id }] });
    const second = await test.start(needs(first));
    const third = await test.start(needs(second));
    await disk.fill();
    await assert.rejects(test.engine.holdJob(second.id), failure('disk_full'));
    await test.engine.sendInput(first.id, { text: '\n' });
    await until('the end could not be recorded', () => (disk.said() > 0 ? true : undefined));
    assert.equal((await test.engine.getJob(second.id)).status, 'pending');
    disk.free();
    for (const job of [second, third]) {
      const { status, reason } = await test.ended(job);
      assert.deepEqual([status, reason], ['cancelled', 'dependency_failed']);
    }
    disk.said();
  });

  it('leaves everybody in his place when somebody is to be moved', async () => {
    await using disk = await SmallDisk.open({ maxConcurrentJobs: 1 });
    const { test } = disk;
    await test.up('echo up; exec sleep 60');
    const jobs = [await test.start(), await test.start(), await test.start()];
    const order = async (): Promise<string[]> => (await test.engine.getQueue()).jobs.map(({ id }) => id);
    const before = jobs.map(({ id }) => id);
    await disk.fill();
    await assert.rejects(test.engine.moveJob(before[2]!, { to: 'first' }), failure('disk_full'));
    await assert.rejects(test.engine.updateJob(before[2]!, { priority: 9 }), failure('disk_full'));
    const queued = await order();
    assert.deepEqual(queued.slice(0, 3), before);
    disk.free();
    await test.engine.moveJob(before[2]!, { to: 'first' });
    assert.deepEqual(await order(), [before[2], before[0], before[1]]);
    disk.said();
  });
});
