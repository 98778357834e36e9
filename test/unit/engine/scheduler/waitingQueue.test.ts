import fc from 'fast-check';
import assert from 'node:assert/strict';
import {
  hasRoom,
  RunningCount,
  WaitingQueue,
  type RunningLimits,
  type Waiting,
} from '../../../../src/engine/scheduler/waitingQueue.ts';

/** A level of priority weighs as much as ten minutes of waiting. */
const levelMs = 600_000;

/** The same queue as simply as it can be said: look at everybody, take the one that has the strongest claim now. */
class NaiveQueue {
  readonly jobs: Waiting[] = [];

  take(limits: RunningLimits, running: readonly Waiting[], now: number): Waiting | undefined {
    const claim = (job: Waiting): number => job.priority * levelMs + (now - job.queuedAt);
    const mayStart = (session: string): boolean =>
      fits(limits.maxConcurrentJobs, running.length) &&
      fits(limits.maxConcurrentJobsPerSession, running.filter((job) => job.session === session).length);
    const [first] = this.jobs.filter((job) => mayStart(job.session)).sort((a, b) => claim(b) - claim(a));
    if (first) this.jobs.splice(this.jobs.indexOf(first), 1);
    return first;
  }
}

function fits(limit: number, running: number): boolean {
  return limit === 0 || running < limit;
}

const limit = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 4 }));
const limits = fc.record({ maxConcurrentJobs: limit, maxConcurrentJobsPerSession: limit });
const step = fc.oneof(
  fc.record({
    type: fc.constant('add' as const),
    session: fc.constantFrom('a', 'b', 'c', '__proto__'),
    priority: fc.integer({ min: 1, max: 10 }),
    // Coarse, so that equal claims are frequent.
    queuedAt: fc.integer({ min: 0, max: 24 }).map((tens) => tens * (levelMs / 2)),
  }),
  fc.record({ type: fc.constant('take' as const) }),
  fc.record({ type: fc.constant('end' as const), which: fc.nat() }),
  fc.record({ type: fc.constant('remove' as const), which: fc.nat() }),
  fc.record({ type: fc.constant('limits' as const), limits }),
);

describe('WaitingQueue', () => {
  it('does what a naive queue does, over any history, and never passes a limit', () => {
    const now = 24 * levelMs;
    fc.assert(
      fc.property(limits, fc.array(step, { maxLength: 80 }), (first, steps) => {
        let current = first;
        const queue = new WaitingQueue();
        const naive = new NaiveQueue();
        const count = new RunningCount();
        const running: Waiting[] = [];
        let added = 0;
        for (const one of steps) {
          switch (one.type) {
            case 'add': {
              const { session, priority, queuedAt } = one;
              const job = { id: String(added++), session, priority, queuedAt };
              queue.add(job);
              naive.jobs.push(job);
              break;
            }
            case 'take': {
              const taken = queue.take(current, count);
              assert.deepEqual(taken, naive.take(current, running, now));
              if (!taken) break;
              count.add(taken.session);
              running.push(taken);
              assert.ok(current.maxConcurrentJobs === 0 || running.length <= current.maxConcurrentJobs);
              const inSession = running.filter(({ session }) => session === taken.session).length;
              assert.equal(count.inSession(taken.session), inSession);
              const most = current.maxConcurrentJobsPerSession;
              assert.ok(most === 0 || inSession <= most);
              break;
            }
            case 'end': {
              const [ended] = running.splice(one.which % (running.length || 1), 1);
              if (ended) count.remove(ended.session);
              break;
            }
            case 'remove': {
              const [removed] = naive.jobs.splice(one.which % (naive.jobs.length || 1), 1);
              assert.equal(queue.remove(removed?.id ?? 'nobody'), removed !== undefined);
              break;
            }
            case 'limits':
              current = one.limits;
              break;
          }
          assert.equal(queue.size, naive.jobs.length);
          assert.equal(count.total, running.length);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('hands out everything in order of claim when nothing limits', () => {
    const job = fc.record({
      priority: fc.integer({ min: 1, max: 10 }),
      queuedAt: fc.integer({ min: 0, max: 10 ** 7 }),
    });
    fc.assert(
      fc.property(fc.array(job, { maxLength: 60 }), (jobs) => {
        const queue = new WaitingQueue();
        const naive = new NaiveQueue();
        const none = { maxConcurrentJobs: 0, maxConcurrentJobsPerSession: 0 };
        for (const [index, one] of jobs.entries()) {
          const waiting = { ...one, id: String(index), session: `s${index % 3}` };
          queue.add(waiting);
          naive.jobs.push(waiting);
        }
        for (let left = jobs.length; left >= 0; left--) {
          assert.equal(queue.take(none, new RunningCount())?.id, naive.take(none, [], 10 ** 8)?.id);
        }
        assert.equal(queue.size, 0);
      }),
      { numRuns: 1000 },
    );
  });

  it('starves nobody: the lowest priority comes before whatever is queued 90 minutes later', () => {
    const arrival = fc.record({
      priority: fc.integer({ min: 2, max: 10 }),
      everyMs: fc.integer({ min: 1000, max: 120_000 }),
    });
    fc.assert(
      fc.property(arrival, ({ priority, everyMs }) => {
        const queue = new WaitingQueue();
        const one = { maxConcurrentJobs: 1, maxConcurrentJobsPerSession: 1 };
        queue.add({ id: 'patient', session: 's', priority: 1, queuedAt: 0 });
        // One place, and whenever it is free somebody more important has just come.
        for (let now = 0; ; now += everyMs) {
          assert.ok(now <= 9 * levelMs + everyMs, 'it still waits');
          queue.add({ id: 'pushing', session: 's', priority, queuedAt: now });
          if (queue.take(one, new RunningCount())?.id === 'patient') break;
        }
      }),
      { numRuns: 50 },
    );
  });

  it('passes over a session at its limit', () => {
    const queue = new WaitingQueue();
    const running = new RunningCount();
    running.add('full');
    queue.add({ id: 'first', session: 'full', priority: 10, queuedAt: 0 });
    queue.add({ id: 'second', session: 'free', priority: 1, queuedAt: 1 });
    const both = { maxConcurrentJobs: 5, maxConcurrentJobsPerSession: 1 };
    assert.equal(queue.take(both, running)?.id, 'second');
    assert.equal(queue.take(both, running), undefined);
    running.remove('full');
    assert.equal(queue.take(both, running)?.id, 'first');
  });
});

describe('hasRoom', () => {
  it('takes 0 for no limit', () => {
    assert.deepEqual([hasRoom(0, 1e6), hasRoom(1, 0), hasRoom(1, 1), hasRoom(1, 2)], [true, true, false, false]);
  });
});
