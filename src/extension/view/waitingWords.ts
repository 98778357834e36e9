import type { Job } from '../../api/job.ts';
import type { JobModel } from '../model/jobModel.ts';
import { jobTitle, remaining, shorten, type Localize } from '../base/jobWords.ts';

/** What a job is called, by its id. */
export type NameOf = (id: string) => string;

/** So many names stand in a line. */
const named = 2;
const hour = 3_600_000;
const day = 24 * hour;

/** Where nothing else is known of a job. */
export const shortId: NameOf = (id) => id.slice(0, 8);

/** By what this window knows. */
export function namesIn(model: Pick<JobModel, 'job'>): NameOf {
  return (id) => {
    const job = model.job(id);
    return job ? jobTitle(job) : shortId(id);
  };
}

/** Why a job has not started yet. */
export function waitingWords(job: Job, now: number, t: Localize, nameOf: NameOf): string {
  const { waitingFor } = job;
  switch (waitingFor?.type) {
    case undefined:
      return t('waiting');
    case 'limit':
      return waitingFor.scope === 'host'
        ? t('waits: limit of all sessions ({0})', waitingFor.maximum)
        : t('waits: limit of its session ({0})', waitingFor.maximum);
    case 'dependency':
      return t('waits for {0}', namesOf(waitingFor.jobs, t, nameOf));
    case 'time':
      return timeWords(job, waitingFor.until, now, t);
    case 'retry':
      return [attemptWords(waitingFor.attempt, waitingFor.maxAttempts, t), soonWords(waitingFor.until, now, t)].join(
        ' ',
      );
    case 'paused':
      return waitingFor.scope === 'host' ? t('waits: the queue is paused') : t('waits: its session is paused');
    case 'mutex':
      return t('waits for {0}, which has the mutex {1}', shorten(nameOf(waitingFor.jobId), 40), waitingFor.mutex);
    case 'resources':
      return t('waits: {0}', waitingFor.text);
  }
}

/** The next time of a schedule, or the time of a job that has one. */
export function timeWords({ options }: Job, time: string, now: number, t: Localize): string {
  const at = clock(time, now);
  const when = options.cron === null ? t('at {0}', at) : t('next {0}', at);
  return isSoon(time, now) ? t('{0} ({1})', when, inWords(time, now, t)) : when;
}

export function attemptWords(attempt: number, maximum: number | null, t: Localize): string {
  return maximum === null ? t('attempt {0}', attempt) : t('attempt {0} of {1}', attempt, maximum);
}

/** Whether the words for this job are others in a moment. */
export function countsDown(job: Job, now: number): boolean {
  return job.dueAt !== null && isSoon(job.dueAt, now);
}

function namesOf(jobs: readonly { jobId: string }[], t: Localize, nameOf: NameOf): string {
  const names = jobs.slice(0, named).map(({ jobId }) => shorten(nameOf(jobId), 40));
  const others = jobs.length - names.length;
  return [...names, ...(others > 0 ? [t('{0} more', others)] : [])].join(', ');
}

function isSoon(time: string, now: number): boolean {
  const until = Date.parse(time) - now;
  return until > 0 && until < hour;
}

function soonWords(time: string, now: number, t: Localize): string {
  return isSoon(time, now) ? inWords(time, now, t) : t('at {0}', clock(time, now));
}

function inWords(time: string, now: number, t: Localize): string {
  return t('in {0}', remaining(Date.parse(time) - now));
}

/** Without the date when it is within the next day. */
function clock(time: string, now: number): string {
  const date = new Date(time);
  return date.getTime() - now < day
    ? date.toLocaleTimeString([], { timeStyle: 'short' })
    : date.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
}
