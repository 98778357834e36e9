import assert from 'node:assert/strict';
import { Scheduler } from '../../../../src/engine/queue/scheduler.ts';
import { defaultSettings, type Settings } from '../../../../src/api/host.ts';
import type { JobRow } from '../../../../src/store/jobTable.ts';
import { until } from '../../../helpers/until.ts';
import { jobRow } from '../../../helpers/engine/jobRow.ts';
import { StoreFixture } from '../../../helpers/engine/storeFixture.ts';

describe('Scheduler', () => {
  const waitingJob = (session = 's', priority = 5): JobRow => jobRow({ session, priority });

  /** A scheduler whose jobs begin at once, or cannot while `broken` says why. */
  function make(given: Partial<Settings>) {
    const rules: Settings = { ...defaultSettings, maxConcurrentJobs: 0, maxConcurrentJobsPerSession: 0, ...given };
    const started: JobRow[] = [];
    const failed: string[] = [];
    const fixture = new StoreFixture();
    const state: { broken: Error | undefined; held: string | null; looks: number } = {
      broken: undefined,
      held: null,
      looks: 0,
    };
    const scheduler: Scheduler = new Scheduler({
      settings: { current: rules },
      now: () => 1000,
      clockStep: () => 0,
      shortage: () => (state.looks++, state.held),
      store: fixture.store,
      start: (job) => {
        if (state.broken) throw state.broken;
        started.push(job);
        scheduler.took(job);
      },
      isClearing: () => false,
      shareEnvironment: () => assert.fail('no job is scheduled'),
      checkDisk: () => assert.fail('no job is scheduled'),
      log: (message) => failed.push(message),
    });
    const add = (job: JobRow): JobRow => {
      scheduler.add(job);
      scheduler.startNext();
      return job;
    };
    const dispose = (): void => {
      scheduler.dispose();
      fixture[Symbol.dispose]();
    };
    return { scheduler, started, failed, state, rules, add, [Symbol.dispose]: dispose };
  }

  it('holds jobs back while the machine lacks memory or is busy, and checks again a second later', async () => {
    using test = make({ maxConcurrentJobs: 1, maxLoadAverage: 4 });
    test.state.held = 'too much to do';
    const first = test.add(waitingJob());
    const second = test.add(waitingJob());
    assert.deepEqual(test.started, []);
    assert.deepEqual(test.scheduler.waitingFor(first), { type: 'resources', text: 'too much to do' });
    test.state.held = null;
    assert.deepEqual(test.started, []);
    await until('it looks again', () => test.started.length > 0 || undefined);
    assert.deepEqual(test.started, [first]);
    const { looks } = test.state;
    test.state.held = 'too much to do';
    test.scheduler.startNext();
    assert.deepEqual(test.scheduler.waitingFor(second), { type: 'limit', scope: 'host', maximum: 1 });
    assert.equal(test.state.looks, looks);
  });

  it('starts up to the limits, and the next as soon as a slot is free', () => {
    using test = make({ maxConcurrentJobs: 3, maxConcurrentJobsPerSession: 2 });
    const [a1, a2, a3, b1, c1] = ['a', 'a', 'a', 'b', 'c'].map((session) => test.add(waitingJob(session)));
    assert.deepEqual(test.started, [a1, a2, b1]);
    assert.deepEqual([test.scheduler.waiting, test.scheduler.running], [2, 3]);
    if (b1) test.scheduler.freed(b1);
    assert.deepEqual(test.started.slice(3), [c1]);
    if (a1) test.scheduler.freed(a1);
    assert.deepEqual(test.started.slice(4), [a3]);
    assert.deepEqual([test.scheduler.waiting, test.scheduler.running], [0, 3]);
  });

  it('reports the limit for which a new job would wait', () => {
    using test = make({ maxConcurrentJobs: 2, maxConcurrentJobsPerSession: 1 });
    assert.equal(test.scheduler.limitFor({ session: 'a' }), null);
    test.add(waitingJob('a'));
    assert.deepEqual(test.scheduler.limitFor({ session: 'a' }), { type: 'limit', scope: 'session', maximum: 1 });
    assert.equal(test.scheduler.limitFor({ session: 'b' }), null);
    test.add(waitingJob('b'));
    assert.deepEqual(test.scheduler.limitFor({ session: 'c' }), { type: 'limit', scope: 'host', maximum: 2 });
  });

  it('starts what a raised limit lets start', () => {
    using test = make({ maxConcurrentJobs: 1, maxConcurrentJobsPerSession: 0 });
    for (const priority of [5, 5, 9]) test.add(waitingJob('a', priority));
    assert.equal(test.started.length, 1);
    test.rules.maxConcurrentJobs = 0;
    test.scheduler.startNext();
    assert.deepEqual(
      test.started.map(({ spec }) => spec.priority),
      [5, 9, 5],
    );
  });

  it('forgets a job that is removed', () => {
    using test = make({ maxConcurrentJobs: 1, maxConcurrentJobsPerSession: 0 });
    const kept = test.add(waitingJob());
    const removed = test.add(waitingJob());
    test.scheduler.remove(removed.id);
    test.scheduler.remove(removed.id);
    test.scheduler.freed(kept);
    assert.equal(test.started.length, 1);
    assert.deepEqual([test.scheduler.waiting, test.scheduler.running], [0, 0]);
  });

  it('keeps a job that could not even be recorded, and tries again by itself', async () => {
    using test = make({ maxConcurrentJobs: 0, maxConcurrentJobsPerSession: 0 });
    test.state.broken = new Error('the disk is full');
    const jobs = [test.add(waitingJob()), test.add(waitingJob())];
    assert.deepEqual([test.started.length, test.scheduler.waiting, test.scheduler.running], [0, 2, 0]);
    assert.ok(test.failed.length > 0 && test.failed.every((message) => message.endsWith('Error: the disk is full')));
    test.state.broken = undefined;
    await until('both have started', () => (test.started.length === 2 ? true : undefined));
    assert.deepEqual(test.started, jobs);
    assert.equal(test.scheduler.waiting, 0);
  });

  it('can cancel a job that it keeps trying to start', () => {
    using test = make({ maxConcurrentJobs: 0, maxConcurrentJobsPerSession: 0 });
    test.state.broken = new Error('the disk is full');
    const job = test.add(waitingJob());
    test.scheduler.remove(job.id);
    test.state.broken = undefined;
    test.scheduler.startNext();
    assert.deepEqual(test.started, []);
  });
});
