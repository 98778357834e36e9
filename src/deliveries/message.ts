import type { JobEvent } from '../api/events.ts';
import type { Hook, HookEvent } from '../api/hooks.ts';
import type { Job } from '../api/job.ts';
import { isEnded, isFailure } from '../api/values.ts';
import { wholeEndText } from '../text/endText.ts';
import { jobTitle, oneLine, plural, shorten } from '../text/grammar.ts';

/** Of a job: nothing of its environment. Times as in the API. */
type ToldJob = Pick<Job, (typeof told)[number]>;

const told = [
  ...(['id', 'shortId', 'name', 'session', 'command', 'argv', 'cwd', 'tags', 'status', 'run', 'exitCode'] as const),
  ...(['signal', 'reason', 'reasonText', 'createdAt', 'startedAt', 'finishedAt', 'durationMs', 'url'] as const),
] as const;

/** What a hook's target is told, in JSON. */
export interface Message {
  /** The same in each attempt, so that a receiver can tell that it has it already. */
  readonly id: string;
  readonly hook: string;
  /** more: as many more as `count` in the last minute; test: somebody tries the hook. */
  readonly event: HookEvent | 'more' | 'test';
  /** When it happened, ISO 8601. */
  readonly time: string;
  readonly title: string;
  readonly text: string;
  readonly job: ToldJob | null;
  /** For matched: the line. */
  readonly match?: string;
  /** For more: how many messages were not sent. */
  readonly count?: number;
}

/** By which jobs that a hook has started are known: what it tells would come back to it without end. */
const hookTag = 'hook';

/** Whether the hook is about this job. */
export function concerns(hook: Hook, job: Job): boolean {
  if (job.task !== null || hookTag in job.tags) return false;
  if (hook.session !== undefined && hook.session !== job.session) return false;
  if (hook.onRequest && !(job.options.notify ?? []).includes(hook.name)) return false;
  return Object.entries(hook.tags).every(([key, value]) => job.tags[key] === value);
}

/** @returns undefined if the hook is not told of the event */
export function messageOf(hook: Hook, { type, to, seq, time, job }: JobEvent): Message | undefined {
  if (!job || !concerns(hook, job)) return undefined;
  const event = happened(hook, type, to);
  if (event === undefined) return undefined;
  const isEnd = event === 'ended' || event === 'failed';
  if (isEnd && (job.durationMs ?? 0) < hook.minDurationMs) return undefined;
  return message(hook, event, { id: `${hook.name}-${seq}`, time, job });
}

/** Whether something has gone wrong, which deserves more attention. */
export function tellsFailure({ event }: Message): boolean {
  return event === 'failed' || event === 'gave_up';
}

export function matchMessage(hook: Hook, job: Job, match: string): Message {
  const id = `${hook.name}-${job.id}.${job.run ?? 0}-matched`;
  return { ...message(hook, 'matched', { id, time: new Date().toISOString(), job }), match };
}

/** Instead of messages that were too many. */
export function moreMessage(hook: Hook, count: number, now: number): Message {
  const text = `${plural(count, 'more message', 'more messages')} in the last minute`;
  const time = new Date(now).toISOString();
  return { id: `${hook.name}-more-${now}`, hook: hook.name, event: 'more', time, title: title, text, job: null, count };
}

export function testMessage(hook: Hook, now: number): Message {
  const text = `The hook "${hook.name}" works.`;
  const time = new Date(now).toISOString();
  return { id: `${hook.name}-test-${now}`, hook: hook.name, event: 'test', time, title, text, job: null };
}

const title = 'Background Jobs';

function happened(hook: Hook, type: JobEvent['type'], to: JobEvent['to']): HookEvent | undefined {
  const { on } = hook;
  const wanted = (event: HookEvent): HookEvent | undefined => (on.includes(event) ? event : undefined);
  if (type === 'ready' || type === 'gave_up') return wanted(type);
  if (type !== 'status' || to === null) return undefined;
  if (to === 'running') return wanted('started');
  if (!isEnded(to)) return undefined;
  return (isFailure(to) ? wanted('failed') : undefined) ?? wanted('ended');
}

function message(hook: Hook, event: HookEvent, { id, time, job }: { id: string; time: string; job: Job }): Message {
  const name = shorten(oneLine(jobTitle(job)), 100);
  const ofJob = Object.fromEntries(told.map((key) => [key, job[key]])) as ToldJob;
  return { id, hook: hook.name, event, time, title: name, text: `${name} ${phrase(event, job)}`, job: ofJob };
}

function phrase(event: HookEvent, job: Job): string {
  switch (event) {
    case 'started':
      return 'started';
    case 'ready':
      return job.url ? `is ready: ${job.url}` : 'is ready';
    case 'matched':
      return `wrote what the hook waits for`;
    case 'gave_up':
      return 'failed, and no attempts are left';
    case 'ended':
    case 'failed':
      return wholeEndText(job);
  }
}
