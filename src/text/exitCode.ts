import { constants } from 'node:os';
import type { Job } from '../api/job.ts';

/** For a failure without an exit code of its own. */
const failure = 1;

/** The code that a shell reports for a program ended by this signal: 128 plus the signal's number. */
export function exitCodeOfSignal(signal: string): number {
  const number = (constants.signals as Partial<Record<string, number>>)[signal];
  return number === undefined ? failure : 128 + number;
}

/**
 * The exit code for a run: the command's own; 128 plus the signal's number; for a command that could not be started 127
 * (not found) or 126, as shells do. A run that was stopped is not a success, even if it exited with 0.
 */
export function exitCodeOfRun(run: Pick<Job, 'status' | 'exitCode' | 'signal' | 'error'>): number {
  if (run.error) return run.error.code === 'command_not_found' ? 127 : 126;
  if (run.signal !== null) return exitCodeOfSignal(run.signal);
  if (run.exitCode === null || (run.exitCode === 0 && run.status !== 'completed')) return failure;
  return run.exitCode;
}
