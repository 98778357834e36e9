import type { Job, Run, WaitingFor } from '../api/job.ts';
import { isEnded } from '../api/values.ts';
import { oneLine, plural } from './grammar.ts';
import { atTime, duration, elapsed, type TellTime } from './timeText.ts';

/** The shortest word for how it ended: `0`, `3`, `TERM`, `command_not_found`; empty while that is open. */
export function exitWord(run: Pick<Run, 'exitCode' | 'signal' | 'error'>): string {
  return run.error?.code ?? run.signal?.replace(/^SIG/, '') ?? (run.exitCode === null ? '' : String(run.exitCode));
}

/** A job or a run, of which the fields say how it ended. */
export type Ended = Pick<Job, 'status' | 'exitCode' | 'signal' | 'reason' | 'reasonText' | 'error' | 'leftovers'> &
  Partial<Pick<Job, 'gaveUp' | 'attempt' | 'options'>>;

/** How a job ended and who did it, for example `killed by a user with SIGTERM (too slow), 2 processes remain`. */
export function endSentence(job: Ended): string {
  const why = job.reasonText === null ? '' : ` (${oneLine(job.reasonText)})`;
  return `${endPhrase(job)}${why}${givenUp(job)}${remaining(job)}`;
}

function givenUp({ gaveUp, attempt }: Ended): string {
  return gaveUp ? `, gave up after ${plural(attempt ?? 1, 'attempt')}` : '';
}

/** State and end, for example `failed: exited 3` or `killed by a user: ended by SIGTERM`. */
export function endedSentence(job: Ended): string {
  const how = endSentence(job);
  return how.startsWith(job.status.replace('_', ' ')) ? how : `${job.status}: ${how}`;
}

function endPhrase(job: Ended): string {
  if (job.error) return `could not be started: ${oneLine(job.error.message)}`;
  if (job.status === 'cancelled') {
    if (job.reason === 'dependency_failed') return 'cancelled: what it depends on cannot come true';
    if (job.reason === 'missed') return 'cancelled: its time was missed';
    if ((job.options?.cron ?? null) !== null) return 'cancelled: it makes no more jobs';
    return (job.attempt ?? null) === null ? 'cancelled before it ran' : 'cancelled before it ran again';
  }
  const how =
    job.signal !== null
      ? `ended by ${job.signal}`
      : job.exitCode !== null
        ? `exited ${job.exitCode}`
        : 'ended, how is not known';
  switch (job.reason) {
    case 'user':
      return `killed by a user: ${how}`;
    case 'agent':
      return `killed by an agent: ${how}`;
    case 'timeout':
      return `timed out: ${how}`;
    case 'idle_timeout':
      return `timed out without output: ${how}`;
    case 'supervisor_lost':
      return 'lost: the process that records how it ends was killed';
    case 'reboot':
      return 'lost: the machine was restarted while it ran';
    case 'not_ready':
      return `timed out: it was not ready in time: ${how}`;
    case 'out_of_memory':
      return job.status === 'timed_out'
        ? `stopped over its memory limit: ${how}`
        : `stopped by the system, which was out of memory: ${how}`;
    case 'exit':
    case 'signal':
    case 'spawn_error':
    case 'dependency_failed':
    case 'missed':
    case null:
      return how;
  }
}

function remaining(job: Pick<Job, 'leftovers'>): string {
  const count = job.leftovers.length;
  return count === 0 ? '' : `, ${plural(count, 'process', 'processes')} ${count === 1 ? 'remains' : 'remain'}`;
}

type DependencyWait = Extract<WaitingFor, { type: 'dependency' }>['jobs'][number];

/** Why a job waits, for example `behind the limit of 10 running jobs of the host`. */
export function waitingSentence(waitingFor: WaitingFor, tell: TellTime = atTime): string {
  switch (waitingFor.type) {
    case 'limit':
      return `behind the limit of ${plural(waitingFor.maximum, 'running job')} of the ${waitingFor.scope}`;
    case 'dependency':
      return `for ${dependencyPhrases(waitingFor.jobs)}`;
    case 'time':
      return `for its time, ${tell(waitingFor.until)}`;
    case 'retry':
      return `for ${attemptPhrase(waitingFor)}, ${tell(waitingFor.until)}`;
    case 'paused':
      return waitingFor.scope === 'host' ? 'because the queue is paused' : 'because the queue of its session is paused';
    case 'mutex':
      return `for job ${waitingFor.jobId.slice(0, 8)}, which has the mutex ${oneLine(waitingFor.mutex)}`;
    case 'resources':
      return `because ${waitingFor.text}`;
  }
}

const namedDependencies = 3;

function dependencyPhrases(jobs: readonly DependencyWait[]): string {
  const others = jobs.length - namedDependencies;
  const more = others > 0 ? [plural(others, 'other job')] : [];
  return [...jobs.slice(0, namedDependencies).map(dependencyPhrase), ...more].join(' and ');
}

function dependencyPhrase({ jobId, condition, status }: DependencyWait): string {
  const what = { succeeded: 'complete', finished: 'end', started: 'start', ready: 'be ready' }[condition];
  return `job ${jobId.slice(0, 8)} to ${what} (${status === null ? 'it was removed' : `it is ${status}`})`;
}

function attemptPhrase({ attempt, maxAttempts }: { attempt: number; maxAttempts: number | null }): string {
  return `attempt ${attempt}${maxAttempts === null ? '' : ` of ${maxAttempts}`}`;
}

/** For example `attempt 2 of 5`; empty when it is the first, and none was before it. */
export function attemptOf({ attempt, options }: Pick<Job, 'attempt' | 'options'>): string {
  if (attempt === null || attempt < 2) return '';
  return attemptPhrase({ attempt, maxAttempts: options.retry?.maxAttempts ?? null });
}

/** What a job does or how it ended, for example `running for 5s, pid 4711` or `failed: exited 3`. */
export function stateSentence(job: Job, now: number, tell: TellTime = atTime): string {
  if (job.waitingFor?.type === 'time') return `${job.status}, ${timePhrase(job)} ${tell(job.waitingFor.until)}`;
  if (job.waitingFor) return `${job.status}, ${waitingSentence(job.waitingFor, tell)}`;
  const attempt = attemptOf(job) && `, ${attemptOf(job)}`;
  if (isEnded(job.status)) return `${endedSentence(job)}${job.gaveUp ? '' : attempt}`;
  const lasted = elapsed(job, now);
  const pid = job.pid === null ? '' : `, pid ${job.pid}`;
  const ready = readyPhrase(job) && `, ${readyPhrase(job)}`;
  return `${job.status}${lasted === null ? '' : ` for ${duration(lasted)}`}${pid}${attempt}${ready}`;
}

/** For example `waits behind the limit of …` or `starts at …`; empty when it waits for nothing. */
export function waitingPhrase(job: Pick<Job, 'waitingFor' | 'options'>, tell: TellTime = atTime): string {
  const { waitingFor } = job;
  if (!waitingFor) return '';
  return waitingFor.type === 'time'
    ? `${timePhrase(job)} ${tell(waitingFor.until)}`
    : `waits ${waitingSentence(waitingFor, tell)}`;
}

/** What comes at the time for which a job waits. */
function timePhrase({ options }: Pick<Job, 'options'>): string {
  return options.cron === null ? 'starts' : 'makes its next job';
}

/** For example `ready at http://localhost:3000/`; empty when nobody asked. */
export function readyPhrase({ ready, url }: Pick<Job, 'ready' | 'url'>): string {
  if (ready === null) return '';
  if (!ready) return 'not ready';
  return url === null ? 'ready' : `ready at ${oneLine(url)}`;
}
