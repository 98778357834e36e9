import fc from 'fast-check';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { JobRow } from '../../../src/store/jobTable.ts';
import type { RunRow } from '../../../src/store/runTable.ts';
import { startRequest } from '../../../src/api/options.ts';
import { endedStatuses, isActive, isEnded, isWaiting, type JobStatus, nextStatuses } from '../../../src/api/values.ts';
import { endAs, stopRecord, StoreFixture, supervisor } from '../../helpers/engine/storeFixture.ts';

/** Takes a job, by whatever method is for that, to a status that may follow the one it has. */
function move({ store }: StoreFixture, job: JobRow, run: RunRow | undefined, to: JobStatus): RunRow | undefined {
  if (to === 'starting') return store.beginRun(job);
  if (isWaiting(to) || to === 'cancelled') {
    store.moveJob(job, to, { reason: 'user', text: 'moved' });
    return undefined;
  }
  assert.ok(run);
  if (isEnded(to)) store.endRun(job, run, endAs(to));
  else if (to === 'running' && job.status === 'starting') store.runStarted(job, run, supervisor);
  else store.setRunStatus(job, run, to, to === 'stopping' ? stopRecord() : null);
  return run;
}

/** A job that has run and ended, and its run. */
function endedJob(test: StoreFixture): { job: JobRow; run: RunRow } {
  const job = test.create();
  const run = test.store.beginRun(job);
  test.store.runStarted(job, run, supervisor);
  test.store.endRun(job, run, endAs('completed'));
  return { job, run };
}

