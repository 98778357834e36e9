import type { Job } from '../../api/job.ts';
import type { Dependency } from '../../api/options.ts';
import { isEnded } from '../../api/values.ts';
import { shownDependencies, type Relatives } from './relatives.ts';
import { attemptOf, stateSentence } from '../../text/jobText.ts';
import { oneLine, plural } from '../../text/grammar.ts';
import { ago, duration, fromNow } from '../../text/timeText.ts';

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
