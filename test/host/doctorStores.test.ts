import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { DoctorReport } from '../../src/api/inspection.ts';
import { useHome } from '../helpers/cli.ts';
import { bootId, diagnose, found, isAlive, leaving, leftOf, markOf, useChildren } from '../helpers/doctor.ts';

describe('bgjobs doctor, with stores that are not as they should be', () => {
  const home = useHome();
  const other = useHome();
  const start = useChildren();

  /** A process with the mark of a run. */
  async function marked(runId: string, options: { uid?: number; home?: string } = {}): Promise<number> {
    const { home: path = home.path, ...user } = options;
    const env = markOf(path, runId);
    return Number((await start('sleep', ['600'], { env, stdio: 'ignore', detached: true, cwd: '/', ...user })).pid);
  }

  it('distinguishes removed jobs, other stores and deleted stores', async () => {
    const removed = await home.ended((await home.run(['--', 'true'])).id);
    await home.json(['remove', removed.id]);
    const ofRemoved = await marked(`${removed.id}.1`);
    const elsewhere = await leaving(other, 605);
    const noStore = await marked('00000000-0000-4000-8000-000000000001.1', { home: `${home.path}/no/store` });
    const kinds = ({ processes }: DoctorReport) =>
      [ofRemoved, elsewhere.pid, noStore].map((pid) => {
        const left = processes.find((each) => each.pid === pid);
        return [left?.belongsTo, left?.jobStatus, left?.isOfThisStore, left?.outcome];
      });
    assert.deepEqual(kinds(await diagnose(home)), [
      ['removed_job', null, true, 'kept'],
      ['ended_run', 'completed', false, 'kept'],
      ['lost_store', null, false, 'kept'],
    ]);
    // Without pids it is this store alone.
    assert.deepEqual(
      kinds(await diagnose(home, '--end')).map(([, , , outcome]) => outcome),
      ['ended', 'kept', 'kept'],
    );
    const named = await diagnose(home, '--end', String(elsewhere.pid), String(noStore));
    assert.deepEqual(
      kinds(named).map(([, , , outcome]) => outcome),
      [undefined, 'ended', 'ended'],
    );
  });

  it('finds the store of a run by its log, whatever its environment says', async () => {
    const options = ['--env', 'BGJOBS_HOME-', '--', 'sh', '-c', 'echo up; sleep 600'];
    const live = await other.run(options);
    await other.json(['wait', live.id, '--for', '/up/']);
    assert.deepEqual(leftOf(await diagnose(home), live), []);
    await other.json(['kill', live.id]);
  });

  it('ends processes of an unknown store only by their pid', async () => {
    const runId = '00000000-0000-4000-8000-000000000002.1';
    const env = { PATH: process.env['PATH'], BGJOBS_RUN_ID: runId };
    const { pid } = await start('sleep', ['600'], { env, stdio: 'ignore', detached: true });
    const outcomes = async (...end: string[]) =>
      (await diagnose(home, ...end)).processes
        .filter((each) => each.runId === runId)
        .map((each) => [each.pid, each.belongsTo, each.home, each.outcome]);
    assert.deepEqual(await outcomes('--end'), [[pid, 'unknown_store', null, 'kept']]);
    assert.deepEqual(await outcomes('--end', String(pid)), [[pid, 'unknown_store', null, 'ended']]);
  });

  it('never confuses a process with an earlier one of the same pid', async () => {
    const { job, pid } = await leaving(home, 606);
    const innocent = await start('sleep', ['600'], { stdio: 'ignore', detached: true });
    await home.json(['host', 'stop']);
    using database = new DatabaseSync(`${home.path}/jobs.db`);
    const recycled = [{ pid: innocent.pid, startTime: '1', bootId, command: 'sleep 606' }];
    database
      .prepare('UPDATE runs SET leftovers = ? WHERE job = (SELECT row FROM jobs WHERE id = ?)')
      .run(JSON.stringify(recycled), job.id);
    assert.equal((await home.error(2, ['doctor', '--end', String(innocent.pid)])).code, 'invalid_request');
    const report = await diagnose(home, '--end');
    assert.deepEqual(
      leftOf(report, job).map((each) => [each.pid, each.outcome]),
      [[pid, 'ended']],
    );
    assert.ok(isAlive(Number(innocent.pid)));
  });

  it('ends nothing when the store cannot be read, and says what to do', async () => {
    const { pid } = await leaving(other, 607);
    await other.json(['host', 'stop']);
    const path = `${other.path}/jobs.db`;
    const content = readFileSync(path);
    writeFileSync(path, 'no database '.repeat(1000));
    const report = await diagnose(other, '--end');
    assert.equal(found(report, 'store')?.status, 'problem');
    assert.match(found(report, 'store')?.advice ?? '', /bgjobs host start/);
    assert.equal(report.processes.find((each) => each.pid === pid)?.belongsTo, 'unreadable_store');
    assert.equal((await other.error(4, ['doctor', '--end', String(pid)])).code, 'invalid_state');
    assert.ok(isAlive(pid));
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
    writeFileSync(path, content);
    assert.equal((await diagnose(other, '--end')).code, 0);
    assert.ok(!isAlive(pid));
  });

  it('reports a process that holds the lock of the store without serving', async () => {
    await other.json(['host', 'stop']);
    const script = `const { DatabaseSync } = require('node:sqlite'); const lock = new DatabaseSync(process.argv[1]);
      lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE'); console.log('locked'); setInterval(() => lock, 1e6);`;
    const holder = await start(process.execPath, ['-e', script, `${other.path}/host.lock`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(holder.stdout ?? assert.fail(), 'data');
    const report = await diagnose(other);
    assert.deepEqual([report.code, found(report, 'host')?.status], [1, 'problem']);
    assert.match(found(report, 'host')?.summary ?? '', /holds the lock of the store but does not respond/);
  });
});
