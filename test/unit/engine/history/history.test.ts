import fc from 'fast-check';
import { mock } from 'node:test';
import { restartOption } from '../../../../src/api/options.ts';
import { drain } from './drain.ts';
import { limits, perform, type Step, steps } from './steps.ts';
import { World } from './world.ts';

/** A Friday, two minutes before midnight in UTC. */
const begin = Date.UTC(2026, 10, 20, 23, 58);

/** How many histories: for a change of the scheduler, let it be thousands. */
const histories = Number(process.env['BGJOBS_TEST_HISTORIES'] ?? 100);

type History = [typeof limits extends fc.Arbitrary<infer T> ? T : never, Step[]];
type Started = Extract<Step, { type: 'start' }>['job'];

/** The clock is set back by hours. */
const back: Step = { type: 'jump', ms: -10_800_000 };

/** A history without limits that begins with the start of a job. */
function historyOf(job: Partial<Started>, ...steps: Step[]): History {
  const usual: Started = {
    ...{ session: 'a', priority: 1, mutex: undefined, needs: [], ifDependencyFails: 'cancel', held: false },
    ...{ again: { retry: undefined, restart: undefined }, when: { inMs: undefined, everyMs: undefined } },
    ...{ ifMissed: 'once', ifOverlap: 'skip', isNeverReady: true, starts: 'well' },
  };
  const noLimits = { maxConcurrentJobs: 0, maxConcurrentJobsPerSession: 0, sessionLimits: {} };
  return [noLimits, [{ type: 'start', job: { ...usual, ...job } }, ...steps]];
}

function restarting(options: object): Pick<Started, 'again'> {
  const restart = restartOption.parse({ policy: 'always', maxDelayMs: 5000, jitter: 0, ...options });
  return { again: { retry: undefined, restart } };
}

/** Histories that have shown a fault. */
const examples: History[] = [
  // The clock is set back, the host is killed, and the job ends before another host opens the store.
  historyOf(
    { ...restarting({ maxRestarts: 1, delayMs: 0 }), isNeverReady: false },
    back,
    { type: 'reopen', ms: 0, ends: [] },
    { type: 'reopen', ms: 120_000, ends: [0] },
  ),
  // The clock is set back, which no host notices before the job has failed and another one opens the store.
  historyOf(
    {
      held: true,
      again: {
        retry: { maxAttempts: 2, delayMs: 0, backoffFactor: 1, maxDelayMs: 5000, jitter: 0 },
        restart: undefined,
      },
    },
    back,
    { type: 'release', which: 0 },
    { type: 'pause', session: undefined, isPaused: true },
    { type: 'reopen', ms: 0, ends: [1] },
  ),
  // No run could be started, so no other clock tells how old they are when the clock is set back: the restarts end.
  historyOf(
    { ...restarting({ maxRestarts: 2, windowMs: 1000, delayMs: 1000 }), starts: 'badly' },
    { type: 'advance', ms: 60_000 },
    back,
  ),
];

describe('the engine, over any history', function () {
  // A fault that only some histories show would pass with the next ones.
  this.retries(0);

  // The world of a history that was too late for mocha is never closed, and its clock would stand still for all tests.
  afterEach(() => {
    mock.timers.reset();
    mock.restoreAll();
  });

  it('does what a simple model does, keeps every limit, starts no run twice, and starves nobody', async () => {
    await fc.assert(
      fc.asyncProperty(limits, fc.array(steps, { maxLength: 60, size: 'max' }), async (first, history) => {
        await using world = await World.open(begin);
        await world.limit(first);
        for (const step of history) {
          await perform(world, step);
          await world.check();
        }
        await drain(world);
      }),
      { numRuns: histories, examples },
    );
  });
});
