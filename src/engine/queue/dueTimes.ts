/** The clock is looked at this often at the least, because it may be set and the machine may sleep. */
const lookMs = 60_000;

/** From here on a clock that goes back counts as set by somebody: until then nothing is done twice. */
const setBackMs = 3_600_000;

export function isSetBack(before: number, now: number): boolean {
  return now < before - setBackMs;
}

export interface DueTimesEvents {
  /** The earliest first. They have no time any more. */
  due: (ids: readonly string[]) => void;
  /** The clock was set back by more than an hour. */
  setBack: () => void;
}

/** Times at which something is to be done: one timer for all of them, none when there are none. */
export class DueTimes {
  readonly #now: () => number;
  readonly #events: DueTimesEvents;
  readonly #times = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #armedFor = Infinity;
  #lastLook = 0;

  constructor(now: () => number, events: DueTimesEvents) {
    this.#now = now;
    this.#events = events;
  }

  get size(): number {
    return this.#times.size;
  }

  /** @param at milliseconds since the epoch */
  set(id: string, at: number): void {
    this.#times.set(id, at);
    if (at < this.#armedFor) this.#arm(at);
  }

  has(id: string): boolean {
    return this.#times.has(id);
  }

  delete(id: string): boolean {
    const known = this.#times.delete(id);
    if (this.#times.size === 0) this.dispose();
    return known;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#armedFor = Infinity;
    this.#lastLook = 0;
  }

  #arm(at: number): void {
    clearTimeout(this.#timer);
    this.#armedFor = at;
    const now = this.#now();
    // What is behind it is for the next look to find.
    this.#lastLook = Math.max(this.#lastLook, now);
    this.#timer = setTimeout(() => this.#look(), Math.min(lookMs, Math.max(0, at - now)));
  }

  #look(): void {
    const now = this.#now();
    const wasSetBack = isSetBack(this.#lastLook, now);
    this.#timer = undefined;
    this.#armedFor = Infinity;
    this.#lastLook = now;
    if (wasSetBack) this.#events.setBack();
    const due = [...this.#times].filter(([, at]) => at <= now).sort(([, a], [, b]) => a - b);
    const ids = due.map(([id]) => id);
    for (const id of ids) this.#times.delete(id);
    if (ids.length > 0) this.#events.due(ids);
    if (this.#times.size === 0) this.dispose();
    else this.#arm(Math.min(...this.#times.values()));
  }
}
