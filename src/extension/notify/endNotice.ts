import type { Job } from '../../api/job.ts';
import { isTriedAgain, type JobEnd } from '../model/jobModel.ts';

export interface NoticeRules {
  enabled: boolean;
  /** Shorter jobs are not reported unless they failed. Milliseconds. */
  minimumMs: number;
  session: string;
  muted: (jobId: string) => boolean;
  /** Whether this window has requested the end of this run. */
  asked: (jobId: string, run: number | null) => boolean;
  /** Whether the user wants to be notified about this job in any case. */
  wanted: (jobId: string) => boolean;
  /** Whether the user sees how the job ends. */
  isInSight: (job: Job) => boolean;
}

/** What a person is notified about: failures, jobs that took long, and jobs that never ran because of others. */
export function endNotice(end: JobEnd, rules: NoticeRules): 'wanted' | 'failure' | 'end' | 'cancelled' | null {
  const { job, event } = end;
  if (isTriedAgain(end) || rules.asked(job.id, event.run)) return null;
  if (rules.wanted(job.id)) return 'wanted';
  if (!rules.enabled || job.session !== rules.session) return null;
  // The agent that has started and killed a job knows that it ended, and the person did not start it.
  if (job.options.actor === 'agent' && event.reason === 'agent') return null;
  // What an agent has started is passed on to its chat from the notification.
  const isSeen = job.options.actor !== 'agent' && rules.isInSight(job);
  if (rules.muted(job.id) || isSeen) return null;
  // A job with `restart` that has given up may have exited with 0 each time.
  if (event.to === 'failed' || event.to === 'timed_out' || event.to === 'lost' || job.gaveUp) return 'failure';
  if (event.to === 'cancelled') return event.reason === 'dependency_failed' ? 'cancelled' : null;
  const run = job.runs.find(({ number }) => number === event.run);
  return run && (run.durationMs ?? 0) >= rules.minimumMs ? 'end' : null;
}

/** Jobs that were canceled because of the same job, directly or through each other; keyed by the id of that job. */
export function byCause(cancelled: readonly Job[]): Map<string, Job[]> {
  const jobs = new Map(cancelled.map((job) => [job.id, job]));
  return Map.groupBy(cancelled, (job) => causeOf(job, jobs));
}

function causeOf(job: Job, cancelled: ReadonlyMap<string, Job>): string {
  const seen = new Set<string>();
  for (let one = job; ;) {
    seen.add(one.id);
    // The host's text names the job that was not met.
    const failed = one.dependsOn.find((dependency) => one.reasonText?.includes(dependency.job.slice(0, 8)));
    const cause = failed?.job ?? one.dependsOn[0]?.job ?? one.id;
    const next = cancelled.get(cause);
    if (!next || seen.has(cause)) return cause;
    one = next;
  }
}
