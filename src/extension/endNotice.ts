import type { JobEnd } from './model/jobModel.ts';

export interface NoticeRules {
  enabled: boolean;
  /** Shorter ones are not told, unless they failed. */
  minimumMs: number;
  session: string;
  muted: (jobId: string) => boolean;
  /** Whether the end of this run was asked for in this window. */
  asked: (jobId: string, run: number | null) => boolean;
}

/** What a person should hear of: failures, and whatever took long. */
export function endNotice({ job, event }: JobEnd, rules: NoticeRules): 'failure' | 'end' | null {
  if (!rules.enabled || job.session !== rules.session) return null;
  // What an agent has started and ended itself is no news to it, and was none to the person.
  if (job.options.actor === 'agent' && event.reason === 'agent') return null;
  if (rules.muted(job.id) || rules.asked(job.id, event.run)) return null;
  if (event.to === 'failed' || event.to === 'timed_out' || event.to === 'lost') return 'failure';
  if (event.to === 'cancelled') return null;
  const run = job.runs.find(({ number }) => number === event.run);
  return run && (run.durationMs ?? 0) >= rules.minimumMs ? 'end' : null;
}
