import { setTimeout as sleep } from 'node:timers/promises';
import type { ProbeSignals } from './probe.ts';

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
