/**
 * The room of words: every sentence about a job, a run, a schedule, a wait, a failure or a limit that a person or an
 * agent reads. All fronts may import it; it imports the API alone. The translator is handed in, so that the tree, the
 * terminal and the tools say the same.
 */
import type { Limits } from '../api/host.ts';
import type { Job, WaitingFor } from '../api/job.ts';
import type { DependencyCondition } from '../api/options.ts';
import { isEnded, type JobStatus } from '../api/values.ts';
import { statusText, tasksText, wholeEndText, successText } from './endText.ts';
import { english, joined, oneLine, plural, shorten, type Translate } from './grammar.ts';
import { ago, coarseElapsed, coarseRemaining, coarseTime, duration, elapsed, fromNow } from './timeText.ts';

/** How a front words what it says about jobs. */
export interface Wording {
  readonly t: Translate;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** A past time, for example `2026-11-20T17:30:00.000Z (5m ago)`. */
  readonly past: (time: string) => string;
  /** A future time, as it follows "starts": `at 17:30 (in 5m)`. */
  readonly future: (time: string) => string;
  /** What a job is called, by its id. */
  readonly nameOf: NameOf;
  /** Whether there is room for little: a row of the tree. */
  readonly isShort: boolean;
}

export type NameOf = (id: string) => string;

/** That of a task names its array: `1a2b3c4d:7`. */
export const shortId: NameOf = (id) => {
  const [, number] = /-a(\d{11})$/.exec(id) ?? [];
  return number === undefined ? id.slice(0, 8) : `${id.slice(0, 8)}:${Number(number)}`;
};

export function editorWording(t: Translate, now: number, nameOf = shortId): Wording {
  const past = (time: string): string => new Date(time).toLocaleString();
  return { t, now, past, future: (time) => coarseTime(time, now, t), nameOf, isShort: true };
}

/** For people at a terminal, by their own clock. */
export function terminalWording(now: number): Wording {
  const past = (time: string): string => `${time} (${ago(time, now)})`;
  return { t: english, now, past, future: (time) => fromNow(time, now), nameOf: shortId, isShort: false };
}

/** For agents and programs: times in UTC. */
export function agentWording(now: number): Wording {
  return { t: english, now, past: (time) => time, future: (time) => `at ${time}`, nameOf: shortId, isShort: false };
}

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
      return limitText(waitingFor, t);
    case 'dependency':
      return t('waits for {0}', dependenciesText(waitingFor.jobs, wording));
    case 'time':
      return options.cron === null
        ? t('starts {0}', future(waitingFor.until))
        : withDays(t('next run {0}', future(waitingFor.until)), options.cron, wording);
    case 'retry':
      return `${attemptText(waitingFor.attempt, waitingFor.maxAttempts, t)} ${future(waitingFor.until)}`;
    case 'paused':
      return waitingFor.scope === 'host' ? t('the queue is paused') : t('its session is paused');
    case 'mutex':
      return t('waits for {0}, which holds the mutex {1}', name(waitingFor.jobId, wording), oneLine(waitingFor.mutex));
    case 'quota':
      return waitingFor.scope === 'host'
        ? t('quota per hour reached ({0}), continues {1}', waitingFor.maximum, future(waitingFor.until))
        : t('session quota per hour reached ({0}), continues {1}', waitingFor.maximum, future(waitingFor.until));
    case 'resources':
    case 'cluster':
      return oneLine(waitingFor.text);
  }
}

function limitText({ scope, maximum }: Extract<WaitingFor, { type: 'limit' }>, t: Translate): string {
  if (scope === 'host') return t('job limit reached ({0})', maximum);
  return scope === 'session' ? t('session limit reached ({0})', maximum) : t('task limit reached ({0})', maximum);
}

/** Many expect that a day must match both of its fields. */
function withDays(text: string, cron: string, { t, isShort }: Wording): string {
  const [weekday = '', , day = ''] = cron.trim().split(/\s+/).reverse();
  if (isShort || cron.startsWith('@') || /^[*?]$/.test(day) || /^([*?]$|\+)/.test(weekday)) return text;
  return t('{0}; either its day of the month or its day of the week is enough', text);
}

function dependenciesText(jobs: Extract<WaitingFor, { type: 'dependency' }>['jobs'], wording: Wording): string {
  const texts = jobs
    .slice(0, named)
    .map(({ jobId, condition, status }) =>
      wording.isShort ? name(jobId, wording) : dependencyText(jobId, condition, status, wording),
    );
  return andOthers(texts, jobs.length, wording);
}

function andOthers(texts: string[], all: number, { t }: Wording): string {
  return joined(...texts, all > texts.length ? t('{0} more', all - texts.length) : '');
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
  const texts = dependsOn.slice(0, namedJobs).map(({ job, condition }) => {
    const one = known?.get(job);
    return dependencyText(job, condition, one && one.status, wording);
  });
  return andOthers(texts, dependsOn.length, wording);
}

