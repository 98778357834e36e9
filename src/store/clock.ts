import { uptime } from 'node:os';
import type { DatabaseSync } from 'node:sqlite';
import { Table, unlessFull } from './database.ts';

/**
 * Clocks that nobody sets, unlike that of `Date`, in milliseconds. They can be compared between processes of one boot. An
 * object, so that tests can put others in their place.
 */
export const clock = {
  /** Stands still while the machine sleeps: limits on what a job does count by it. CLOCK_MONOTONIC on Linux. */
  awake(): number {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1000 + nanoseconds / 1e6;
  },
  /** Goes on while the machine sleeps: delays count by it. Exact to 10 ms on Linux (CLOCK_BOOTTIME), else to a second. */
  boot: (): number => uptime() * 1000,
};

/** A moment by both clocks, stored with what began then. */
export interface Moment {
  awakeAt: number;
  bootAt: number;
}

export function moment(): Moment {
  return { awakeAt: clock.awake(), bootAt: clock.boot() };
}

/** Something that began, in this boot. Older hosts have stored no moment, but the time alone. */
interface Beginning {
  /** Milliseconds since the epoch. */
  startedAt: number;
  moment: Partial<Moment> | null | undefined;
}

/** How long ago it began, without the time that the machine slept (milliseconds). @param now milliseconds since the epoch */
export function awakeSince({ startedAt, moment }: Beginning, now: number): number {
  const ms = moment?.awakeAt === undefined ? -1 : clock.awake() - moment.awakeAt;
  return ms >= 0 ? ms : Math.max(0, now - startedAt);
}

/** The clock counts as set when it differs by more (milliseconds): it is adjusted in small steps all the time. */
const tolerance = 2000;

/** An end that is older was not seen when it happened (milliseconds). */
const justNow = 10_000;

/**
 * When something began, by the clock as it is set at its end: so the two times are as far apart as it took.
 * @param finishedAt,now milliseconds since the epoch
 */
export function startedBy({ startedAt, moment }: Beginning, finishedAt: number, now: number): number {
  const sinceEnd = now - finishedAt;
  if (moment?.awakeAt === undefined || moment.bootAt === undefined || Math.abs(sinceEnd) > justNow) return startedAt;
  const awake = clock.awake() - moment.awakeAt - sinceEnd;
  if (Math.abs(finishedAt - startedAt - awake) < tolerance) return startedAt;
  const asleepToo = clock.boot() - moment.bootAt - sinceEnd;
  if (Math.abs(finishedAt - startedAt - asleepToo) < tolerance) return startedAt;
  const took = Math.abs(asleepToo - awake) < tolerance ? awake : asleepToo;
  return finishedAt - Math.max(0, Math.round(took));
}

/**
 * How long before an end something began, with the time that the machine slept (milliseconds).
 * @param finishedAt,now milliseconds since the epoch
 */
export function beganBefore({ startedAt, moment }: Beginning, finishedAt: number, now: number): number {
  const bootAtEnd = clock.boot() - Math.max(0, now - finishedAt);
  const ms = moment?.bootAt === undefined ? -1 : bootAtEnd - moment.bootAt;
  return ms >= 0 ? ms : Math.max(0, finishedAt - startedAt);
}

/** Notices when somebody sets the clock, also while no host runs: the difference of two clocks is stored for one boot. */
export class ClockSteps extends Table {
  readonly #now: () => number;
  readonly #bootId: string;
  #difference: number | undefined;

  /** @param now milliseconds since the epoch @param bootId empty if boots cannot be told apart */
  constructor(database: DatabaseSync, now: () => number, bootId: string) {
    super(database);
    this.#now = now;
    this.#bootId = bootId;
    const stored = this.#read();
    if (bootId !== '' && stored?.bootId === bootId) this.#difference = stored.difference;
  }

  /**
   * By how much the clock was set since the last call (milliseconds, negative: back); 0 if it was not.
   */
  read(): number {
    const difference = this.#now() - clock.boot();
    const step = this.#difference === undefined ? Infinity : difference - this.#difference;
    if (Math.abs(step) < tolerance) return 0;
    const value = JSON.stringify({ bootId: this.#bootId, difference });
    unlessFull(() => this.run('INSERT OR REPLACE INTO settings (rowid, value) VALUES (2, ?)', value));
    this.#difference = difference;
    return step === Infinity ? 0 : Math.round(step);
  }

  #read(): { bootId?: unknown; difference?: number } | undefined {
    const row = this.get<{ value: string }>('SELECT value FROM settings WHERE rowid = 2');
    try {
      return row && (JSON.parse(row.value) as { bootId?: unknown; difference?: number });
    } catch {
      return undefined;
    }
  }
}
