/** The clock is read at least this often, because it may be set and the machine may sleep. */
const pollMs = 60_000;

/** A clock that goes back this far counts as set back; below that nothing is done twice. */
const setBackMs = 3_600_000;

export function isSetBack(before: number, now: number): boolean {
  return now < before - setBackMs;
}

interface DueTimesEvents {
  /** Earliest first. Their times are removed. */
  due: (ids: readonly string[]) => void;
  /** The clock was set back by more than an hour. */
  setBack: () => void;
}

/** Times at which something is due: one timer for all of them, none without times. */
export class DueTimes {
  readonly #now: () => number;
  readonly #events: DueTimesEvents;
  readonly #times = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #armedFor = Infinity;
  #lastPoll = 0;

  constructor(now: () => number, events: DueTimesEvents) {
    this.#now = now;
    this.#events = events;
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
    this.#lastPoll = 0;
  }

  #arm(at: number): void {
    clearTimeout(this.#timer);
    this.#armedFor = at;
    const now = this.#now();
    // The next poll must notice a clock that was set back before.
    this.#lastPoll = Math.max(this.#lastPoll, now);
    this.#timer = setTimeout(() => this.#poll(), Math.min(pollMs, Math.max(0, at - now)));
  }

  #poll(): void {
    const now = this.#now();
    const wasSetBack = isSetBack(this.#lastPoll, now);
    this.#timer = undefined;
    this.#armedFor = Infinity;
    this.#lastPoll = now;
    if (wasSetBack) this.#events.setBack();
    const due = [...this.#times].filter(([, at]) => at <= now).sort(([, a], [, b]) => a - b);
    const ids = due.map(([id]) => id);
    for (const id of ids) this.#times.delete(id);
    if (ids.length > 0) this.#events.due(ids);
    if (this.#times.size === 0) this.dispose();
    else this.#arm(Math.min(...this.#times.values()));
  }
}
