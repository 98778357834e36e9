import type { KillResult } from '../api/control.ts';
import type { Job, Run } from '../api/job.ts';
import type { JobStatus } from '../api/values.ts';
import { english, oneLine, type Translate } from './grammar.ts';
import { duration } from './timeText.ts';

/** A job or a run: how it ended. */
export type End = Pick<Job, 'status' | 'exitCode' | 'signal' | 'reason' | 'reasonText' | 'error'> &
  Partial<Pick<Job, 'gaveUp' | 'attempt' | 'options' | 'leftovers' | 'durationMs'>>;

export function statusText(status: JobStatus, t: Translate): string {
  switch (status) {
    case 'held':
      return t('on hold');
    case 'scheduled':
      return t('scheduled');
    case 'pending':
      return t('waiting');
    case 'starting':
      return t('starting');
    case 'running':
      return t('running');
    case 'paused':
      return t('paused');
    case 'stopping':
      return t('stopping');
    case 'completed':
      return t('completed');
    case 'failed':
      return t('failed');
    case 'killed':
      return t('killed');
    case 'timed_out':
      return t('timed out');
    case 'lost':
      return t('lost');
    case 'cancelled':
      return t('canceled');
  }
}

/** The shortest text for how it ended: `0`, `3`, `TERM`, `command_not_found`; empty until it has ended. */
export function exitWord(run: Pick<Run, 'exitCode' | 'signal' | 'error'>): string {
  return run.error?.code ?? run.signal?.replace(/^SIG/, '') ?? (run.exitCode === null ? '' : String(run.exitCode));
}

/** `exit code 3` or `SIGTERM`; empty where neither is known. */
export function exitText({ exitCode, signal }: Pick<Run, 'exitCode' | 'signal'>, t: Translate): string {
  return signal ?? (exitCode === null ? '' : t('exit code {0}', exitCode));
}

/** State and end, for example `failed (exit code 3) after 1.2s` or `killed by an agent (SIGTERM): too slow`. */
export function endText(end: End, t: Translate = english): string {
  const exit = end.status === 'completed' || end.error ? '' : exitText(end, t);
  const state = stateOfEnd(end, t);
  const how = exit === '' ? state : t('{0} ({1})', state, exit);
  const time = end.durationMs ?? null;
  const after = time === null || end.error ? how : t('{0} after {1}', how, duration(time));
  return end.reasonText ? `${after}: ${oneLine(end.reasonText)}` : after;
}

/** {@link endText}, with the attempts after which it gave up and how many processes remain. */
export function wholeEndText(end: End, t: Translate = english): string {
  const { gaveUp = false, attempt = null, leftovers = [] } = end;
  return [
    endText(end, t),
    gaveUp ? gaveUpText(attempt ?? 1, t) : '',
    leftovers.length === 0 ? '' : remainingText(leftovers.length, t),
  ]
    .filter((part) => part !== '')
    .join(', ');
}

export function gaveUpText(attempts: number, t: Translate): string {
  return attempts === 1 ? t('gave up after 1 attempt') : t('gave up after {0} attempts', attempts);
}

export function remainingText(processes: number, t: Translate): string {
  return processes === 1 ? t('1 process remains') : t('{0} processes remain', processes);
}

/** What a kill has done, for example `killed with SIGTERM in 40ms`. */
export function killText({ result, signal, escalated, durationMs, job }: KillResult): string {
  switch (result) {
    case 'killed':
      return `killed with ${signal ?? 'a signal'} in ${duration(durationMs)}${escalated ? ', SIGKILL was needed' : ''}`;
    case 'already_terminated':
      return `had already ended: ${wholeEndText({ ...job, leftovers: [] })}`;
    case 'cancelled':
      return job.options.cron === null ? 'canceled, it will not run' : 'canceled, it creates no more jobs';
    case 'signalled':
      return `${signal ?? 'signal'} sent`;
    case 'stopping':
      return 'is being stopped';
  }
}

function stateOfEnd(end: End, t: Translate): string {
  if (end.error) return t('could not start: {0}', oneLine(end.error.message));
  switch (end.status) {
    case 'failed':
      return end.reason === 'out_of_memory' ? t('failed because the system ran out of memory') : t('failed');
    case 'killed':
      if (end.reason === 'user') return t('killed by a user');
      return end.reason === 'agent' ? t('killed by an agent') : t('killed');
    case 'timed_out':
      if (end.reason === 'out_of_memory') return t('exceeded its memory limit');
      if (end.reason === 'idle_timeout') return t('timed out without output');
      return end.reason === 'not_ready' ? t('timed out before it was ready') : t('timed out');
    case 'lost':
      if (end.reason === 'reboot') return t('lost when the machine was restarted');
      return end.reason === 'supervisor_lost'
        ? t('lost because the process that records its exit was killed')
        : t('lost, exit status unknown');
    case 'cancelled':
      return canceledText(end, t);
    default:
      return statusText(end.status, t);
  }
}

function canceledText({ reason, options, attempt = null }: End, t: Translate): string {
  if (reason === 'dependency_failed') return t('canceled because a dependency was not met');
  if (reason === 'missed') return t('canceled because it missed its start time');
  if ((options?.cron ?? null) !== null) return t('canceled, it creates no more jobs');
  return attempt === null ? t('canceled before it ran') : t('canceled before it ran again');
}
