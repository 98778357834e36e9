import type { BelongsTo, LeftProcess } from '../protocol/doctor.ts';
import { oneLine } from './text.ts';

/** Whose it was, for example `ended run 1 of 3f2a9c1b (completed)`. */
export function originPhrase({ runId, jobStatus, belongsTo, home, isOfThisStore }: LeftProcess): string {
  const [jobId = '', number] = runId.split('.');
  const state = jobStatus === null ? missing[belongsTo] : `now ${jobStatus.replace('_', ' ')}`;
  const where = isOfThisStore || home === null ? '' : `, store ${oneLine(home)}`;
  return `run ${number} of ${jobId.slice(0, 8)}, ${state}${where}`;
}

const missing: Record<BelongsTo, string> = {
  ended_run: 'ended',
  removed_job: 'job is no more',
  lost_store: 'store is no more',
  unknown_store: 'store not known',
  unreadable_store: 'store cannot be read',
};

/** What became of it, or why nothing can: empty when it only is there. */
export function outcomePhrase({ outcome, keptBecause }: LeftProcess): string {
  if (outcome !== 'kept') return outcome;
  return keptBecause === null ? '' : `kept: ${keptBecause}`;
}
