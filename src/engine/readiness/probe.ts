/**
 * The room of readiness: a probe for each kind of `readyWhen`, without any knowledge of runs. Imported by the hook
 * `readiness.ts` and by what checks a start; imports `output` and the process table.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { stat } from 'node:fs/promises';

/** The evidence that a job is ready. */
export interface Found {
  /** Shown to people: the line, the address or the file. */
  text: string;
  /** The address for a browser; null if none is known. */
  url: string | null;
}

export interface ProbeSignals {
  /** Aborted when the run has ended or its time is up: a probe checks once more and returns. */
  last: AbortSignal;
  /** Aborted to end the probe, which returns undefined. */
  abort: AbortSignal;
}

/** Milliseconds between probes: short at first, because most servers start quickly, then longer. */
const delays = { first: 50, factor: 1.5, longest: 1000 };

/** Resolves after `ms`, or settles when the signal is aborted. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

/** Probes until something is found. A probe that fails has found nothing. */
export async function poll<T>(
  look: (abort: AbortSignal) => Promise<T | undefined>,
  { last, abort }: ProbeSignals,
  pause: Pause = (ms, signal) => sleep(ms, undefined, { signal }),
): Promise<T | undefined> {
  const wake = AbortSignal.any([last, abort]);
  for (let delay = delays.first; !abort.aborted; delay = Math.min(delay * delays.factor, delays.longest)) {
    // Read before the probe: what appears during this one is seen by the next.
    const isLast = last.aborted;
    const found = await look(abort).catch(() => undefined);
    if (found !== undefined || isLast) return found;
    await pause(delay, wake).catch(() => undefined);
  }
  return undefined;
}

/** By how much the clock of a file system may be behind that of the processes (milliseconds): the kernel's tick. */
const tickMs = 20;

export interface FileProbe {
  /** Absolute. */
  path: string;
  /** Of the run (epoch milliseconds). */
  startedAt: number;
  onObstacle: (text: string) => void;
}

/**
 * Waits until the run creates or changes the file. A file that was there before does not count, because an earlier run may
 * have left it. Where the file system has a clock of its own, a change between two probes counts.
 */
export function fileProbe(
  { path, startedAt, onObstacle }: FileProbe,
  signals: ProbeSignals,
  pause?: Pause,
): Promise<Found | undefined> {
  const found: Found = { text: `${path} exists`, url: null };
  let before: string | undefined;
  const look = async (): Promise<Found | undefined> => {
    const state = await stateOf(path);
    if (state && (state.changedAt >= startedAt - tickMs || (before !== undefined && before !== state.version))) {
      return found;
    }
    if (before === undefined && state) onObstacle(`${path} was there before, and has not changed since`);
    before ??= state?.version ?? '';
    return undefined;
  };
  return poll(look, signals, pause);
}

async function stateOf(path: string): Promise<{ changedAt: number; version: string } | undefined> {
  try {
    // Of its change, which nobody can set, where that of its content can be anything.
    const { dev, ino, size, ctimeMs } = await stat(path);
    return { changedAt: ctimeMs, version: [dev, ino, size, ctimeMs].join(' ') };
  } catch {
    return undefined;
  }
}