describe('Store', () => {
  it('records every change with its event, numbered in order, over any history', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 40 }), (choices) => {
        using test = new StoreFixture();
        const job = test.create();
        const expected: JobStatus[] = ['pending'];
        let run: RunRow | undefined;
        for (const choice of choices) {
          const options = nextStatuses[job.status];
          const to = options[choice % options.length]!;
          run = move(test, job, run, to);
          expected.push(to);
          // What was handed in and what is stored are the same at any moment.
          assert.deepEqual(test.stored(job), job);
          if (run) assert.deepEqual(test.store.runs.byNumber(job.row, run.number), run);
        }
        const events = test.events();
        assert.deepEqual(
          events.map(({ seq }) => seq),
          expected.map((_, index) => index + 1),
        );
        assert.deepEqual(
          events.map(({ fromStatus, toStatus }) => [fromStatus, toStatus]),
          expected.map((to, index) => [expected[index - 1] ?? null, to]),
        );
        assert.equal(test.store.runs.ofJob(job.row).length, expected.filter((status) => status === 'starting').length);
      }),
      { numRuns: 30 },
    );
  });

  it('refuses a transition that the table does not have, and stores nothing of it', () => {
    using test = new StoreFixture();
    for (const from of ['pending', 'starting', 'running', 'paused', 'stopping', 'completed', 'cancelled'] as const) {
      const job = test.create();
      let run: RunRow | undefined;
      for (const step of pathTo(from)) run = move(test, job, run, step);
      const before = { row: { ...job }, events: test.events().length };
      for (const to of ['pending', 'starting', 'running', 'paused', 'stopping', ...endedStatuses] as const) {
        if (nextStatuses[from].includes(to) || (!run && isActive(to) && to !== 'starting')) continue;
        if (!run && isEnded(to) && to !== 'cancelled') continue;
        assert.throws(() => move(test, job, run, to), /cannot go from/, `${from} to ${to}`);
        assert.deepEqual(job, before.row);
        assert.deepEqual(test.stored(job), before.row);
      }
      assert.equal(test.events().length, before.events);
    }
  });

  it('refuses a change that is based on an outdated state', () => {
    using test = new StoreFixture();
    const job = test.create();
    const stale = { ...job };
    test.store.moveJob(job, 'cancelled');
    assert.throws(() => test.store.beginRun(stale), /cannot go from/);
    assert.equal(stale.status, 'pending');
    assert.equal(test.stored(job)?.status, 'cancelled');
    assert.deepEqual(test.store.runs.ofJob(job.row), [], 'half of the change was stored');
    test.store.moveJob(job, 'pending');
    assert.deepEqual(
      test.events().map(({ seq }) => seq),
      [1, 2, 3],
      'what was refused has used up a number',
    );
  });

  it('writes the end of a run once', () => {
    using test = new StoreFixture();
    const job = test.create();
    const run = test.store.beginRun(job);
    test.store.runStarted(job, run, supervisor);
    const [lateJob, lateRun] = [{ ...job }, { ...run }];
    test.store.endRun(job, run, endAs('completed'));
    const record = { job: test.stored(job), run: test.store.runs.ofJob(job.row), events: test.events() };
    for (const status of ['failed', 'killed', 'lost'] as const) {
      assert.throws(() => test.store.endRun(job, run, endAs(status)), /it has ended/);
      assert.throws(() => test.store.endRun(lateJob, lateRun, endAs(status)), /cannot go from/);
      assert.throws(() => test.store.setRunStatus(lateJob, lateRun, 'stopping', stopRecord()), /cannot go from/);
    }
    assert.deepEqual({ job: test.stored(job), run: test.store.runs.ofJob(job.row), events: test.events() }, record);
  });

  it('ends a run and lets its job wait again in one change, or does neither', async () => {
    for (const next of ['pending', 'held'] as const) {
      using test = new StoreFixture();
      const job = test.create();
      const run = test.store.beginRun(job);
      test.store.runStarted(job, run, supervisor);
      const before = structuredClone({ job, run, events: test.events().length });
      const told: unknown[] = [];
      await Promise.resolve();
      test.store.onChange(() => told.push(job.status));
      // Nothing but the last step fails.
      test.database.exec(
        `CREATE TEMP TRIGGER fails BEFORE UPDATE ON jobs WHEN NEW.status = '${next}'
         BEGIN SELECT RAISE(ABORT, 'no'); END`,
      );
      assert.throws(() => test.store.endRun(job, run, endAs('completed'), next), /no/);
      const runs = test.store.runs.ofJob(job.row);
      assert.deepEqual({ job: test.stored(job), run: runs[0], events: test.events().length }, before);
      assert.deepEqual({ job, run }, { job: before.job, run: before.run });
      await Promise.resolve();
      assert.deepEqual(told, []);

      test.database.exec('DROP TRIGGER fails');
      test.store.endRun(job, run, endAs('completed'), next);
      await Promise.resolve();
      assert.deepEqual(told, [next]);
      assert.deepEqual([job.status, job.finishedAt, run.status], [next, null, 'completed']);
      assert.deepEqual(test.stored(job), job);
      assert.deepEqual(test.store.runs.ofJob(job.row), [run]);
      const history = test.events().map(({ toStatus }) => toStatus);
      assert.deepEqual(history, ['pending', 'starting', 'running', 'completed', next]);
    }
  });

  it('leaves an ended run untouched when the job runs again', () => {
    using test = new StoreFixture();
    const { job, run } = endedJob(test);
    const before = test.store.runs.byNumber(job.row, 1);
    test.store.moveJob(job, 'pending');
    const second = test.store.beginRun(job);
    test.store.runStarted(job, second, supervisor);
    test.store.endRun(job, second, endAs('failed'));
    assert.deepEqual(test.store.runs.byNumber(job.row, 1), before);
    assert.deepEqual([run.number, second.number, job.run], [1, 2, 2]);
  });

  it('reports a change when it is stored and the rows in memory show it', async () => {
    using test = new StoreFixture();
    const seen: unknown[] = [];
    const stop = test.store.onChange((id) => seen.push([id, job.status, test.stored(job)?.status]));
    const job = test.create();
    await Promise.resolve();
    test.store.moveJob(job, 'cancelled');
    await Promise.resolve();
    stop();
    test.store.moveJob(job, 'pending');
    await Promise.resolve();
    assert.deepEqual(seen, [
      [job.id, 'pending', 'pending'],
      [job.id, 'cancelled', 'cancelled'],
    ]);
  });

  it('removes a job with everything that belongs to it, and says so', () => {
    using test = new StoreFixture();
    const { job, run } = endedJob(test);
    test.store.chunks.append(run.row, [{ seq: 3, time: 1, stream: 'stdout', offset: 0, length: 3 }]);
    const other = endedJob(test);
    test.store.chunks.append(other.run.row, [{ seq: 5, time: 1, stream: 'stdout', offset: 0, length: 5 }]);
    test.store.removeJob(job);
    assert.equal(test.stored(job), undefined);
    assert.deepEqual(test.store.runs.ofJob(job.row), []);
    assert.equal(test.store.chunks.last(run.row), undefined);
    assert.equal(test.store.chunks.last(other.run.row)?.seq, 5);
    assert.deepEqual(test.events().at(-1)?.type, 'removed');
  });

  it('finds a job by its key', () => {
    using test = new StoreFixture();
    const job = test.create({ idempotencyKey: 'k' });
    assert.equal(test.store.read([test.store.jobs.byIdempotencyKey('k')])[0]?.id, job.id);
    const spec = startRequest.parse({ argv: ['true'], cwd: '/', idempotencyKey: 'k' });
    assert.throws(() => test.store.createJob(randomUUID(), spec), /UNIQUE/);
    assert.equal(test.events().length, 1);
  });
});

function pathTo(status: JobStatus): JobStatus[] {
  const running: JobStatus[] = ['starting', 'running'];
  switch (status) {
    case 'starting':
    case 'cancelled':
      return [status];
    case 'running':
      return running;
    case 'paused':
    case 'stopping':
    case 'completed':
      return [...running, status];
    default:
      return [];
  }
}
