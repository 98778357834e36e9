import type { Bar } from './timelineBars.ts';

/** The bars of a session, in rows. In a row they do not overlap, and stand in the order of time. */
export interface Lane {
  readonly session: string;
  readonly rows: readonly (readonly Bar[])[];
}

export interface LayoutOptions {
  /** Only bars of this time are placed. Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  /** Until when a bar takes its row: until its end or longer, for example for its title. */
  readonly endOf: (bar: Bar) => number;
}

/**
 * Places each bar in the first row of its session that is free, as calendars do, so that there are as few rows as possible.
 * What has not run stands below what has. The lanes are in the order of their names.
 * @param bars in the order of their beginnings
 */
export function layOut(bars: readonly Bar[], { from, to, endOf }: LayoutOptions): Lane[] {
  const lanes = new Map<string, { runs: Rows; waits: Rows }>();
  for (const bar of bars) {
    if (bar.begin > to) break;
    const end = endOf(bar);
    if (end < from) continue;
    const { session } = bar.job;
    let lane = lanes.get(session);
    if (!lane) lanes.set(session, (lane = { runs: new Rows(), waits: new Rows() }));
    (bar.run ? lane.runs : lane.waits).add(bar, end);
  }
  return [...lanes]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([session, { runs, waits }]) => ({ session, rows: [...runs.rows, ...waits.rows] }));
}

class Rows {
  readonly rows: Bar[][] = [];
  /** The numbers of the rows whose last bar has not ended, the first to end on top. */
  readonly #busy = new Heap<{ row: number; end: number }>((one, other) => one.end - other.end);
  /** The numbers of the other rows, the first row on top. */
  readonly #free = new Heap<number>((one, other) => one - other);

  add(bar: Bar, end: number): void {
    for (let first = this.#busy.top; first && first.end <= bar.begin; first = this.#busy.top) {
      this.#busy.take();
      this.#free.put(first.row);
    }
    const row = this.#free.take() ?? this.rows.push([]) - 1;
    this.rows[row]?.push(bar);
    this.#busy.put({ row, end });
  }
}

/** A binary heap. */
class Heap<T> {
  readonly #items: T[] = [];
  readonly #compare: (one: T, other: T) => number;

  constructor(compare: (one: T, other: T) => number) {
    this.#compare = compare;
  }

  get top(): T | undefined {
    return this.#items[0];
  }

  put(item: T): void {
    let at = this.#items.push(item) - 1;
    while (at > 0 && this.#isBefore(at, (at - 1) >> 1)) at = this.#swap(at, (at - 1) >> 1);
  }

  take(): T | undefined {
    const [top] = this.#items;
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return top;
    this.#items[0] = last;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const least = left + 1 < this.#items.length && this.#isBefore(left + 1, left) ? left + 1 : left;
      if (least >= this.#items.length || !this.#isBefore(least, at)) return top;
      at = this.#swap(at, least);
    }
  }

  #isBefore(one: number, other: number): boolean {
    return this.#compare(this.#items[one]!, this.#items[other]!) < 0;
  }

  /** @returns where the first one is now */
  #swap(one: number, other: number): number {
    [this.#items[one], this.#items[other]] = [this.#items[other]!, this.#items[one]!];
    return other;
  }
}
