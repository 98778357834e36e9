import type { Job } from '../api/job.ts';
import type { RestartOption, RetryOption } from '../api/options.ts';
import { bytes, oneLine, plural } from './grammar.ts';
import { duration } from './timeText.ts';

/** What was asked for at the start and is not the default; the times of a schedule are no part of it. */
export function optionsText(job: Job): string {
  const set = job.options;
  return [
    set.shell === null ? '' : `shell ${set.shell}`,
    job.priority === 5 ? '' : `priority ${job.priority}`,
    job.pinned ? 'pinned' : '',
    set.timeoutMs === null ? '' : `timeout ${duration(set.timeoutMs)}`,
    set.idleTimeoutMs === null ? '' : `idle timeout ${duration(set.idleTimeoutMs)}`,
    set.limits.memoryBytes === undefined ? '' : `memory ${bytes(set.limits.memoryBytes)}`,
    set.limits.nice === undefined ? '' : `nice ${set.limits.nice}`,
    ...schedulingOptions(job),
    set.env.length === 0 ? '' : `env ${set.env.join(' ')}`,
    set.stdin === 'none' ? '' : `stdin ${set.stdin}`,
    set.capture === 'separate' ? '' : 'merged output',
    set.leftovers === 'keep' ? '' : 'leftovers are killed',
    set.idempotencyKey === null ? '' : `key ${set.idempotencyKey}`,
    set.actor === 'user' ? '' : `by an ${set.actor}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

/** When, how often and beside whom: short texts, empty where nothing is set. */
function schedulingOptions({ dependsOn, options }: Job): string[] {
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
