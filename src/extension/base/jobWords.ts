import prettyMs from 'pretty-ms';
import type { Job, Run } from '../../api/job.ts';
import type { JobStatus } from '../../api/values.ts';
import { quoteArgument } from '../../text/grammar.ts';

/** `vscode.l10n.t`, by argument: these words are tested outside the editor. */
export type Localize = (message: string, ...values: (string | number)[]) => string;

export function statusWord(status: JobStatus, t: Localize): string {
  switch (status) {
    case 'held':
      return t('held');
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
      return t('cancelled');
  }
}

/** What a job is called: its name, or the first line of its command or of what a coding agent is to do. */
export function jobTitle(job: Pick<Job, 'name' | 'command' | 'argv' | 'codingAgent'>): string {
  if (job.name !== null) return job.name.replace(/\s+/g, ' ');
  const { codingAgent } = job;
  const line = (codingAgent ? `${codingAgent.name}: ${codingAgent.prompt.trim()}` : commandLine(job)).trim();
  const end = line.indexOf('\n');
  return end < 0 ? shorten(line, 120) : `${shorten(line.slice(0, end).trimEnd(), 119)}…`;
}

/** The command as it could be typed into a POSIX shell. */
export function commandLine(job: Pick<Job, 'command' | 'argv'>): string {
  return job.command ?? (job.argv ?? []).map(quoteArgument).join(' ');
}

export function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/**
 * Of something that goes on, the coarser the longer it takes: by 1 s, from 10 s on by 5 s, from a minute on by 10 s, from
 * an hour on by minutes. Every new text draws a row again, which takes tooltip and buttons from under the mouse.
 */
export function elapsed(milliseconds: number): string {
  if (milliseconds < 1000) return '0s';
  const step = milliseconds < 10_000 ? 1000 : milliseconds < 60_000 ? 5000 : 10_000;
  return prettyMs(Math.floor(milliseconds / step) * step, { unitCount: 2, secondsDecimalDigits: 0 });
}

/** Until something comes, as coarse as {@link elapsed}: by minutes, below two by 10 s, below 10 s by 1 s. */
export function remaining(milliseconds: number): string {
  const step = milliseconds < 10_000 ? 1000 : milliseconds < 120_000 ? 10_000 : 60_000;
  return prettyMs(Math.ceil(milliseconds / step) * step, { unitCount: 2, secondsDecimalDigits: 0 });
}

/** Of something that has ended. */
export function duration(milliseconds: number): string {
  return prettyMs(Math.max(0, Math.round(milliseconds)), { unitCount: 2 });
}

type Ending = Pick<Run, 'exitCode' | 'signal' | 'reason' | 'reasonText' | 'durationMs' | 'error'> & {
  status: JobStatus;
};

/** How it ended, for example `exited 3 after 1.2s`; of what has not ended, its status. */
export function endWords(end: Ending, t: Localize): string {
  const what = endCause(end, t);
  const after = end.durationMs === null ? what : t('{0} after {1}', what, duration(end.durationMs));
  return end.reasonText ? `${after}: ${end.reasonText}` : after;
}

function endCause(end: Ending, t: Localize): string {
  switch (end.status) {
    case 'completed':
    case 'failed':
      if (end.error) return t('could not start: {0}', end.error.message);
      if (end.reason === 'out_of_memory') return t('ended by the system: out of memory');
      if (end.signal !== null) return t('ended by {0}', end.signal);
      return end.exitCode === null ? statusWord(end.status, t) : t('exited {0}', end.exitCode);
    case 'killed':
      return end.signal === null ? t('killed') : t('killed by {0}', end.signal);
    case 'timed_out':
      if (end.reason === 'idle_timeout') return t('ended: no output for too long');
      if (end.reason === 'not_ready') return t('ended: it was not ready in time');
      return end.reason === 'out_of_memory'
        ? t('ended: it needed more memory than it may')
        : t('ended: its time was up');
    case 'lost':
      return end.reason === 'reboot' ? t('lost: the machine went down') : t('lost: how it ended is not known');
    case 'cancelled':
      if (end.reason === 'dependency_failed') return t('cancelled: what it depends on cannot come true');
      return end.reason === 'missed' ? t('cancelled: its time was missed') : t('cancelled');
    default:
      return statusWord(end.status, t);
  }
}
