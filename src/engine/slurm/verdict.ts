import type { JobSpec } from '../../store/jobTable.ts';
import type { RunExit } from '../launch/runControl.ts';
import type { Beginning, ExitRecord } from './runDirectory.ts';
import type { SlurmJob } from './squeue.ts';

type Why = NonNullable<RunExit['why']>;

/** What Slurm's word for the end of a job adds to what the supervisor has recorded. Undefined: nothing. */
function reasonOf(state: string, spec: Pick<JobSpec, 'limits' | 'slurm'>): Why | undefined {
  switch (state) {
    case 'TIMEOUT':
    case 'DEADLINE':
      return { status: 'timed_out', reason: 'timeout', reasonText: 'the time limit in Slurm was reached' };
    case 'OUT_OF_MEMORY': {
      const isOwn = spec.limits.memoryBytes !== undefined || spec.slurm?.memory !== undefined;
      const reasonText = 'more memory was used than the job has in Slurm';
      return { status: isOwn ? 'timed_out' : 'failed', reason: 'out_of_memory', reasonText };
    }
    case 'CANCELLED':
    case 'REVOKED':
      return { status: 'killed', reason: 'signal', reasonText: 'canceled in Slurm' };
    case 'PREEMPTED':
      return { status: 'killed', reason: 'signal', reasonText: 'Slurm has taken its place for another job' };
    default:
      return undefined;
  }
}

/** Whether the record alone does not tell why it ended: Slurm may have sent the signal. */
export function needsReason({ gotTerm, signal, exitCode }: ExitRecord): boolean {
  return gotTerm || signal === 'SIGKILL' || exitCode === 137;
}

/** How a run ended that has left a record. @param job what Slurm shows of it, if it was asked */
export function recordedEnd(
  { exitCode, signal, at }: ExitRecord,
  job: SlurmJob | undefined,
  spec: Pick<JobSpec, 'limits' | 'slurm'>,
): RunExit {
  const why = job && reasonOf(job.state, spec);
  return { exitCode, signal, at, ...(why && { why }) };
}

/** How a run ended that has left no record, although Slurm says that it is over, or does not know it any more. */
export function unrecordedEnd(
  job: Pick<SlurmJob, 'state' | 'reason'> | undefined,
  beginning: Beginning | undefined,
  spec: Pick<JobSpec, 'limits' | 'slurm'>,
  now: number,
): RunExit {
  const unknown = { exitCode: null, signal: null, at: now };
  const lost = (reason: 'node_lost' | 'supervisor_lost', reasonText: string): RunExit => ({
    ...unknown,
    why: { status: 'lost', reason, reasonText },
  });
  if (!beginning) {
    if (!job) return lost('supervisor_lost', 'Slurm no longer knows the job, and it never began');
    const { state, reason } = job;
    if (state === 'CANCELLED' || state === 'REVOKED') {
      return {
        ...unknown,
        why: { status: 'killed', reason: 'signal', reasonText: 'canceled in Slurm before it began' },
      };
    }
    const errorMessage = `Slurm could not start it: ${state}${reason === 'None' ? '' : `, ${reason}`}.`;
    const why = { status: 'failed', reason: 'spawn_error', reasonText: null, errorCode: 'spawn_failed' } as const;
    return { ...unknown, why: { ...why, errorMessage } };
  }
  const { node } = beginning;
  if (!job) return lost('supervisor_lost', `Slurm no longer knows the job, and its exit was not recorded on ${node}`);
  if (job.state === 'NODE_FAIL' || job.state === 'BOOT_FAIL') {
    return lost('node_lost', `Slurm has lost the node ${node}: the command may still run there`);
  }
  const why = reasonOf(job.state, spec);
  // Slurm has ended all that it knows of; a limit is a limit, whatever the code.
  if (why && why.reason !== 'signal') return { ...unknown, why };
  return lost('supervisor_lost', `Slurm says ${job.state}, but its exit was not recorded on ${node}`);
}
