import type { Drawing, Palette } from './canvas.ts';
import type { Bar } from './timelineBars.ts';
import type { Lane } from './timelineLayout.ts';
import type { Outcome } from './timelineMessages.ts';
import { tickText } from './timelineText.ts';
import { ticksOf, type TimeRange } from './timeRange.ts';

/** Sizes in CSS pixels. */
export interface Sizes {
  /** From the top of a row to that of the next. */
  readonly row: number;
  readonly heading: number;
  readonly gap: number;
  /** The width of a letter of a title; 0: bars have none. */
  readonly letter: number;
}

/** @param font in CSS pixels: what is larger for the reader is larger here */
export function sizesFor(bars: number, font: number): Sizes {
  const hasTitles = bars <= 300;
  const heading = Math.round(font * 2);
  return { row: hasTitles ? Math.round(font * 1.7) : 8, heading, gap: 10, letter: hasTitles ? font * 0.58 : 0 };
}

/** The room that the title of a bar takes, in CSS pixels. */
export function titleWidth({ job }: Bar, { letter }: Sizes): number {
  return letter === 0 ? 0 : Math.min(240, (job.title.length + 5) * letter);
}

/** Where the title of a bar stands: in it if there is room, else after it, unless it goes on. */
export function titleFrom(from: number, end: number, bar: Bar, sizes: Sizes): number {
  return bar.end === Infinity || bar.run === null || end - from >= titleWidth(bar, sizes) ? from : end;
}

export function laneTops(lanes: readonly Lane[], { row, heading, gap }: Sizes): { tops: number[]; height: number } {
  let height = 0;
  const tops = lanes.map(({ rows }) => {
    const top = height;
    height += heading + rows.length * row + gap;
    return top;
  });
  return { tops, height };
}

export interface Scene {
  readonly lanes: readonly Lane[];
  readonly tops: readonly number[];
  readonly sizes: Sizes;
  readonly range: TimeRange;
  readonly now: number;
  /** How far the lanes are scrolled, CSS pixels. */
  readonly scrollTop: number;
  readonly selected: Bar | undefined;
  readonly headingOf: (session: string) => string;
}

/** Where a time stands, in CSS pixels. */
export function xOf(time: number, { from, to }: TimeRange, width: number): number {
  return ((time - from) / (to - from)) * width;
}

const leastWidth = 3;
const signs: Record<Outcome, string> = { running: '▶', waiting: '', completed: '✓', failed: '✕', stopped: '■' };

export function drawLanes(drawing: Drawing, palette: Palette, scene: Scene): void {
  const { context, width, height } = drawing;
  drawTicks(drawing, palette, scene.range, false);
  const { lanes, tops, sizes, scrollTop } = scene;
  lanes.forEach(({ session, rows }, index) => {
    const top = (tops[index] ?? 0) - scrollTop;
    if (top > height || top + sizes.heading + rows.length * sizes.row < 0) return;
    const first = Math.max(0, Math.floor((-top - sizes.heading) / sizes.row));
    const last = Math.min(rows.length, Math.ceil((height - top - sizes.heading) / sizes.row));
    for (let row = first; row < last; row++) {
      drawRow(drawing, palette, scene, rows[row] ?? [], top + sizes.heading + row * sizes.row);
    }
    context.fillStyle = palette.line;
    context.fillRect(0, Math.round(top), width, 1);
    // The heading stays in sight as long as something of its lane is.
    const headingAt = Math.min(Math.max(top, 0), top + rows.length * sizes.row + sizes.gap);
    context.fillStyle = palette.background;
    context.fillRect(0, headingAt + 1, width, sizes.heading - 2);
    context.fillStyle = palette.text;
    context.font = `600 ${palette.font}`;
    context.fillText(scene.headingOf(session), 6, headingAt + sizes.heading / 2, width - 12);
    context.font = palette.font;
  });
  drawNow(drawing, palette, scene);
}

