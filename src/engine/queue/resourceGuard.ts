import { freemem, loadavg } from 'node:os';
import type { Settings } from '../../api/host.ts';

/** How long a reading stays valid, and how often it is repeated while jobs wait for a better one. */
const freshMs = 1000;

interface ResourceSource {
  /** Available memory in bytes: MemAvailable on Linux. */
  freeMemory(): number;
  /** The load average of the last minute, of all CPUs together; 0 on Windows, which has none. */
  load(): number;
  /** Milliseconds of a monotonic clock. */
  now(): number;
}

type Thresholds = Pick<Settings, 'minFreeMemoryBytes' | 'maxLoadAverage'>;

/** Holds starts back while the machine is short of memory or overloaded. */
export class ResourceGuard {
  readonly #thresholds: () => Thresholds;
  readonly #changed: () => void;
  readonly #source: ResourceSource;
  #read: { at: number; freeMemory: number; load: number } | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param changed called a second after `recheck`: the result of `held` may have changed */
  constructor(thresholds: () => Thresholds, changed: () => void, source: ResourceSource = machine) {
    this.#thresholds = thresholds;
    this.#changed = changed;
    this.#source = source;
  }

  /** Why nothing may start now; null if jobs may start. Without thresholds nothing is read. */
  held(): string | null {
    const { minFreeMemoryBytes, maxLoadAverage } = this.#thresholds();
    if (minFreeMemoryBytes === 0 && maxLoadAverage === 0) return null;
    const { freeMemory, load } = this.#recent();
    if (freeMemory < minFreeMemoryBytes) {
      return `${mebibytes(freeMemory)} of memory are free, less than ${mebibytes(minFreeMemoryBytes)} (minFreeMemoryBytes)`;
    }
    if (maxLoadAverage > 0 && load >= maxLoadAverage) {
      return `the load average is ${load.toFixed(2)}, the maximum is ${maxLoadAverage} (maxLoadAverage)`;
    }
    return null;
  }

  /** Call it while jobs wait because of `held`: there is a timer only then. */
  recheck(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#changed();
    }, freshMs);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #recent(): { freeMemory: number; load: number } {
    const now = this.#source.now();
    if (!this.#read || now - this.#read.at >= freshMs) {
      this.#read = { at: now, freeMemory: this.#source.freeMemory(), load: this.#source.load() };
    }
    return this.#read;
  }
}

const machine: ResourceSource = {
  freeMemory: freemem,
  load: () => loadavg()[0] ?? 0,
  now: () => performance.now(),
};

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / 1024 ** 2)} MiB`;
}
