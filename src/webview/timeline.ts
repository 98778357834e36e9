import { prepared, readPalette } from './canvas.ts';
import { fill, setText } from './elements.ts';
import { chartsHeight, drawCharts, totalsOf, type Totals } from './timelineCharts.ts';
import { barAt, drawLanes, laneTops, sizesFor, titleFrom, titleWidth, type Scene } from './timelineDrawing.ts';
import { listenTo } from './timelineInput.ts';
import { TimelineJobs, type Filter } from './timelineJobs.ts';
import { layOut, type Lane } from './timelineLayout.ts';
import type { Bar } from './timelineBars.ts';
import type { FromTimeline, TimelineWords, ToTimeline } from './timelineMessages.ts';
import { TimelineTable } from './timelineTable.ts';
import { barLines, filled } from './timelineText.ts';
import { showTools } from './timelineTools.ts';
import { hourMs, movedTo, panned, rangeOf, widened, zoomed, type Shown, type TimeRange } from './timeRange.ts';

/** What is kept while the timeline is not visible. */
export interface StoredView {
  readonly shown: Shown;
  readonly filter: Filter;
  readonly isTable: boolean;
}

interface Editor {
  send(message: FromTimeline): void;
  store(view: StoredView): void;
}

const part = <Found extends HTMLElement>(id: string): Found => document.getElementById(id) as Found;

/** How often what goes on grows, at most. Milliseconds. */
const growMs = 1000;

/** The timeline of all jobs: what is shown of them, and when it is drawn. */
export class Timeline {
  readonly #editor: Editor;
  readonly #jobs = new TimelineJobs();
  readonly #table: TimelineTable;
  #shown: Shown;
  #isTable: boolean;
  #words: TimelineWords | undefined;
  #limits = { all: 0, each: 0, sessions: {} as Readonly<Record<string, number>> };
  #isLoading = true;
  #wanted: number | null = null;
  #palette = readPalette();
  #lanes: readonly Lane[] = [];
  /** What the lanes were computed for. */
  #lanesFor: unknown[] = [];
  #scene: Scene | undefined;
  #selected: { job: string; run: number | undefined } | undefined;
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(stored: StoredView | undefined, editor: Editor) {
    this.#editor = editor;
    this.#shown = stored?.shown ?? { follow: hourMs };
    this.#isTable = stored?.isTable ?? false;
    if (stored) this.#jobs.filter = stored.filter;
    this.#table = new TimelineTable(part('table'), (jobId) => editor.send({ type: 'open', jobId }));
    listenTo(part('lanes'), {
      zoom: (factor, at) => this.#show(zoomed(this.#shown, this.#range(), factor, this.#timeAt(at))),
      pan: (share) => this.#show(panned(this.#range(), share, Date.now())),
      select: (step) => this.#selectNext(step),
      open: (bar) => this.#open(bar ?? this.#selectedBar()),
      point: (bar, x, y) => this.#point(bar, x, y),
      barAt: (x, y) => this.#scene && barAt(x, y, this.#scene, part('bars').clientWidth),
      scroll: () => this.redraw(),
    });
    this.#want(true);
  }

  receive(message: ToTimeline): void {
    switch (message.type) {
      case 'words':
        this.#words = message.words;
        break;
      case 'jobs':
        this.#jobs.take(message);
        break;
      case 'progress':
        this.#isLoading = message.isLoading;
        setText(part('problem'), message.problem);
        part('problem').hidden = message.problem === '';
        break;
      case 'limits':
        this.#limits = message;
        break;
    }
    this.redraw();
  }

  /** The theme has changed. */
  look(): void {
    this.#palette = readPalette();
    this.redraw();
  }

