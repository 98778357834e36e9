import type { Job } from '../../api/job.ts';
import { isEnded, isWaiting } from '../../api/values.ts';
import { endText } from '../../text/endText.ts';
import { commandLine, oneLine } from '../../text/grammar.ts';
import { stateText } from '../../text/waitingText.ts';
import { agentWording } from '../../text/wording.ts';
import type { ToolContext } from './tool.ts';

/** The first line of an answer, for example `Job 1a2b3c4d (build): failed (exit code 2) after 3s.` */
export function jobSentence(job: Job): string {
  const name = job.name === null ? '' : ` (${oneLine(job.name)})`;
  return `Job ${job.shortId}${name}: ${stateText(job, agentWording(Date.now()))}${lastAttempt(job)}.`;
}

/** Why there is to be another one. */
function lastAttempt({ waitingFor, runs }: Job): string {
  const run = waitingFor?.type === 'retry' && runs.at(-1);
  return run ? `; run ${run.number} ${endText(run)}` : '';
}

export function commandSentence(job: Job): string {
  return `Command: ${commandLine(job)}\nFolder: ${job.cwd}. Session: ${oneLine(job.session)}.`;
}

/** What can be done next, with the names that the tools have in this front. */
export function nextSentence(job: Job, { toolName, offers }: ToolContext, cursor?: number): string {
  const id = `id "${job.shortId}"`;
  if (job.status === 'held') {
    const tool = offers('release_job') ? `${toolName('release_job')}, or ` : '';
    return `Next: ${tool}wait until a person releases it (${id}).`;
  }
  if (job.error) return `Next: correct the request and call ${toolName('start_job')} again.`;
  if (isEnded(job.status)) {
    if (job.run === null) return `Next: ${toolName('start_job')} again if the job is still needed.`;
    const left = job.leftovers.length === 0 ? '' : `, ${toolName('kill_job')} to end its remaining processes`;
    return `Next: ${toolName('get_job_output')} for more of its output${left} (${id}).`;
  }
  if (isWaiting(job.status)) return `Next: ${nextOfWaiting(job, toolName)} (${id}). Do not start it again.`;
  const since = cursor === undefined ? '' : ` with run ${job.run}, since ${cursor} for later output`;
  const what = mayBecomeReady(job) ? 'with for "ready"' : 'for its end or a line of its output';
  return (
    `Next: ${toolName('wait_for_job')} ${what}, ` +
    `${toolName('get_job_output')}${since}, ${toolName('kill_job')} to stop it (${id}).`
  );
}

/** After its time limit a wait for readiness would return at once, every time. */
function mayBecomeReady({ ready, startedAt, options: { readyWhen } }: Job): boolean {
  if (ready !== false || !readyWhen) return false;
  return startedAt === null || Date.now() < Date.parse(startedAt) + readyWhen.timeoutMs;
}

function nextOfWaiting({ waitingFor, options }: Job, toolName: ToolContext['toolName']): string {
  const cancel = `${toolName('kill_job')} to cancel it`;
  const wait = toolName('wait_for_job');
  if (options.cron !== null) {
    return `it creates jobs at its times, ${toolName('list_jobs')} with schedule lists them, ${cancel}`;
  }
  if (waitingFor?.type === 'time') return `it starts at that time, ${cancel}`;
  if (waitingFor?.type === 'paused') return `a person has to resume the queue, ${cancel}`;
  if (waitingFor?.type === 'retry' && options.retry !== null)
    return `${wait} for the end of its last attempt, ${cancel}`;
  return `${wait} with for "started", ${cancel}`;
}

/** Paragraphs of an answer; empty ones are left out. */
export function lines(...parts: string[]): string {
  return parts.filter((part) => part !== '').join('\n');
}
