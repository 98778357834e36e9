import { setTimeout as sleep } from 'node:timers/promises';
import { stat } from 'node:fs/promises';

/** What shows that a job is ready. */
export interface Found {
  /** For people: the line, the address, the file. */
  text: string;
  /** Where a browser finds it; null when nothing tells. */
  url: string | null;
}

export interface ProbeSignals {
  /** Nothing more will come, or the time is up: a probe looks once more and answers. */
  last: AbortSignal;
  /** A probe breaks off, with undefined. */
  abort: AbortSignal;
}

/** Milliseconds between looks: soon at first, because most servers are quick, then gently. */
const delays = { first: 50, factor: 1.5, longest: 1000 };

/** Settles after so many milliseconds, or when the signal is aborted. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

/** Looks again and again until there is something. A look that fails has found nothing. */
export async function poll<T>(
  look: (abort: AbortSignal) => Promise<T | undefined>,
  { last, abort }: ProbeSignals,
  pause: Pause = (ms, signal) => sleep(ms, undefined, { signal }),
): Promise<T | undefined> {
  const wake = AbortSignal.any([last, abort]);
  for (let delay = delays.first; !abort.aborted; delay = Math.min(delay * delays.factor, delays.longest)) {
    // Asked before the look: what came while it was looking is seen by the next one.
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
 * Until the file is made or changed by the run. One that was there before says nothing of it: the last run may have left
 * it. Where the clock of the file system is another one, what changes between two looks counts.
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
