import type { Job } from '../protocol/job.ts';
import { isEnded, isWaiting } from '../protocol/states.ts';
import { stateSentence } from '../words/job.ts';
import { commandLine, oneLine } from '../words/text.ts';
import { duration } from '../words/time.ts';
import type { ToolContext } from './tool.ts';

/** The first line of an answer, for example `Job 1a2b3c4d (build) failed: exited 2, after 3s.` */
export function jobSentence(job: Job): string {
  const name = job.name === null ? '' : ` (${oneLine(job.name)})`;
  const lasted = isEnded(job.status) && job.durationMs !== null ? `, after ${duration(job.durationMs)}` : '';
  return `Job ${job.shortId}${name} is ${stateSentence(job, Date.now())}${lasted}.`;
}

export function commandSentence(job: Job): string {
  return `Command: ${commandLine(job)}\nFolder: ${job.cwd}. Session: ${oneLine(job.session)}.`;
}

/** What can usefully be done next, with the tools' names as they are here. */
export function nextSentence(job: Job, { toolName }: ToolContext, cursor?: number): string {
  const id = `id "${job.shortId}"`;
  if (job.status === 'held') return `Next: it is held until somebody releases it (${id}).`;
  if (job.error) return `Next: correct it and call ${toolName('start_job')} again.`;
  if (isEnded(job.status)) {
    const left = job.leftovers.length === 0 ? '' : `, ${toolName('kill_job')} to end what remains of it`;
    return `Next: ${toolName('get_job_output')} for more of its output${left} (${id}).`;
  }
  if (isWaiting(job.status)) return `Next: ${nextOfWaiting(job, toolName)} (${id}). Do not start it again.`;
  const since = cursor === undefined ? '' : ` with run ${job.run}, since ${cursor} for what it writes from now on`;
  const what = job.ready === false ? 'with for "ready"' : 'for its end or a line of its output';
  return (
    `Next: ${toolName('wait_for_job')} ${what}, ` +
    `${toolName('get_job_output')}${since}, ${toolName('kill_job')} to stop it (${id}).`
  );
}

function nextOfWaiting({ waitingFor, options }: Job, toolName: ToolContext['toolName']): string {
  const cancel = `${toolName('kill_job')} to cancel it`;
  if (options.cron !== null)
    return `it starts by itself at its times, ${toolName('list_jobs')} with schedule shows them, ${cancel}`;
  if (waitingFor?.type === 'time') return `it starts by itself then, ${cancel}`;
  if (waitingFor?.type === 'retry') return `${toolName('wait_for_job')} for the end of its last attempt, ${cancel}`;
  return `${toolName('wait_for_job')} with for "started", ${cancel}`;
}

/** Paragraphs of an answer; empty ones are left out. */
export function lines(...parts: string[]): string {
  return parts.filter((part) => part !== '').join('\n');
}
