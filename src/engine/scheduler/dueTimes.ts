/** The clock is looked at this often at the least, because it may be set and the machine may sleep. */
const lookMs = 60_000;

/** From here on a clock that goes back counts as set by somebody: until then nothing is done twice. */
const setBackMs = 3_600_000;

export interface DueTimesEvents {
  due: (id: string) => void;
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

  get(id: string): number | undefined {
    return this.#times.get(id);
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
    const wasSetBack = now < this.#lastLook - setBackMs;
    this.#timer = undefined;
    this.#armedFor = Infinity;
    this.#lastLook = now;
    if (wasSetBack) this.#events.setBack();
    const due = [...this.#times].filter(([, at]) => at <= now).sort(([, a], [, b]) => a - b);
    for (const [id, at] of due) {
      // One before it may have changed it.
      if (this.#times.get(id) !== at) continue;
      this.#times.delete(id);
      this.#events.due(id);
    }
    if (this.#times.size > 0) this.#arm(Math.min(...this.#times.values()));
  }
}