export function conditionText(condition: DependencyCondition, t: Translate): string {
  const texts: Record<DependencyCondition, string> = {
    succeeded: t('to succeed'),
    finished: t('to end'),
    started: t('to start'),
    ready: t('to be ready'),
  };
  return texts[condition];
}

function attemptText(attempt: number, maximum: number | null, t: Translate): string {
  return maximum === null ? t('attempt {0}', attempt) : t('attempt {0} of {1}', attempt, maximum);
}

/** For example `attempt 2 of 5`; empty for the first. */
export function attemptOf({ attempt, options }: Pick<Job, 'attempt' | 'options'>, t: Translate = english): string {
  return attempt === null || attempt < 2 ? '' : attemptText(attempt, options.retry?.maxAttempts ?? null, t);
}

/** For example `ready at http://localhost:3000/`; empty when the job has no readiness check. */
export function readyText({ ready, url }: Pick<Job, 'ready'> & Partial<Pick<Job, 'url'>>, t = english): string {
  if (ready === null) return '';
  if (!ready) return t('not ready');
  return url ? t('ready at {0}', oneLine(url)) : t('ready');
}

/** What showed that a job is ready, or why it is not; empty where nothing is known. */
export function readyLine({ ready, readyText }: Pick<Job, 'ready' | 'readyText'>): string {
  return ready === null || readyText === null ? '' : `Ready: ${ready ? 'yes' : 'no'}, ${oneLine(readyText)}`;
}

/** For example `45%, about 2m left` or `12 of 40`; empty when neither is known. */
export function progressText(
  { progress, expectedEnd }: Pick<Job, 'progress' | 'expectedEnd'>,
  { t, now }: Pick<Wording, 't' | 'now'>,
): string {
  const left = expectedEnd ? Date.parse(expectedEnd) - now : 0;
  const { percent = null, done = null, total = null } = progress ?? {};
  const counted = done === null || total === null ? '' : t('{0} of {1}', done, total);
  return joined(
    counted || (percent === null ? '' : `${Math.floor(percent)}%`),
    left > 0 ? t('about {0} left', coarseRemaining(left)) : '',
  );
}

/** Terminals and agents get the names of the API, which they filter by. */
export function statusName(status: JobStatus, { isShort, t }: Wording): string {
  return isShort ? statusText(status, t) : status;
}

/** What a job does or how it ended, for example `running for 5s, pid 4711` or `failed (exit code 3)`. */
export function stateText(job: Job, wording: Wording): string {
  const { t, now } = wording;
  const status = statusName(job.status, wording);
  const waiting = waitingText(job, wording);
  if (waiting !== '') return wording.isShort ? waiting : `${status}, ${waiting}`;
  const attempt = job.gaveUp ? '' : attemptOf(job, t);
  if (isEnded(job.status)) {
    const success = wording.isShort ? successText(job, t) : undefined;
    return joined(wholeEndText(job, t, success), attempt, tasksText(job, t));
  }
  const lasted = elapsed(job, now);
  const time = lasted === null ? '' : wording.isShort ? coarseElapsed(lasted) : duration(lasted);
  return joined(
    job.status === 'running' && time !== '' ? t('{0} for {1}', status, time) : status,
    job.status !== 'running' && time !== '' ? t('started {0} ago', time) : '',
    job.pid === null ? '' : t('pid {0}', job.pid),
    attempt,
    readyText(job, t),
    progressText(job, wording),
    tasksText(job, t),
  );
}

/** The short state for lists, for example `scheduled, in 4m 10s` or `running, attempt 2 of 5`. */
export function stateWord(job: Job, now: number): string {
  const { status, waitingFor, ready } = job;
  if (waitingFor?.type === 'time' || waitingFor?.type === 'retry') {
    return `${status}, in ${duration(Math.max(0, Date.parse(waitingFor.until) - now))}`;
  }
  if (job.gaveUp) return `${status}, gave up`;
  if (isEnded(status)) return joined(status, tasksText(job));
  return joined(
    status,
    attemptOf(job),
    status === 'pending' ? '' : readyText({ ready }),
    progressText(job, { t: english, now }),
    tasksText(job),
  );
}

/** For example `at most 10 jobs run at once, 5 per session, 2 in web`. */
export function limitsText({ maxConcurrentJobs, maxConcurrentJobsPerSession, sessionLimits }: Limits): string {
  const most = (limit: number): string => (limit === 0 ? 'any number' : `at most ${limit}`);
  const sessions = Object.entries(sessionLimits).map(([session, limit]) => `${most(limit)} in ${oneLine(session)}`);
  const all = maxConcurrentJobs === 0 ? 'any number of jobs' : `at most ${plural(maxConcurrentJobs, 'job')}`;
  return joined(`${all} at once`, `${most(maxConcurrentJobsPerSession)} per session`, ...sessions);
}
