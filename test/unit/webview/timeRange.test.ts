import assert from 'node:assert/strict';
import {
  hourMs,
  movedTo,
  panned,
  rangeOf,
  roundStep,
  ticksOf,
  widened,
  zoomed,
  type Shown,
} from '../../../src/webview/timeRange.ts';

describe('The time that the timeline shows', () => {
  const now = Date.UTC(2026, 0, 2, 12, 34, 56);
  const range = (shown: Shown) => rangeOf(shown, now, now - 10 * hourMs);

  it('goes on with the clock, or from the first job', () => {
    const hour = range({ follow: hourMs });
    assert.equal(hour.from, now - hourMs);
    assert.ok(hour.to > now && hour.to < now + hourMs / 5);
    const all = range({ follow: 'all' });
    assert.ok(all.from < now - 10 * hourMs && all.from > now - 11 * hourMs);
    assert.deepEqual(range({ follow: null, from: 1, to: 2 }), { from: 1, to: 2 });
  });

  it('is zoomed by keys with the end at now, and by the mouse with the place below it', () => {
    const hour = range({ follow: hourMs });
    const closer = zoomed({ follow: hourMs }, hour, 1 / 2);
    assert.ok(typeof closer.follow === 'number' && Math.abs(closer.follow - hourMs / 2) < 1);
    const at = now - hourMs / 4;
    const shown = zoomed({ follow: hourMs }, hour, 1 / 2, at);
    assert.equal(shown.follow, null);
    const { from, to } = range(shown);
    assert.ok(Math.abs((to - from) * 2 - (hour.to - hour.from)) < 1);
    assert.ok(Math.abs((at - from) / (to - from) - (at - hour.from) / (hour.to - hour.from)) < 1e-6);
    assert.deepEqual(zoomed({ follow: null, from: 0, to: 4000 }, { from: 0, to: 4000 }, 1 / 2), {
      follow: null,
      from: 1000,
      to: 3000,
    });
  });

  it('is neither shorter than a second nor endless', () => {
    let shown: Shown = { follow: hourMs };
    for (let step = 0; step < 100; step++) shown = zoomed(shown, range(shown), 1 / 2);
    assert.ok(Math.round(range(shown).to - range(shown).from) === 1000);
    for (let step = 0; step < 100; step++) shown = zoomed(shown, range(shown), 2);
    assert.ok(Number.isFinite(range(shown).from));
  });

  it('stands still when it is moved, and goes on with the clock again when it has reached now', () => {
    const hour = range({ follow: hourMs });
    const back = panned(hour, -0.5, now);
    assert.equal(back.follow, null);
    const again = panned(range(back), 0.5, now);
    assert.ok(typeof again.follow === 'number' && Math.abs(again.follow - hourMs) < 1);
  });

  it('moves to what is not in sight', () => {
    const shown = { follow: null, from: 100, to: 200 } as const;
    assert.equal(movedTo(shown, shown, 150, 160), shown);
    assert.equal(movedTo(shown, shown, 190, 500), shown);
    assert.deepEqual(movedTo(shown, shown, 300, 400), { follow: null, from: 275, to: 375 });
  });

  it('has marks at round times', () => {
    assert.equal(roundStep({ from: 0, to: hourMs }, 6), hourMs / 6);
    const { step, times } = ticksOf({ from: now - hourMs, to: now }, 6);
    assert.equal(step, hourMs / 6);
    for (const time of times) assert.equal(new Date(time).getMinutes() % 10, 0);
    assert.equal(times.length, 6);
  });

  it('is laid out for a while longer than is shown, which stays the same while the clock goes on', () => {
    const wide = widened({ from: now - hourMs, to: now });
    assert.ok(wide.from <= now - hourMs && wide.to >= now);
    const later = Array.from({ length: 600 }, (_, second) =>
      JSON.stringify(widened({ from: now - hourMs + second * 1000, to: now + second * 1000 })),
    );
    assert.ok(new Set(later).size <= 3, `${new Set(later).size} layouts in ten minutes`);
  });
});
