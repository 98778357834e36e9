import fc from 'fast-check';
import assert from 'node:assert/strict';
import { Slots, hasRoom, type RunningLimits } from '../../../../src/engine/queue/slots.ts';
import { WaitingQueue, type Waiting } from '../../../../src/engine/queue/waitingQueue.ts';

/** A level of priority weighs as much as ten minutes of waiting. */
const levelMs = 600_000;

const noPause = (): boolean => false;

let rows = 0;

function waiting(id: string, session: string, priority: number, queuedAt: number, mutex?: string): Waiting {
  return { row: ++rows, id, session, queuedAt, queueKey: null, spec: { priority, mutex } };
}

/** The same queue as simply as it can be said: look at everybody, take the one that has the strongest claim now. */
class NaiveQueue {
  readonly jobs: Waiting[] = [];
  readonly served: string[] = [];

  take(
    limits: RunningLimits,
    running: readonly Waiting[],
    paused: readonly string[],
    now: number,
  ): Waiting | undefined {
    const inSession = (session: string): number => running.filter((job) => job.session === session).length;
    const claim = (job: Waiting): number => job.spec.priority * levelMs + (now - job.queuedAt);
    const mayStart = ({ session, spec: { mutex } }: Waiting): boolean =>
      !paused.includes(session) &&
      !(mutex !== undefined && running.some((job) => job.spec.mutex === mutex)) &&
      fits(limits.maxConcurrentJobs, running.length) &&
      fits(ofSession(limits, session), inSession(session));
    const candidates = this.jobs.filter(mayStart);
    // Of each session the one with the strongest claim; Array.sort keeps the order of those that are equal.
    const heads = [...new Set(candidates.map(({ session }) => session))].flatMap(
      (session) => candidates.filter((job) => job.session === session).sort((a, b) => claim(b) - claim(a))[0] ?? [],
    );
    const [first] = heads.sort(
      (a, b) =>
        Math.floor(claim(b) / levelMs) - Math.floor(claim(a) / levelMs) ||
        inSession(a.session) - inSession(b.session) ||
        this.served.lastIndexOf(a.session) - this.served.lastIndexOf(b.session) ||
        claim(b) - claim(a) ||
        this.jobs.indexOf(a) - this.jobs.indexOf(b),
    );
    if (!first) return undefined;
    this.jobs.splice(this.jobs.indexOf(first), 1);
    this.served.push(first.session);
    return first;
  }
}

function ofSession(limits: RunningLimits, session: string): number {
  return new Map(Object.entries(limits.sessionLimits)).get(session) ?? limits.maxConcurrentJobsPerSession;
}

function fits(limit: number, running: number): boolean {
  return limit === 0 || running < limit;
}

const limit = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 4 }));
const sessions = ['a', 'b', 'c', '__proto__'] as const;
const limits = fc.record({
  maxConcurrentJobs: limit,
  maxConcurrentJobsPerSession: limit,
  sessionLimits: fc.dictionary(fc.constantFrom('a', 'b'), limit, { noNullPrototype: false }),
});
const step = fc.oneof(
  fc.record({
    type: fc.constant('add' as const),
    session: fc.constantFrom(...sessions),
    mutex: fc.constantFrom(undefined, undefined, 'm', 'n'),
    priority: fc.integer({ min: 1, max: 10 }),
    // Coarse, so that equal claims are frequent.
    queuedAt: fc.integer({ min: 0, max: 24 }).map((tens) => tens * (levelMs / 2)),
  }),
  fc.record({ type: fc.constant('take' as const) }),
  fc.record({ type: fc.constant('end' as const), which: fc.nat() }),
  fc.record({ type: fc.constant('remove' as const), which: fc.nat() }),
  fc.record({ type: fc.constant('limits' as const), limits }),
  fc.record({ type: fc.constant('pause' as const), paused: fc.subarray([...sessions]) }),
);

