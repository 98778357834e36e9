import fc from 'fast-check';
import { mock } from 'node:test';
import { drain } from './drain.ts';
import { limits, perform, steps } from './steps.ts';
import { World } from './world.ts';

/** A Friday, two minutes before midnight in UTC. */
const begin = Date.UTC(2026, 10, 20, 23, 58);

/** How many histories: for a change of the scheduler, let it be thousands. */
const histories = Number(process.env['BGJOBS_TEST_HISTORIES'] ?? 100);

describe('the engine, over any history', () => {
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
      { numRuns: histories },
    );
  });
});
