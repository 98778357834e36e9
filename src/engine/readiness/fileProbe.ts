import { access } from 'node:fs/promises';
import { poll } from './poll.ts';
import type { Found, ProbeSignals } from './probe.ts';

/** @param path absolute */
export function fileProbe(path: string, signals: ProbeSignals): Promise<Found | undefined> {
  const found: Found = { text: `${path} exists`, url: null };
  const look = (): Promise<Found | undefined> =>
    access(path).then(
      () => found,
      () => undefined,
    );
  return poll(look, signals);
}