  redraw(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.#words) this.#draw(this.#words);
    });
  }

  #range(): TimeRange {
    return rangeOf(this.#shown, Date.now(), Math.min(this.#jobs.earliest, Date.now()));
  }

  #timeAt(x: number | undefined): number | undefined {
    const { from, to } = this.#range();
    return x === undefined ? undefined : from + (x / part('bars').clientWidth) * (to - from);
  }

  #show(shown: Shown): void {
    this.#shown = shown;
    this.#want(false);
    this.#changed();
  }

  #changed(): void {
    this.#editor.store({ shown: this.#shown, filter: this.#jobs.filter, isTable: this.#isTable });
    this.redraw();
  }

  /** Says how far back is shown, if that is farther than before. */
  #want(isNew: boolean): void {
    const from = this.#shown.follow === 'all' ? null : this.#range().from;
    if (!isNew && (this.#wanted === null || (from !== null && from >= this.#wanted))) return;
    this.#wanted = from;
    this.#editor.send({ type: 'want', isNew, from });
  }

  #draw(words: TimelineWords): void {
    const now = Date.now();
    const range = this.#range();
    part('title').textContent ||= words.timeline;
    document.querySelector('main')!.hidden = false;
    setText(part('keys'), words.keys);
    showTools(
      part('tools'),
      {
        words,
        shown: this.#shown,
        filter: this.#jobs.filter,
        sessions: this.#sessions(),
        isTable: this.#isTable,
      },
      {
        show: (shown) => this.#show(shown),
        zoom: (factor) => this.#show(zoomed(this.#shown, this.#range(), factor)),
        filter: (filter) => {
          this.#jobs.filter = filter;
          this.#changed();
        },
        table: (isTable) => {
          this.#isTable = isTable;
          this.#changed();
        },
      },
    );
    part('timeline').hidden = this.#isTable;
    part('table').hidden = !this.#isTable;
    part('keys').hidden = this.#isTable;
    const totals = totalsOf({ counts: this.#jobs.counted, range, now });
    if (!this.#isTable) this.#drawCharts(words, range, now, totals);
    if (this.#isTable) this.#table.show(this.#inRange(range).reverse(), words, now);
    else this.#drawLanes(words, range, now);
    this.#summarize(words, totals);
    clearTimeout(this.#timer);
    // Less than a pixel is not seen.
    const pixelMs = (range.to - range.from) / Math.max(1, document.body.clientWidth);
    if (this.#jobs.goesOn || this.#shown.follow !== null) {
      this.#timer = setTimeout(() => this.redraw(), Math.max(growMs, pixelMs));
    }
  }

  #drawCharts(words: TimelineWords, range: TimeRange, now: number, totals: Totals): void {
    const width = part('charts').clientWidth;
    const canvas = part<HTMLCanvasElement>('chart');
    const { session } = this.#jobs.filter;
    const limit = session === '' ? this.#limits.all : this.#limitOf(session);
    const drawing = prepared(canvas, width, chartsHeight, this.#palette);
    drawCharts(drawing, this.#palette, { counts: this.#jobs.counted, range, now, limit, totals, words });
  }

  #drawLanes(words: TimelineWords, range: TimeRange, now: number): void {
    const target = part('lanes');
    const { bars } = this.#jobs;
    const width = target.clientWidth;
    const font = parseFloat(getComputedStyle(document.body).fontSize);
    const visible = this.#inRange(range).length;
    const sizes = sizesFor(visible, font);
    const wide = widened(range);
    const pixelMs = (range.to - range.from) / Math.max(1, width);
    const endOf = (bar: Bar): number => {
      const begin = (bar.run?.from ?? bar.begin) / pixelMs;
      const end = Math.max(Math.min(bar.end, now) / pixelMs, begin) + 4;
      return Math.max(bar.end, (titleFrom(begin, end, bar, sizes) + titleWidth(bar, sizes)) * pixelMs, end * pixelMs);
    };
    // The rows stay what they are while the time moves on, until something comes into sight.
    const lanesFor = [bars, wide.from, wide.to, Math.round(pixelMs), sizes.letter];
    if (lanesFor.some((value, index) => value !== this.#lanesFor[index])) {
      this.#lanes = layOut(bars, { ...wide, endOf });
      this.#lanesFor = lanesFor;
    }
    const { tops, height } = laneTops(this.#lanes, sizes);
    part('height').style.height = `${height}px`;
    const selected = this.#selectedBar();
    const headingOf = (session: string): string => {
      const limit = this.#limitOf(session);
      return limit > 0 ? `${session} · ${filled(words.lane, limit)}` : session;
    };
    const { scrollTop, clientHeight } = target;
    this.#scene = { lanes: this.#lanes, tops, sizes, range, now, scrollTop, selected, headingOf };
    drawLanes(
      prepared(part<HTMLCanvasElement>('bars'), width, clientHeight, this.#palette),
      this.#palette,
      this.#scene,
    );
    setText(part('selected'), selected ? barLines(selected, words, now).join(' · ') : '');
  }

  #summarize(words: TimelineWords, { mostRunning, mostQueued, ended, failed }: Totals): void {
    const isEmpty = this.#jobs.bars.length === 0;
    const text = [
      filled(words.ended, ended),
      filled(words.failed, failed),
      filled(words.mostRunning, mostRunning),
      filled(words.mostQueued, mostQueued),
    ].join(' · ');
    setText(part('summary'), this.#isLoading ? words.loading : isEmpty ? words.none : text);
  }

  #limitOf(session: string): number {
    return this.#limits.sessions[session] ?? this.#limits.each;
  }

  /** The chosen one stays in the list while it has no jobs. */
  #sessions(): string[] {
    const { session } = this.#jobs.filter;
    const sessions = this.#jobs.sessions();
    return session === '' || sessions.includes(session) ? sessions : [session, ...sessions];
  }

  #inRange({ from, to }: TimeRange): Bar[] {
    return this.#jobs.bars.filter(({ begin, end }) => begin <= to && end >= from);
  }

  #selectedBar(): Bar | undefined {
    const { job, run } = this.#selected ?? {};
    return job === undefined
      ? undefined
      : this.#jobs.bars.find((bar) => bar.job.id === job && (run === undefined || bar.run?.number === run));
  }

  /** The next one by the lanes, and in a lane by time. */
  #selectNext(step: number): void {
    const order = this.#lanes.flatMap(({ rows }) => rows.flat().sort((one, other) => one.begin - other.begin));
    const selected = this.#selectedBar();
    const at = selected ? order.indexOf(selected) : -1;
    const next = order[at < 0 ? (step > 0 ? 0 : order.length - 1) : Math.min(order.length - 1, Math.max(0, at + step))];
    if (!next) return;
    this.#selected = { job: next.job.id, run: next.run?.number };
    const now = Date.now();
    this.#show(movedTo(this.#shown, this.#range(), next.run?.from ?? next.begin, Math.min(next.end, now)));
    this.#scrollTo(next);
  }

  #scrollTo(bar: Bar): void {
    const { sizes, tops } = this.#scene ?? {};
    const lane = this.#lanes.findIndex(({ session }) => session === bar.job.session);
    const row = this.#lanes[lane]?.rows.findIndex((bars) => bars.includes(bar)) ?? -1;
    if (!sizes || !tops || row < 0) return;
    const target = part('lanes');
    const top = (tops[lane] ?? 0) + sizes.heading + row * sizes.row;
    if (top - sizes.heading < target.scrollTop) target.scrollTop = top - sizes.heading;
    else if (top + sizes.row > target.scrollTop + target.clientHeight) {
      target.scrollTop = top + sizes.row - target.clientHeight;
    }
  }

  #open(bar: Bar | undefined): void {
    if (bar) this.#editor.send({ type: 'open', jobId: bar.job.id });
  }

  /** @param x where the mouse is in the window, CSS pixels */
  #point(bar: Bar | undefined, x: number, y: number): void {
    const tooltip = part('tooltip');
    tooltip.hidden = bar === undefined;
    if (!bar || !this.#words) return;
    const lines = barLines(bar, this.#words, Date.now());
    fill(tooltip, lines, () =>
      lines.map((line) => Object.assign(document.createElement('div'), { textContent: line })),
    );
    const { offsetWidth, offsetHeight } = tooltip;
    tooltip.style.left = `${Math.max(0, Math.min(x + 12, window.innerWidth - offsetWidth - 4))}px`;
    tooltip.style.top = `${y + 18 + offsetHeight > window.innerHeight ? y - offsetHeight - 8 : y + 18}px`;
  }
}
