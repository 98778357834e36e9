import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Job } from '../../../src/api/job.ts';
import { runFolder } from '../../../src/store/runTable.ts';
import { EngineFixture } from '../../helpers/engine/engineFixture.ts';

describe('an engine that was killed while it started a job', () => {
  const cutOff: [name: string, leave: (folder: string) => void][] = [
    ['before anything was made', () => undefined],
    ['before the process was started', (folder) => leaveRecord(folder, 'exit', '\n'.repeat(64))],
    ['while an engine decided about it', (folder) => leaveRecord(folder, 'exit.taken', '\n'.repeat(64))],
  ];
  for (const [name, leave] of cutOff) {
    it(`${name} leaves a job that is started again`, async () => {
      await using test = await EngineFixture.open();
      const job = await cutOffStart(test, Date.now(), leave);
      const { status, exitCode, run, runs } = await test.ended(job);
      assert.deepEqual([status, exitCode, run, runs.length], ['completed', 0, 2, 1]);
      assert.equal(await test.text(job), 'hello\n');
      assert.equal(existsSync(runFolder(test.home, job.id, 1)), false);
      const back = test.events(job).find(({ toStatus }) => toStatus === 'pending');
      assert.equal(back?.text, 'the job host ended before it was started');
    });
  }

  it('after its command may have begun, or before a reboot, leaves a job that is lost', async () => {
    await using test = await EngineFixture.open();
    const begun = (folder: string): void => leaveRecord(folder, 'exit', 'began\n'.padEnd(64, '\n'));
    for (const [startedAt, leave] of [[Date.now(), begun] as const, [1, () => undefined] as const]) {
      const job = await cutOffStart(test, startedAt, leave);
      const { status, reason } = await test.engine.getJob(job.id);
      assert.deepEqual([status, reason], ['lost', 'supervisor_lost']);
    }
  });

  it('after its command has ended, knows the end and the daemon that it has left', async () => {
    await using test = await EngineFixture.open();
    const job = await cutOffStart(test, Date.now(), (folder) => {
      leaveRecord(folder, 'exit', 'began\ncode 0\n'.padEnd(64, '\n'));
      const env = { TEST_HOME: test.home, BGJOBS_RUN_ID: basename(folder) };
      spawn('/bin/sleep', ['1000'], { env, detached: true, stdio: 'ignore' }).unref();
    });
    const { status, exitCode, leftovers } = await test.engine.getJob(job.id);
    assert.deepEqual([status, exitCode], ['completed', 0]);
    assert.deepEqual(
      leftovers.map(({ command }) => command),
      ['/bin/sleep 1000'],
    );
    assert.equal((await test.engine.killJob(job.id)).leftoversEnded, 1);
  });
});

/** Leaves a job as an engine does that is killed while it starts it, and opens the next. */
async function cutOffStart(test: EngineFixture, startedAt: number, leave: (folder: string) => void): Promise<Job> {
  const job = await test.start({ argv: ['echo', 'hello'], held: true });
  await test.close();
  using database = new DatabaseSync(test.path('jobs.db'));
  database.prepare(`UPDATE jobs SET status = 'starting', run = 1 WHERE id = ?`).run(job.id);
  const run = `INSERT INTO runs (job, number, status, startedAt) SELECT row, 1, 'starting', ? FROM jobs WHERE id = ?`;
  database.prepare(run).run(startedAt, job.id);
  leave(runFolder(test.home, job.id, 1));
  await test.open();
  return job;
}

function leaveRecord(folder: string, name: string, text: string): void {
  mkdirSync(folder);
  writeFileSync(join(folder, name), text);
}
