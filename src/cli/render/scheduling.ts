import type { Job } from '../../protocol/job.ts';
import type { Dependency, RestartOption, RetryOption } from '../../protocol/scheduling.ts';
import { isEnded } from '../../protocol/states.ts';
import { shownDependencies, type Relatives } from '../relatives.ts';
import { attemptOf, stateSentence } from '../../words/job.ts';
import { oneLine, plural } from '../../words/text.ts';
import { ago, duration, fromNow } from '../../words/time.ts';

/** What comes before a job, where it comes from, and what it makes: labels and texts. */
export function schedulingRows(job: Job, { needed, made }: Relatives, now: number): [label: string, text: string][] {
  const { cron, timeZone } = job.options;
  const others = job.dependsOn.length - shownDependencies;
  const zone = timeZone === null ? '' : ` (${oneLine(timeZone)})`;
  return [
    ...job.dependsOn
      .slice(0, shownDependencies)
      .map((one): [string, string] => ['After', dependencyText(one, needed.get(one.job))]),
    ...(others > 0 ? [['After', plural(others, 'other job')] as [string, string]] : []),
    ...(job.schedule === null ? [] : [['Made by', `schedule ${job.schedule.slice(0, 8)}`] as [string, string]]),
    ...(cron === null ? [] : [['Schedule', `${oneLine(cron)}${zone}`] as [string, string]]),
    ...made.map((one): [string, string] => ['Made', madeText(one, now)]),
  ];
}

/** `1a2b3c4d (succeeded): running` */
function dependencyText({ job: id, condition }: Dependency, job: Job | null | undefined): string {
  const status = job === undefined ? '' : `: ${job?.status ?? 'removed'}`;
  return `${id.slice(0, 8)} (${condition})${status}`;
}

function madeText(job: Job, now: number): string {
  return `${job.shortId} ${ago(job.createdAt, now)}, ${stateSentence(job, now, fromNow(now))}`;
}

/** The short state for lists, for example `scheduled, in 4m 10s` or `running, attempt 2 of 5`. */
export function stateWord(job: Job, now: number): string {
  const { status, waitingFor, ready } = job;
  if (waitingFor?.type === 'time' || waitingFor?.type === 'retry') {
    return `${status}, in ${duration(Math.max(0, Date.parse(waitingFor.until) - now))}`;
  }
  if (job.gaveUp) return `${status}, gave up`;
  if (isEnded(status)) return status;
  const readiness = ready === null || status === 'pending' ? '' : ready ? 'ready' : 'not ready';
  return [status, attemptOf(job), readiness].filter((part) => part !== '').join(', ');
}

/** What the options say about when, how often and beside whom: short texts, empty where nothing is set. */
export function schedulingOptions({ dependsOn, options }: Job): string[] {
  const { at, cron, mutex, retry, restart } = options;
  return [
    dependsOn.length > 0 && options.ifDependencyFails === 'wait' ? 'waits when a dependency fails' : '',
    at !== null ? `at ${at}` : '',
    (at !== null || cron !== null) && options.ifMissed === 'skip' ? 'skipped when missed' : '',
    cron !== null && options.ifOverlap !== 'skip' ? `${options.ifOverlap} when overlapping` : '',
    mutex === null ? '' : `mutex ${oneLine(mutex)}`,
    retry === null ? '' : retryText(retry),
    restart === null ? '' : restartText(restart),
  ];
}

function retryText({ maxAttempts, exitCodes, ...backoff }: RetryOption): string {
  const codes = exitCodes ? ` after exit code ${exitCodes.join(' or ')}` : '';
  return `at most ${plural(maxAttempts, 'attempt')}${codes}, ${delayText(backoff)}`;
}

function restartText({ policy, maxRestarts, windowMs, ...backoff }: RestartOption): string {
  if (policy === 'never') return 'restart never';
  return `restart ${policy}, at most ${maxRestarts} in ${duration(windowMs)}, ${delayText(backoff)}`;
}

function delayText({ delayMs, backoffFactor }: Pick<RetryOption, 'delayMs' | 'backoffFactor'>): string {
  return `delay ${duration(delayMs)}${backoffFactor === 1 ? '' : ` × ${backoffFactor}`}`;
}
