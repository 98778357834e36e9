import type { Drawing, Palette } from './canvas.ts';
import { buckets, peaks, type Counted } from './timelineCounts.ts';
import { drawTicks, xOf } from './timelineDrawing.ts';
import { filled } from './timelineText.ts';
import type { TimelineWords } from './timelineMessages.ts';
import { roundStep, type TimeRange } from './timeRange.ts';

/** In CSS pixels. */
export const chartsHeight = 150;
const axis = 18;
const caption = 18;
const most = 60;

interface Chart {
  readonly top: number;
  readonly height: number;
}

/** What the charts show, as numbers. */
export interface Totals {
  readonly mostRunning: number;
  readonly mostQueued: number;
  readonly ended: number;
  readonly failed: number;
}

export interface Charted {
  readonly counts: Counted;
  readonly range: TimeRange;
  readonly now: number;
  /** How many jobs run at once; 0 for any number. */
  readonly limit: number;
  readonly totals: Totals;
  readonly words: TimelineWords;
}

/** Of the time until now. */
export function totalsOf({ counts, range: { from, to }, now }: Pick<Charted, 'counts' | 'range' | 'now'>): Totals {
  const range = { from, to: Math.max(from, Math.min(to, now)) };
  const inside = counts.ended.filter(({ time }) => time >= from && time <= to);
  return {
    mostRunning: peaks(counts.running, range, 1)[0] ?? 0,
    mostQueued: peaks(counts.queued, range, 1)[0] ?? 0,
    ended: inside.length,
    failed: inside.filter(({ outcome }) => outcome === 'failed').length,
  };
}

/** How many run and wait, and below how many have ended, over the same time as the lanes. */
export function drawCharts(drawing: Drawing, palette: Palette, charted: Charted): void {
  const { context, height } = drawing;
  drawTicks(drawing, palette, charted.range, true);
  const each = (height - axis) / 2;
  context.lineWidth = 1;
  drawLoad(drawing, palette, charted, { top: 0, height: each });
  drawEnded(drawing, palette, charted, { top: each, height: each });
}

function drawLoad(drawing: Drawing, palette: Palette, charted: Charted, { top, height }: Chart): void {
  const { counts, range, now, limit, totals, words } = charted;
  const { context, width } = drawing;
  const columns = Math.max(1, Math.ceil(width));
  const past = Math.max(0, Math.min(columns, Math.ceil(xOf(now, range, width))));
  const running = peaks(counts.running, range, columns).slice(0, past);
  const queued = peaks(counts.queued, range, columns).slice(0, past);
  const bottom = top + height;
  const room = height - caption - 4;
  const { mostRunning, mostQueued } = totals;
  // The limit is shown if that leaves room for what runs, and a queue that is much longer has a scale of its own.
  const slots = Math.max(mostRunning, limit <= 4 * mostRunning ? limit : 1);
  const highest = mostQueued <= 4 * slots ? Math.max(slots, mostQueued) : slots;
  const longest = Math.max(highest, mostQueued);
  const y = (value: number): number => bottom - (value / highest) * room;
  context.fillStyle = palette.outcomes.running;
  running.forEach((value, x) => value > 0 && context.fillRect(x, y(value), 1, bottom - y(value)));
  context.beginPath();
  queued.forEach((value, x) => context.lineTo(x + 0.5, bottom - (value / longest) * room - 0.5));
  context.strokeStyle = palette.text;
  context.stroke();
  if (limit > 0 && limit <= highest) {
    context.setLineDash([6, 4]);
    context.strokeStyle = palette.limit;
    context.strokeRect(-1, Math.round(y(limit)) - 0.5, width + 2, 0);
    context.setLineDash([]);
  }
  const isNow = range.to >= now;
  const current = running.at(-1) ?? 0;
  const text = limit > 0 ? filled(words.runningOf, current, limit) : filled(words.running, current);
  drawCaption(drawing, palette, top, [
    [palette.outcomes.running, isNow ? text : filled(words.mostRunning, mostRunning)],
    [palette.text, isNow ? filled(words.queued, queued.at(-1) ?? 0) : filled(words.mostQueued, mostQueued)],
  ]);
}

function drawEnded(drawing: Drawing, palette: Palette, charted: Charted, { top, height }: Chart): void {
  const { counts, range, totals, words } = charted;
  const { context, width } = drawing;
  const found = buckets(counts.ended, range, roundStep(range, most));
  const highest = Math.max(1, ...found.map(({ completed, failed, stopped }) => completed + failed + stopped));
  const room = height - caption - 4;
  for (const bucket of found) {
    const from = xOf(bucket.from, range, width);
    const wide = Math.max(1, xOf(bucket.to, range, width) - from - 1);
    let bottom = top + height;
    for (const outcome of ['failed', 'stopped', 'completed'] as const) {
      const high = (bucket[outcome] / highest) * room;
      context.fillStyle = palette.outcomes[outcome];
      context.fillRect(from, bottom - high, wide, high);
      bottom -= high;
    }
  }
  drawCaption(drawing, palette, top, [
    [palette.outcomes.completed, filled(words.ended, totals.ended)],
    [palette.outcomes.failed, filled(words.failed, totals.failed)],
  ]);
}

/** Texts with the colors of what they are about. */
function drawCaption(
  { context, width }: Drawing,
  palette: Palette,
  top: number,
  parts: readonly (readonly [color: string, text: string])[],
): void {
  let x = 6;
  for (const [color, text] of parts) {
    const wide = context.measureText(text).width + 34;
    context.fillStyle = palette.background;
    context.fillRect(x - 4, top + 1, Math.min(wide - 4, width - x), caption - 2);
    context.fillStyle = color;
    context.fillRect(x, top + caption / 2 - 5, 10, 10);
    context.fillStyle = palette.text;
    context.fillText(text, x + 15, top + caption / 2 + 1);
    x += wide;
  }
}
