/** What `jobsPerHour` counts by, in milliseconds. */
const hour = 3_600_000;

interface Start {
  /** Milliseconds since the epoch. */
  time: number;
  session: string;
}

/** When runs have started within the last hour. Read from the store when a quota asks for the first time, then kept. */
export class StartTimes {
  readonly #read: (since: number) => Start[];
  readonly #now: () => number;
  /** Oldest first. */
  #starts: Start[] | undefined;

  constructor(read: (since: number) => Start[], now: () => number) {
    this.#read = read;
    this.#now = now;
  }

  note(session: string): void {
    this.#starts?.push({ time: this.#now(), session });
  }

  /** The clock was set by so many milliseconds. */
  clockStepped(byMs: number): void {
    for (const start of this.#starts ?? []) start.time += byMs;
  }

  /**
   * When another run may start if so many may within an hour.
   * @param session those of all sessions if it is left out
   * @returns milliseconds since the epoch; null: now
   */
  nextAfter(maximum: number, session?: string): number | null {
    const since = this.#now() - hour;
    this.#starts ??= this.#read(since);
    while (this.#starts[0] && this.#starts[0].time <= since) this.#starts.shift();
    const starts = session === undefined ? this.#starts : this.#starts.filter((start) => start.session === session);
    const first = starts.at(-maximum);
    return starts.length < maximum || !first ? null : first.time + hour;
  }
}
