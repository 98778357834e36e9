import { stat } from 'node:fs/promises';
import { poll, type Pause } from './pollUntil.ts';
import type { Found, ProbeSignals } from './probe.ts';

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
