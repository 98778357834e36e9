import { constants } from 'node:os';
import type { Job } from '../api/job.ts';

/** Of what failed and has no code of its own. */
const failure = 1;

/** What a shell shows for a program that this signal ended: 128 and the signal's number. */
export function exitCodeOfSignal(signal: string): number {
  const number = (constants.signals as Partial<Record<string, number>>)[signal];
  return number === undefined ? failure : 128 + number;
}

/**
 * The code that stands for the end of a run: the command's own; 128 and the signal's number; for a command that could
 * not be started 127 (not found) or 126, as shells do. A run that was stopped is no success, even when it left with
 * code 0.
 */
export function exitCodeOfRun(run: Pick<Job, 'status' | 'exitCode' | 'signal' | 'error'>): number {
  if (run.error) return run.error.code === 'command_not_found' ? 127 : 126;
  if (run.signal !== null) return exitCodeOfSignal(run.signal);
  if (run.exitCode === null || (run.exitCode === 0 && run.status !== 'completed')) return failure;
  return run.exitCode;
}