function drawRow({ context, width }: Drawing, palette: Palette, scene: Scene, bars: readonly Bar[], top: number): void {
  const { sizes, range, now, selected } = scene;
  const high = sizes.letter > 0 ? sizes.row - 4 : sizes.row - 2;
  for (let index = firstIn(bars, range.from); index < bars.length; index++) {
    const bar = bars[index]!;
    if (bar.begin > range.to) break;
    const end = Math.min(xOf(Math.min(bar.end, now), range, width), width + 5);
    const begin = Math.max(xOf(bar.begin, range, width), -5);
    const from = bar.run ? Math.max(xOf(bar.run.from, range, width), -5) : Math.max(end, begin);
    drawWaits(
      context,
      palette,
      { begin, end: bar.run ? from : Math.max(end, begin + leastWidth), top, high },
      bar.outcome,
    );
    const wide = Math.max(end - from, leastWidth);
    if (bar.run && from < width) {
      const color = palette.outcomes[bar.outcome];
      context.fillStyle = color;
      if (wide < 6 || sizes.letter === 0) context.fillRect(from, top, wide, high);
      else {
        context.globalAlpha = 0.28;
        context.fillRect(from, top, wide, high);
        context.globalAlpha = 1;
        context.fillRect(from, top, 3, high);
        context.strokeStyle = color;
        context.strokeRect(from + 0.5, top + 0.5, wide - 1, high - 1);
      }
    }
    if (sizes.letter > 0) {
      const at = bar.run ? titleFrom(Math.max(from, 0), Math.max(from, 0) + wide, bar, sizes) : Math.max(begin, 0);
      if (at < width) drawTitle(context, palette, bar, { at: at + 2, top, high, wide: titleWidth(bar, sizes) });
    }
    if (bar.job === selected?.job && bar.run?.number === selected.run?.number) {
      context.strokeStyle = palette.focus;
      context.lineWidth = 2;
      context.strokeRect(begin - 1, top - 1, Math.max(from + wide, begin + leastWidth) - begin + 2, high + 2);
      context.lineWidth = 1;
    }
  }
}

interface Place {
  begin: number;
  end: number;
  top: number;
  high: number;
}

/** A thin line in the middle: it is no work. */
function drawWaits(context: CanvasRenderingContext2D, palette: Palette, place: Place, outcome: Outcome): void {
  const { begin, end, top, high } = place;
  if (end - begin < 1) return;
  context.fillStyle = palette.outcomes[outcome === 'stopped' ? 'stopped' : 'waiting'];
  context.fillRect(begin, top + Math.floor(high / 2), end - begin, 1);
  context.fillRect(begin, top + high * 0.25, 1, high * 0.5);
}

function drawTitle(
  context: CanvasRenderingContext2D,
  palette: Palette,
  bar: Bar,
  { at, top, high, wide }: { at: number; top: number; high: number; wide: number },
): void {
  const text = `${signs[bar.outcome]} ${bar.job.title}`.trim();
  if (bar.run === null) {
    // The line of the wait would strike the text through.
    context.fillStyle = palette.background;
    context.fillRect(at + 3, top, Math.min(context.measureText(text).width + 4, wide), high);
  }
  context.fillStyle = palette.text;
  context.save();
  context.beginPath();
  context.rect(at + 5, top, wide, high);
  context.clip();
  context.fillText(text, at + 5, top + high / 2 + 1);
  context.restore();
}

/** The first bar of a row that has not ended before a time: only the one before those that begin later can be it. */
function firstIn(bars: readonly Bar[], time: number): number {
  let [low, high] = [0, bars.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bars[middle]!.begin < time) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** Lines at round times, with the times if there is room for them at the bottom. */
export function drawTicks(
  { context, width, height }: Drawing,
  palette: Palette,
  range: TimeRange,
  hasText: boolean,
): void {
  const { step, times } = ticksOf(range, Math.max(2, width / 110));
  for (const time of times) {
    const x = Math.round(xOf(time, range, width));
    context.fillStyle = palette.line;
    context.globalAlpha = 0.4;
    context.fillRect(x, 0, 1, height);
    context.globalAlpha = 1;
    const text = tickText(time, step);
    if (!hasText || x + 4 + context.measureText(text).width > width) continue;
    context.fillStyle = palette.dim;
    context.fillText(text, x + 4, height - 8);
  }
}

function drawNow({ context, width, height }: Drawing, palette: Palette, { range, now }: Scene): void {
  const x = Math.round(xOf(now, range, width));
  if (x < 0 || x > width) return;
  context.fillStyle = palette.limit;
  context.fillRect(x, 0, 1, height);
}

/** The bar at a point of the lanes, in CSS pixels from the left and the top of the first lane. */
export function barAt(x: number, y: number, scene: Omit<Scene, 'headingOf'>, width: number): Bar | undefined {
  const { lanes, tops, sizes, range, now } = scene;
  const index = tops.findLastIndex((top) => top <= y);
  const row = Math.floor((y - (tops[index] ?? 0) - sizes.heading) / sizes.row);
  return lanes[index]?.rows[row]?.findLast((bar) => {
    const begin = xOf(bar.begin, range, width);
    const end = Math.max(xOf(Math.min(bar.end, now), range, width), begin + leastWidth);
    const from = bar.run ? xOf(bar.run.from, range, width) : begin;
    const title = titleFrom(Math.max(from, 0), end, bar, sizes) + titleWidth(bar, sizes);
    return x >= begin - 2 && x <= Math.max(end, title);
  });
}
