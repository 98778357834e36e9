import fc from 'fast-check';
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { openDatabase } from '../../../src/store/openDatabase.ts';
import type { JobFilter } from '../../../src/store/jobFilter.ts';
import type { JobRow } from '../../../src/store/jobTable.ts';
import type { RunRow } from '../../../src/store/runTable.ts';
import { newJobId } from '../../../src/store/newJobId.ts';
import { migrations } from '../../../src/store/schema.ts';
import { Store } from '../../../src/store/store.ts';
import { startRequest } from '../../../src/api/options.ts';
import { endedStatuses, jobStatuses } from '../../../src/api/values.ts';
import { TemporaryFolder } from '../../helpers/engine/temporaryFolder.ts';
import { endAs, StoreFixture, supervisor } from '../../helpers/engine/storeFixture.ts';

const sessions = ['a', 'b'];
const filters: JobFilter[] = [
  {},
  ...sessions.map((session) => ({ session })),
  ...jobStatuses.map((status) => ({ statuses: [status] })),
  { statuses: endedStatuses },
  { statuses: ['failed', 'pending', 'running'], session: 'b' },
  { tag: { key: 'color' } },
  { tag: { key: 'color', value: 'red' }, session: 'a' },
];

function ends(status: 'completed' | 'failed'): ReturnType<typeof endAs> {
  return { ...endAs(status), stdoutBytes: 100, stderrBytes: 10 };
}

/** What a count of everything says. */
function counted({ database }: StoreFixture): unknown {
  const query = `SELECT count(*) AS total, total(stdoutBytes + stderrBytes - stdoutDropped - stderrDropped) AS logBytes,
    total(finishedAt - startedAt) AS durationMs FROM runs WHERE finishedAt IS NOT NULL`;
  return { ...database.prepare(query).get() };
}

function assertTotals(test: StoreFixture): void {
  const { jobs, runs } = test.store;
  for (const filter of filters)
    assert.equal(jobs.count(filter), jobs.list(filter, 1000).length, JSON.stringify(filter));
  assert.deepEqual({ ...runs.ended() }, counted(test));
  const byStatus = new Map(jobs.countByStatusAndSession().map((row) => [`${row.session} ${row.status}`, row.total]));
  for (const session of sessions) {
    for (const status of jobStatuses) {
      assert.equal(byStatus.get(`${session} ${status}`) ?? 0, jobs.count({ statuses: [status], session }));
    }
  }
}

/** Each changes a store in one way that adds or takes something from its totals. */
const changes: ((test: StoreFixture, live: Map<JobRow, RunRow>, choice: number) => void)[] = [
  (test, live, choice) => {
    const job = test.create({
      session: sessions[choice % 2]!,
      tags: choice % 3 === 0 ? { color: choice % 2 ? 'red' : 'blue', size: 'xl' } : {},
    });
    if (choice % 5 > 0) live.set(job, test.store.beginRun(job));
  },
  (test, live, choice) => {
    for (const [job, run] of live) {
      if (job.status === 'starting') test.store.runStarted(job, run, supervisor);
      live.delete(job);
      return test.store.endRun(
        job,
        run,
        ends(choice % 2 ? 'completed' : 'failed'),
        choice % 4 === 0 ? { dueAt: 1 } : null,
      );
    }
  },
  (test, _live, choice) => {
    const [job] = test.store.read(test.store.jobs.list({ statuses: ['pending'] }, 1));
    if (job) test.store.moveJob(job, choice % 2 ? 'cancelled' : 'held');
  },
  (test) => {
    const [job] = test.store.read(test.store.jobs.list({ statuses: endedStatuses }, 1));
    if (job) test.store.moveJob(job, 'pending');
  },
  (test) => {
    const [job] = test.store.read(test.store.jobs.list({ statuses: endedStatuses }, 1));
    if (job) test.store.removeJob(job);
  },
  (test, _live, choice) => {
    const [job] = test.store.read(test.store.jobs.list({ statuses: endedStatuses }, 1));
    const [run] = job ? test.store.runs.ofJob(job.row) : [];
    if (!run) return;
    if (choice % 2) test.store.removeRuns([run]);
    else test.store.runs.update(run.row, { stdoutDropped: 50 });
  },
  (test) => {
    const [raw] = test.store.jobs.list({ statuses: endedStatuses }, 1);
    if (!raw) return;
    test.database.prepare("UPDATE jobs SET spec = '{' WHERE row = ?").run(raw.row);
    test.store.read([test.store.jobs.byRow(raw.row)]);
  },
  (test, _live, choice) => {
    const spec = startRequest.parse({ argv: ['true'], cwd: '/', array: { tasks: '1-3' } });
    const array = test.store.arrays.create(newJobId(), spec, { numbers: [1, 2, 3] }, null);
    const [task] = test.store.read(test.store.jobs.list({ array: array.row }, 1));
    if (choice % 2) test.store.beginRun(task!);
    if (choice % 3) test.store.arrays.cancelWaiting(array, { reason: 'user' });
  },
];

describe('the totals of a store', () => {
  it('are what counting everything says, over any history', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 10, maxLength: 60 }), (choices) => {
        using test = new StoreFixture();
        const live = new Map<JobRow, RunRow>();
        for (const choice of choices) changes[choice % 9 < 3 ? 0 : choice % changes.length]!(test, live, choice);
        assertTotals(test);
      }),
      { numRuns: 30 },
    );
  });

  it('are those of the jobs that an older version has left', () => {
    using folder = new TemporaryFolder();
    const path = join(folder.path, 'jobs.db');
    {
      using old = new DatabaseSync(path);
      for (const statements of migrations.slice(0, 3)) old.exec(statements);
      old.exec('PRAGMA user_version = 3');
      const spec = JSON.stringify({ argv: ['true'], cwd: '/', tags: { color: 'red' } });
      const job = old.prepare(
        'INSERT INTO jobs (id, session, status, spec, createdAt, queuedAt, finishedAt) VALUES (?, ?, ?, ?, 1, 1, ?)',
      );
      job.run('a', 'one', 'completed', spec, 3);
      job.run('b', 'one', 'completed', '{', 3);
      job.run('c', 'two', 'pending', spec, null);
      const run = old.prepare(`INSERT INTO runs (job, number, status, startedAt, finishedAt, stdoutBytes, stdoutDropped)
        VALUES (1, ?, ?, 1, ?, 10, 4)`);
      run.run(1, 'completed', 3);
      run.run(2, 'running', null);
    }
    using database = openDatabase(path, Date.now, assert.fail);
    const { jobs, runs } = new Store(database, Date.now, assert.fail);
    assert.deepEqual({ ...runs.ended() }, { total: 1, logBytes: 6, durationMs: 2 });
    assert.deepEqual(
      [jobs.count({}), jobs.count({ session: 'one' }), jobs.count({ statuses: ['completed'] })],
      [3, 2, 2],
    );
    assert.deepEqual(
      jobs.list({ tag: { key: 'color', value: 'red' } }, 10).map(({ id }) => id),
      ['c', 'a'],
    );
  });
});
