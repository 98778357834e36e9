import type { Limits } from '../api/host.ts';
import type { Job, WaitingFor } from '../api/job.ts';
import type { DependencyCondition } from '../api/options.ts';
import { isEnded, type JobStatus } from '../api/values.ts';
import { statusText, wholeEndText } from './endText.ts';
import { english, joined, oneLine, plural, shorten, type Translate } from './grammar.ts';
import { coarseElapsed, duration, elapsed } from './timeText.ts';
import type { Wording } from './wording.ts';

/** Jobs that are named; the others are counted. */
const named = 2;
const longestName = 40;

/** Why a job has not started, for example `waits for build` or `starts at 17:30`; empty when it waits for nothing. */
export function waitingText({ waitingFor, options }: Pick<Job, 'waitingFor' | 'options'>, wording: Wording): string {
  const { t, future } = wording;
  switch (waitingFor?.type) {
    case undefined:
      return '';
    case 'limit':
      return waitingFor.scope === 'host'
        ? t('job limit reached ({0})', waitingFor.maximum)
        : t('session limit reached ({0})', waitingFor.maximum);
    case 'dependency':
      return t('waits for {0}', dependenciesText(waitingFor.jobs, wording));
    case 'time':
      return options.cron === null
        ? t('starts {0}', future(waitingFor.until))
        : t('next run {0}', future(waitingFor.until));
    case 'retry':
      return `${attemptText(waitingFor.attempt, waitingFor.maxAttempts, t)} ${future(waitingFor.until)}`;
    case 'paused':
      return waitingFor.scope === 'host' ? t('the queue is paused') : t('its session is paused');
    case 'mutex':
      return t('waits for {0}, which holds the mutex {1}', name(waitingFor.jobId, wording), oneLine(waitingFor.mutex));
    case 'resources':
      return oneLine(waitingFor.text);
  }
}

type Dependency = Extract<WaitingFor, { type: 'dependency' }>['jobs'][number];

function dependenciesText(jobs: readonly Dependency[], wording: Wording): string {
  const names = jobs
    .slice(0, named)
    .map(({ jobId, condition, status }) =>
      wording.isShort ? name(jobId, wording) : dependencyText(jobId, condition, status, wording),
    );
  const others = jobs.length - names.length;
  return [...names, ...(others > 0 ? [wording.t('{0} more', others)] : [])].join(', ');
}

function name(jobId: string, { nameOf }: Wording): string {
  return shorten(oneLine(nameOf(jobId)), longestName);
}

/**
 * What a job needs of another one, for example `build (running) to succeed`.
 * @param status null: it was removed; undefined: not known
 */
function dependencyText(
  jobId: string,
  condition: DependencyCondition,
  status: JobStatus | null | undefined,
  wording: Wording,
): string {
  const { t } = wording;
  const state = status === undefined ? '' : ` (${status === null ? t('removed') : statusName(status, wording)})`;
  return `${name(jobId, wording)}${state} ${conditionText(condition, t)}`;
}

/** Dependencies that {@link dependsOnText} names. */
export const namedJobs = 20;

/** What must come before a job; empty when nothing does. @param known the jobs by id; null: removed */
export function dependsOnText(
  { dependsOn }: Pick<Job, 'dependsOn'>,
  wording: Wording,
  known?: ReadonlyMap<string, Pick<Job, 'status'> | null>,
): string {
  const others = dependsOn.length - namedJobs;
  const jobs = dependsOn.slice(0, namedJobs).map(({ job, condition }) => {
    const one = known?.get(job);
    return dependencyText(job, condition, one === undefined ? undefined : (one?.status ?? null), wording);
  });
  return joined(...jobs, others > 0 ? wording.t('{0} more', others) : '');
}

export function conditionText(condition: DependencyCondition, t: Translate): string {
  switch (condition) {
    case 'succeeded':
      return t('to succeed');
    case 'finished':
      return t('to end');
    case 'started':
      return t('to start');
    case 'ready':
      return t('to be ready');
  }
}

function attemptText(attempt: number, maximum: number | null, t: Translate): string {
  return maximum === null ? t('attempt {0}', attempt) : t('attempt {0} of {1}', attempt, maximum);
}

/** For example `attempt 2 of 5`; empty for the first. */
export function attemptOf({ attempt, options }: Pick<Job, 'attempt' | 'options'>, t: Translate = english): string {
  return attempt === null || attempt < 2 ? '' : attemptText(attempt, options.retry?.maxAttempts ?? null, t);
}

/** For example `ready at http://localhost:3000/`; empty when the job has no readiness check. */
export function readyText(
  { ready, url }: Pick<Job, 'ready'> & Partial<Pick<Job, 'url'>>,
  t: Translate = english,
): string {
  if (ready === null) return '';
  if (!ready) return t('not ready');
  return (url ?? null) === null ? t('ready') : t('ready at {0}', oneLine(url ?? ''));
}

/** Terminals and agents get the names of the API, which they filter by. */
function statusName(status: JobStatus, { isShort, t }: Wording): string {
  return isShort ? statusText(status, t) : status;
}

/** What a job does or how it ended, for example `running for 5s, pid 4711` or `failed (exit code 3)`. */
export function stateText(job: Job, wording: Wording): string {
  const { t, now } = wording;
  const status = statusName(job.status, wording);
  const waiting = waitingText(job, wording);
  if (waiting !== '') return wording.isShort ? waiting : `${status}, ${waiting}`;
  const attempt = job.gaveUp ? '' : attemptOf(job, t);
  if (isEnded(job.status)) return joined(wholeEndText(job, t), attempt);
  const lasted = elapsed(job, now);
  const time = lasted === null ? '' : wording.isShort ? coarseElapsed(lasted) : duration(lasted);
  return joined(
    job.status === 'running' && time !== '' ? t('{0} for {1}', status, time) : status,
    job.status !== 'running' && time !== '' ? t('started {0} ago', time) : '',
    job.pid === null ? '' : t('pid {0}', job.pid),
    attempt,
    readyText(job, t),
  );
}

/** The short state for lists, for example `scheduled, in 4m 10s` or `running, attempt 2 of 5`. */
export function stateWord(job: Job, now: number): string {
  const { status, waitingFor, ready } = job;
  if (waitingFor?.type === 'time' || waitingFor?.type === 'retry') {
    return `${status}, in ${duration(Math.max(0, Date.parse(waitingFor.until) - now))}`;
  }
  if (job.gaveUp) return `${status}, gave up`;
  if (isEnded(status)) return status;
  return joined(status, attemptOf(job), status === 'pending' ? '' : readyText({ ready }));
}

/** For example `at most 10 jobs run at once, 5 per session, 2 in web`. */
export function limitsText({ maxConcurrentJobs, maxConcurrentJobsPerSession, sessionLimits }: Limits): string {
  const sessions = Object.entries(sessionLimits).map(([session, limit]) => `${most(limit)} in ${oneLine(session)}`);
  const all = maxConcurrentJobs === 0 ? 'any number of jobs' : `at most ${plural(maxConcurrentJobs, 'job')}`;
  return joined(`${all} at once`, `${most(maxConcurrentJobsPerSession)} per session`, ...sessions);
}

function most(limit: number): string {
  return limit === 0 ? 'any number' : `at most ${limit}`;
}
