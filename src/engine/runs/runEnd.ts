import type { EndReason, RunStatus } from '../../api/values.ts';
import type { LiveRun } from './liveRun.ts';
import type { ExitStatus } from '../launch/runner.ts';
import type { RunEnd, StopRecord } from '../../store/runTable.ts';

/** How a run ended, without what it has written. */
export type End = Omit<RunEnd, 'stdoutBytes' | 'stderrBytes'>;

/** An end without a cause yet: nothing known but what `exit` tells. */
export function endOf(status: RunStatus, exit: ExitStatus | null, now: number): End {
  return {
    status,
    exitCode: exit?.exitCode ?? null,
    signal: exit?.signal ?? null,
    reason: null,
    reasonText: null,
    errorCode: null,
    errorMessage: null,
    finishedAt: exit?.at ?? now,
  };
}

/** How a run ended that nobody was stopping. */
export function naturalEnd(live: Pick<LiveRun, 'delivered'>, exit: ExitStatus | null, now: number): End {
  if (!exit) return { ...endOf('lost', null, now), reason: 'supervisor_lost' };
  if (exit.signal === null)
    return { ...endOf(exit.exitCode === 0 ? 'completed' : 'failed', exit, now), reason: 'exit' };
  const sentBy = live.delivered.get(exit.signal);
  if (sentBy) return { ...endOf('killed', exit, now), reason: sentBy };
  return { ...endOf('failed', exit, now), reason: 'signal' };
}

/** Limits of the job, of which one has ended the run. */
const limits: ReadonlySet<EndReason> = new Set(['timeout', 'idle_timeout', 'not_ready', 'out_of_memory']);

/** How a run ended that somebody, or a limit of its own, has stopped. */
export function askedEnd({ reason, reasonText }: StopRecord, exit: ExitStatus, now: number): End {
  return { ...endOf(limits.has(reason) ? 'timed_out' : 'killed', exit, now), reason, reasonText };
}
