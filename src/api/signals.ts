import { BgJobsError } from './errors.ts';

/** The signals a person can choose from. STOP and CONT are `pause` and `resume`. */
export const signalNames = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGKILL', 'SIGUSR1', 'SIGUSR2'] as const;
export type SignalName = (typeof signalNames)[number];

/**
 * @param text for example `term`, `SIGTERM`, `Kill`
 * @throws BgJobsError `unknown_signal`: never falls back to another signal
 */
export function parseSignal(text: string): SignalName {
  const upper = text.trim().toUpperCase();
  const name = upper.startsWith('SIG') ? upper : `SIG${upper}`;
  const found = signalNames.find((known) => known === name);
  if (!found) {
    throw new BgJobsError('unknown_signal', `Unknown signal "${text}". Use one of ${signalNames.join(', ')}.`, {
      signal: text,
      known: signalNames,
    });
  }
  return found;
}

/** Signals that are only delivered: a job that handles them keeps running. */
export function deliversOnly(signal: SignalName): boolean {
  return signal === 'SIGUSR1' || signal === 'SIGUSR2';
}
