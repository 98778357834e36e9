import { isWaiting } from '../../api/values.ts';
import type { JobEnd } from '../model/jobModel.ts';

export interface NoticeRules {
  enabled: boolean;
  /** Shorter ones are not told, unless they failed. */
  minimumMs: number;
  session: string;
  muted: (jobId: string) => boolean;
  /** Whether the end of this run was asked for in this window. */
  asked: (jobId: string, run: number | null) => boolean;
}

/** Whether the end of a run is not that of its job: another attempt follows, or has begun. */
export function isTriedAgain({ job, event }: JobEnd): boolean {
  const { retry, restart } = job.options;
  if (!retry && !restart) return false;
  return isWaiting(job.status) || (job.run ?? 0) > (event.run ?? 0);
}

/** What a person should hear of: failures, whatever took long, and what never ran because of others. */
export function endNotice(end: JobEnd, rules: NoticeRules): 'failure' | 'end' | 'cancelled' | null {
  const { job, event } = end;
  if (isTriedAgain(end)) return null;
  if (!rules.enabled || job.session !== rules.session) return null;
  // What an agent has started and ended itself is no news to it, and was none to the person.
  if (job.options.actor === 'agent' && event.reason === 'agent') return null;
  if (rules.muted(job.id) || rules.asked(job.id, event.run)) return null;
  // What was to be started again and again and is given up may have ended well each time.
  if (event.to === 'failed' || event.to === 'timed_out' || event.to === 'lost' || job.gaveUp) return 'failure';
  if (event.to === 'cancelled') return event.reason === 'dependency_failed' ? 'cancelled' : null;
  const run = job.runs.find(({ number }) => number === event.run);
  return run && (run.durationMs ?? 0) >= rules.minimumMs ? 'end' : null;
}