describe('WaitingQueue', () => {
  it('does what a naive queue does, over any history, and never passes a limit', () => {
    const now = 24 * levelMs;
    fc.assert(
      fc.property(limits, fc.array(step, { maxLength: 80 }), (first, steps) => {
        let current = first;
        const queue = new WaitingQueue();
        const naive = new NaiveQueue();
        const slots = new Slots();
        let paused: string[] = [];
        const running: Waiting[] = [];
        let added = 0;
        for (const one of steps) {
          switch (one.type) {
            case 'add': {
              const { session, priority, queuedAt, mutex } = one;
              const job = waiting(String(added++), session, priority, queuedAt, mutex);
              queue.add(job);
              naive.jobs.push(job);
              break;
            }
            case 'take': {
              const isPaused = (session: string): boolean => paused.includes(session);
              const taken = queue.take({ limits: current, slots, isPaused, now });
              assert.deepEqual(taken, naive.take(current, running, paused, now));
              if (!taken) break;
              const { mutex } = taken.spec;
              assert.ok(mutex === undefined || running.every(({ spec }) => spec.mutex !== mutex));
              slots.take(taken);
              running.push(taken);
              assert.ok(current.maxConcurrentJobs === 0 || running.length <= current.maxConcurrentJobs);
              const inSession = running.filter(({ session }) => session === taken.session).length;
              assert.equal(slots.inSession(taken.session), inSession);
              const most = ofSession(current, taken.session);
              assert.ok(most === 0 || inSession <= most);
              break;
            }
            case 'end': {
              const [ended] = running.splice(one.which % (running.length || 1), 1);
              if (ended) slots.free(ended);
              break;
            }
            case 'remove': {
              const [removed] = naive.jobs.splice(one.which % (naive.jobs.length || 1), 1);
              assert.equal(queue.remove(removed?.id ?? 'nobody'), removed !== undefined);
              break;
            }
            case 'pause':
              paused = one.paused;
              break;
            case 'limits':
              current = one.limits;
              break;
          }
          assert.equal(queue.size, naive.jobs.length);
          assert.equal(slots.total, running.length);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('starts everything in order of claim when no limit applies', () => {
    const job = fc.record({
      priority: fc.integer({ min: 1, max: 10 }),
      queuedAt: fc.integer({ min: 0, max: 10 ** 7 }),
    });
    fc.assert(
      fc.property(fc.array(job, { maxLength: 60 }), (jobs) => {
        const queue = new WaitingQueue();
        const naive = new NaiveQueue();
        const limits = { maxConcurrentJobs: 0, maxConcurrentJobsPerSession: 0, sessionLimits: {} };
        const options = { limits, slots: new Slots(), isPaused: noPause, now: 10 ** 8 };
        for (const [index, one] of jobs.entries()) {
          const job = waiting(String(index), `s${index % 3}`, one.priority, one.queuedAt);
          queue.add(job);
          naive.jobs.push(job);
        }
        for (let left = jobs.length; left >= 0; left--) {
          assert.equal(queue.take(options)?.id, naive.take(limits, [], [], 10 ** 8)?.id);
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
      session: fc.constantFrom('s', 'other'),
    });
    fc.assert(
      fc.property(arrival, ({ priority, everyMs, session }) => {
        const queue = new WaitingQueue();
        const limits = { maxConcurrentJobs: 1, maxConcurrentJobsPerSession: 1, sessionLimits: {} };
        queue.add(waiting('patient', 's', 1, 0));
        // One place, and whenever it is free somebody more important has just come.
        for (let now = 0; ; now += everyMs) {
          assert.ok(now <= 9 * levelMs + everyMs, 'it still waits');
          queue.add(waiting('pushing', session, priority, now));
          const taken = queue.take({ limits, slots: new Slots(), isPaused: noPause, now });
          if (taken?.id === 'patient') break;
        }
      }),
      { numRuns: 50 },
    );
  });

  it('passes over a session at its limit', () => {
    const queue = new WaitingQueue();
    const slots = new Slots();
    const full = { id: 'running', session: 'full', spec: {} };
    slots.take(full);
    queue.add(waiting('first', 'full', 10, 0));
    queue.add(waiting('second', 'free', 1, 1));
    const limits = { maxConcurrentJobs: 5, maxConcurrentJobsPerSession: 1, sessionLimits: {} };
    const options = { limits, slots, isPaused: noPause, now: 2 };
    assert.equal(queue.take(options)?.id, 'second');
    assert.equal(queue.take(options), undefined);
    slots.free(full);
    assert.equal(queue.take(options)?.id, 'first');
  });

  it('lets sessions take turns, however much one of them has queued before', () => {
    const queue = new WaitingQueue();
    const limits = { maxConcurrentJobs: 1, maxConcurrentJobsPerSession: 0, sessionLimits: {} };
    for (let index = 0; index < 10; index++) queue.add(waiting(`greedy${index}`, 'greedy', 5, index));
    for (let index = 0; index < 2; index++) queue.add(waiting(`modest${index}`, 'modest', 5, 1000 + index));
    const taken = [1, 2, 3, 4].map(() => queue.take({ limits, slots: new Slots(), isPaused: noPause, now: 2000 })?.id);
    assert.deepEqual(taken, ['greedy0', 'modest0', 'greedy1', 'modest1']);
  });

  it('moves a job among those of its session, whatever their times', () => {
    const direction = fc.constantFrom('up' as const, 'down' as const, 'first' as const, 'last' as const);
    const moves = fc.array(fc.tuple(fc.nat(7), direction), { maxLength: 30 });
    fc.assert(
      fc.property(fc.array(fc.nat(2), { minLength: 1, maxLength: 8 }), moves, (times, steps) => {
        const queue = new WaitingQueue();
        const jobs = new Map(times.map((time, index) => [String(index), waiting(String(index), 's', 5, time)]));
        for (const job of jobs.values()) queue.add(job);
        queue.add(waiting('else', 'other', 5, 1));
        const order = (): string[] => queue.order({ now: 10 }, new Slots()).filter((id) => id !== 'else');
        const expected = order();
        for (const [which, to] of steps) {
          const id = String(which % times.length);
          for (const moved of queue.move(id, to)) {
            const job = { ...(jobs.get(moved.id) ?? assert.fail()), ...moved };
            jobs.set(job.id, job);
            queue.remove(job.id);
            queue.add(job);
          }
          const from = expected.indexOf(id);
          expected.splice(from, 1);
          const at = { up: Math.max(0, from - 1), down: from + 1, first: 0, last: expected.length }[to];
          expected.splice(at, 0, id);
          assert.deepEqual(order(), expected);
        }
        // What was stored brings back the same order, in whatever order it is read.
        const again = new WaitingQueue();
        for (const job of [...jobs.values()].reverse()) again.add(job);
        assert.deepEqual(again.order({ now: 10 }, new Slots()), expected);
      }),
      { numRuns: 500 },
    );
  });
});

describe('hasRoom', () => {
  it('takes 0 for no limit', () => {
    assert.deepEqual([hasRoom(0, 1e6), hasRoom(1, 0), hasRoom(1, 1), hasRoom(1, 2)], [true, true, false, false]);
  });
});
