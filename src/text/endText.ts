import { constants } from 'node:os';
import type { KillResult } from '../api/control.ts';
import type { BgJobsError } from '../api/errors.ts';
import type { Job, Run } from '../api/job.ts';
import type { JobStatus } from '../api/values.ts';
import { english, joined, oneLine, type Translate } from './grammar.ts';
import { timeTaken } from './timeText.ts';

/** A job or a run: how it ended. */
export type End = Pick<Job, 'status' | 'exitCode' | 'signal' | 'reason' | 'reasonText' | 'error'> &
  Partial<Pick<Job, 'gaveUp' | 'attempt' | 'options' | 'leftovers' | 'durationMs'>>;

export function statusText(status: JobStatus, t: Translate): string {
  const texts: Record<JobStatus, string> = {
    held: t('on hold'),
    scheduled: t('scheduled'),
    pending: t('waiting'),
    starting: t('starting'),
    running: t('running'),
    paused: t('paused'),
    stopping: t('stopping'),
    completed: t('completed'),
    failed: t('failed'),
    killed: t('stopped'),
    timed_out: t('timed out'),
    lost: t('lost'),
    cancelled: t('canceled'),
  };
  return texts[status];
}

/** The tasks of an array, for example `40 of 100 tasks ended, 2 failed`; empty for other jobs. */
export function tasksText({ array }: Pick<Job, 'array'>, t: Translate = english): string {
  if (!array) return '';
  return joined(
    t('{0} of {1} tasks ended', array.ended, array.tasks),
    array.failed === 0 ? '' : t('{0} failed', array.failed),
  );
}

/** The shortest text for how it ended: `0`, `3`, `TERM`, `command_not_found`; empty until it has ended. */
export function exitWord(run: Pick<Run, 'exitCode' | 'signal' | 'error'>): string {
  return run.error?.code ?? run.signal?.replace(/^SIG/, '') ?? (run.exitCode === null ? '' : String(run.exitCode));
}

/** `exit code 3` or `SIGTERM`; empty where neither is known. */
export function exitText({ exitCode, signal }: Pick<Run, 'exitCode' | 'signal'>, t: Translate): string {
  return signal ?? (exitCode === null ? '' : t('exit code {0}', exitCode));
}

/** State and end, for example `failed (exit code 3) after 1.2s` or `stopped by an agent (SIGTERM): too slow`. */
export function endText(end: End, t: Translate = english): string {
  const exit = end.status === 'completed' || end.error ? '' : exitText(end, t);
  const state = stateOfEnd(end, t);
  const how = exit === '' ? state : t('{0} ({1})', state, exit);
  const time = end.durationMs ?? null;
  const after = time === null || end.error ? how : t('{0} after {1}', how, timeTaken(time));
  return end.reasonText ? `${after}: ${oneLine(end.reasonText)}` : after;
}

/** `succeeded in 3.2s`; undefined for what has not succeeded, or has taken no time of its own. */
export function successText({ status, durationMs = null }: End, t: Translate): string | undefined {
  return status === 'completed' && durationMs !== null ? t('succeeded in {0}', timeTaken(durationMs)) : undefined;
}

/** {@link endText}, or what is given for it, with the attempts after which it gave up and how many processes remain. */
export function wholeEndText(end: End, t: Translate = english, text = endText(end, t)): string {
  const { gaveUp = false, attempt = null, leftovers = [] } = end;
  return joined(
    text,
    gaveUp ? gaveUpText(attempt ?? 1, t) : '',
    leftovers.length === 0 ? '' : remainingText(leftovers.length, t),
  );
}

export function gaveUpText(attempts: number, t: Translate): string {
  return attempts === 1 ? t('gave up after 1 attempt') : t('gave up after {0} attempts', attempts);
}

export function remainingText(processes: number, t: Translate): string {
  return processes === 1 ? t('1 process remains') : t('{0} processes remain', processes);
}

/** What a kill has done, for example `stopped with SIGTERM in 40ms`. */
export function killText({ result, signal, escalated, durationMs, job }: KillResult): string {
  switch (result) {
    case 'killed':
      return `stopped with ${signal ?? 'a signal'} in ${timeTaken(durationMs)}${escalated ? ', SIGKILL was needed' : ''}`;
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
      if (end.reason === 'user') return t('stopped by a user');
      return end.reason === 'agent' ? t('stopped by an agent') : t('stopped');
    case 'timed_out':
      if (end.reason === 'out_of_memory') return t('exceeded its memory limit');
      if (end.reason === 'log_full') return t('stopped because its log was full');
      if (end.reason === 'idle_timeout') return t('timed out without output');
      return end.reason === 'not_ready' ? t('timed out before it was ready') : t('timed out');
    case 'lost':
      if (end.reason === 'reboot') return t('lost when the machine was restarted');
      if (end.reason === 'node_lost') return t('lost with its node');
      return end.reason === 'supervisor_lost'
        ? t('lost because the process that records its exit was killed')
        : t('lost, exit status unknown');
    case 'cancelled':
      if (end.reason === 'dependency_failed') return t('canceled because a dependency was not met');
      if (end.reason === 'missed') return t('canceled because it missed its start time');
      if (end.options?.cron) return t('canceled, it creates no more jobs');
      return (end.attempt ?? null) === null ? t('canceled before it ran') : t('canceled before it ran again');
    default:
      return statusText(end.status, t);
  }
}

/** The code that a shell reports for a program ended by this signal: 128 plus the signal's number; else 1. */
export function exitCodeOfSignal(signal: string): number {
  const number = (constants.signals as Partial<Record<string, number>>)[signal];
  return number === undefined ? 1 : 128 + number;
}

/**
 * The exit code for a run: the command's own; 128 plus the signal's number; for a command that could not be started 127
 * (not found) or 126, as shells do. A run that was stopped is not a success, even if it exited with 0.
 */
export function exitCodeOfRun(run: Pick<Job, 'status' | 'exitCode' | 'signal' | 'error'>): number {
  if (run.error) return run.error.code === 'command_not_found' ? 127 : 126;
  if (run.signal !== null) return exitCodeOfSignal(run.signal);
  // An array has no exit code of its own.
  if (run.exitCode === null || run.exitCode === 0) return run.status === 'completed' ? 0 : 1;
  return run.exitCode;
}

/** The message, and the ids that exist or match, from the details of the error. */
export function failureLines({ code, message, details }: BgJobsError): string[] {
  type Known = { ids?: string[]; jobs?: Pick<Job, 'shortId' | 'status' | 'name'>[] };
  const { ids = [], jobs = [] } = (details ?? {}) as Known;
  return [
    message,
    ...ids.map((id) => `  ${id}`),
    ...(jobs.length > 0 && code === 'job_not_found' ? ['The newest jobs:'] : []),
    ...jobs.map(({ shortId, status, name }) => `  ${shortId} ${status} ${oneLine(name ?? '')}`.trimEnd()),
  ];
}
