import assert from 'node:assert/strict';
import { ago, coarseElapsed, coarseTime, duration, elapsed, fromNow } from '../../../src/text/timeText.ts';
import { english } from '../../../src/text/grammar.ts';

const now = Date.parse('2026-01-02T03:04:05.000Z');

describe('times', () => {
  for (const [ms, text] of [
    [0, '0ms'],
    [340.4, '340ms'],
    [1500, '1.5s'],
    [12_345, '12s'],
    [303_000, '5m 3s'],
    [187_200_000, '2d 4h'],
  ] as const) {
    it(`shows ${ms} ms as ${text}`, () => assert.equal(duration(ms), text));
  }
  it('shows running times without needless precision', () => {
    const texts = [999, 9999, 59_999, 69_900, 70_000, 3 * 3_600_000 + 61_000].map(coarseElapsed);
    assert.deepEqual(texts, ['0s', '9s', '55s', '1m', '1m 10s', '3h 1m']);
  });
  it('shows how long ago something was', () => {
    assert.equal(ago('2026-01-02T03:04:04.500Z', now), 'now');
    assert.equal(ago('2026-01-02T02:59:00.000Z', now), '5m ago');
    assert.equal(ago('2026-01-02T04:00:00.000Z', now), 'now', 'a clock that was set back');
  });
  it('shows a future time by the local clock, with the date when it is not today', () => {
    const noon = new Date(2026, 10, 20, 12).getTime();
    const at = (...time: [number, number, number]) => new Date(2026, 10, ...time).toISOString();
    const tell = (time: string): string => fromNow(time, noon);
    assert.equal(tell(at(20, 12, 4)), 'in 4m (12:04:00)');
    assert.equal(tell(at(23, 4, 30)), 'in 2d 16h (2026-11-23 04:30:00)');
    assert.equal(tell(at(20, 11, 59)), 'now (11:59:00)');
  });
  it('shows a future time in the editor with the minutes that remain, when they are few', () => {
    const text = (ms: number): string => coarseTime(new Date(now + ms).toISOString(), now, english);
    assert.match(text(245_000), /^at .*\d:\d\d.* \(in 5m\)$/);
    assert.match(text(95_000), /\(in 1m 40s\)$/);
    assert.doesNotMatch(text(2 * 3_600_000), /in/);
    assert.match(text(2 * 86_400_000), /2026/);
  });
  it('counts the time of a running job from its start, and keeps that of an ended one', () => {
    assert.equal(elapsed({ startedAt: '2026-01-02T03:04:00.000Z', durationMs: null }, now), 5000);
    assert.equal(elapsed({ startedAt: '2026-01-02T03:04:00.000Z', durationMs: 7 }, now), 7);
    assert.equal(elapsed({ startedAt: null, durationMs: null }, now), null);
  });
});
