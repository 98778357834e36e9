import assert from 'node:assert/strict';
import fc from 'fast-check';
import { layOut, type Lane } from '../../../src/webview/timelineLayout.ts';
import type { Bar } from '../../../src/webview/timelineBars.ts';
import { barOf } from './timelineJobs.ts';

describe('The layout of the timeline', () => {
  const all = { from: -Infinity, to: Infinity, endOf: ({ end }: Bar) => end };
  const placed = (lanes: readonly Lane[]) =>
    lanes.map(({ session, rows }) => [session, rows.map((bars) => bars.map(({ begin, end }) => [begin, end]))]);

  it('has a lane for each session, in the order of their names', () => {
    const bars = [barOf(0, 10, 'web'), barOf(1, 5, 'api'), barOf(20, 30, 'web')];
    assert.deepEqual(placed(layOut(bars, all)), [
      ['api', [[[1, 5]]]],
      [
        'web',
        [
          [
            [0, 10],
            [20, 30],
          ],
        ],
      ],
    ]);
  });

  it('puts what overlaps below each other, and takes the first free row again', () => {
    const bars = [barOf(0, 100), barOf(10, 20), barOf(15, Infinity), barOf(20, 30), barOf(40, 50)];
    assert.deepEqual(placed(layOut(bars, all)), [
      [
        'shop',
        [
          [[0, 100]],
          [
            [10, 20],
            [20, 30],
            [40, 50],
          ],
          [[15, Infinity]],
        ],
      ],
    ]);
  });

  it('puts what has not run below what has', () => {
    const wait = { ...barOf(0, Infinity), run: null };
    const lanes = layOut([wait, barOf(5, 10)], all);
    assert.deepEqual(placed(lanes), [['shop', [[[5, 10]], [[0, Infinity]]]]]);
  });

  it('leaves out what is not in the time that is shown', () => {
    const bars = [barOf(0, 10), barOf(5, 50), barOf(60, 70), barOf(101, 200)];
    assert.deepEqual(placed(layOut(bars, { ...all, from: 20, to: 100 })), [
      [
        'shop',
        [
          [
            [5, 50],
            [60, 70],
          ],
        ],
      ],
    ]);
  });

  it('keeps room for titles', () => {
    const lanes = layOut([barOf(0, 1), barOf(5, 6), barOf(30, 31)], { ...all, endOf: ({ end }) => end + 20 });
    assert.deepEqual(placed(lanes), [
      [
        'shop',
        [
          [
            [0, 1],
            [30, 31],
          ],
          [[5, 6]],
        ],
      ],
    ]);
  });

  it('shows every bar once, without an overlap, in as few rows as possible', () => {
    const bar = fc
      .tuple(fc.nat(1000), fc.integer({ min: 1, max: 100 }), fc.constantFrom('api', 'web'))
      .map(([begin, length, session]) => barOf(begin, begin + length, session));
    fc.assert(
      fc.property(fc.array(bar, { maxLength: 100 }), (bars) => {
        bars.sort((one, other) => one.begin - other.begin);
        const lanes = layOut(bars, all);
        const shown = lanes.flatMap(({ rows }) => rows.flat());
        assert.deepEqual(new Set(shown), new Set(bars));
        assert.equal(shown.length, bars.length);
        for (const { session, rows } of lanes) {
          for (const row of rows) {
            row.forEach((one, index) => assert.ok(index === 0 || row[index - 1]!.end <= one.begin));
          }
          const own = bars.filter(({ job }) => job.session === session);
          const together = own.map(({ begin }) => own.filter((one) => one.begin <= begin && one.end > begin).length);
          assert.equal(rows.length, Math.max(...together));
        }
      }),
    );
  });

  it('places 10,000 bars that overlap in less than a tenth of a second', () => {
    const bars = Array.from({ length: 10_000 }, (_, index) => barOf(index, 20_000 + index));
    layOut(bars, all);
    const begin = performance.now();
    assert.equal(layOut(bars, all)[0]?.rows.length, 10_000);
    assert.ok(performance.now() - begin < 100, `${performance.now() - begin} ms`);
  });
});
