import assert from 'node:assert/strict';
import fc from 'fast-check';
import { buckets, counted, peaks } from '../../../src/webview/timelineCounts.ts';
import { barsOf } from '../../../src/webview/timelineBars.ts';
import { barOf, jobOf, runOf } from './timelineJobs.ts';

describe('What the timeline counts', () => {
  it('is how many run at most at the same time, and not how many there are in a while', () => {
    const { running } = counted([barOf(0, 10), barOf(10, 20), barOf(20, 30), barOf(25, Infinity)]);
    assert.deepEqual(peaks(running, { from: 0, to: 40 }, 1), [2]);
    assert.deepEqual(peaks(running, { from: 0, to: 40 }, 4), [1, 1, 2, 1]);
    assert.deepEqual(peaks(running, { from: -20, to: 0 }, 2), [0, 0]);
    assert.deepEqual(peaks(running, { from: 26, to: 28 }, 2), [2, 2]);
  });

  it('is right for any bars', () => {
    const span = fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 50 }));
    fc.assert(
      fc.property(fc.array(span), fc.nat(100), fc.integer({ min: 1, max: 100 }), (spans, from, length) => {
        const bars = spans.map(([begin, long]) => barOf(begin, begin + long));
        const to = from + length;
        const times = [from, ...spans.map(([begin]) => begin).filter((begin) => begin > from && begin < to)];
        const at = (time: number): number => bars.filter(({ begin, end }) => begin <= time && end > time).length;
        assert.deepEqual(peaks(counted(bars).running, { from, to }, 1), [Math.max(...times.map(at))]);
      }),
    );
  });

  it('is the queue: what waits for a slot, and not what waits for a time or another job', () => {
    const first = jobOf({ runs: [runOf(1, 0, 3000)] });
    const jobs = [
      jobOf({ created: 0, after: [first.id], runs: [runOf(1, 5000, 6000)] }),
      jobOf({ created: 0, due: 9000, queued: 9000, runs: [runOf(1, 9000, 9500)] }),
      jobOf({ created: 4000, wait: { to: null, text: '', isQueued: true } }),
    ];
    const { queued } = counted(jobs.flatMap((job) => barsOf(job, (id) => (id === first.id ? first : undefined))));
    assert.deepEqual(peaks(queued, { from: 0, to: 8000 }, 8), [0, 0, 0, 1, 2, 1, 1, 1]);
  });

  it('is what has ended, in buckets that begin at round times', () => {
    const bars = [
      barOf(0, 12, 'shop'),
      barOf(0, 19, 'shop', 'failed'),
      barOf(0, 20, 'shop', 'stopped'),
      barOf(0, Infinity),
      barOf(0, 99),
    ];
    const found = buckets(counted(bars).ended, { from: 15, to: 31 }, 10);
    assert.deepEqual(found, [
      { from: 10, to: 20, completed: 1, failed: 1, stopped: 0 },
      { from: 20, to: 30, completed: 0, failed: 0, stopped: 1 },
      { from: 30, to: 40, completed: 0, failed: 0, stopped: 0 },
    ]);
  });
});
