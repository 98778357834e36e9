import type { DependencyCondition, RestartOption, RetryOption } from '../../../../src/api/options.ts';
import type { JobStatus } from '../../../../src/api/values.ts';

export interface ModelSpec {
  session: string;
  priority: number;
  mutex: string | undefined;
  dependsOn: { on: ModelJob; condition: DependencyCondition }[];
  ifDependencyFails: 'cancel' | 'wait';
  retry: RetryOption | undefined;
  restart: RestartOption | undefined;
  at: number | undefined;
  /** Every so many milliseconds, at whole multiples. */
  everyMs: number | undefined;
  ifMissed: 'once' | 'skip';
  ifOverlap: 'skip' | 'queue' | 'start';
  held: boolean;
  /** It has a readyWhen, which never comes true. */
  isNeverReady: boolean;
  /** What its command does: begin, be missing, or not come up for want of processes. */
  starts: 'well' | 'missing' | 'badly';
}

export interface ModelJob {
  /** As the engine has named it. */
  id: string;
  row: number;
  spec: ModelSpec;
  status: JobStatus;
  run: number;
  /** The run before the current attempts. */
  series: number;
  /** How long before an end each run began, both in milliseconds: by a clock that nobody sets, if that is known. */
  ages: ((end: number) => number)[];
  /** Its current run has had processes. */
  hadProcesses: boolean;
  queuedAt: number;
  queueKey: number | undefined;
  dueAt: number | undefined;
  /** It waits for `dueAt`. */
  isTimed: boolean;
  gaveUp: boolean;
  reason: string | undefined;
  schedule: ModelJob | undefined;
  isRemoved: boolean;
}

export interface ModelEnd {
  status: 'completed' | 'failed' | 'killed' | 'lost';
  exitCode: number | null;
  at: number;
}

export type Direction = 'up' | 'down' | 'first' | 'last';

export function judge(job: ModelJob, condition: DependencyCondition): 'met' | 'open' | 'failed' {
  if (job.isRemoved) return 'failed';
  if (isWaiting(job)) return 'open';
  const isRunning = job.status === 'running';
  switch (condition) {
    case 'finished':
      return isRunning ? 'open' : 'met';
    case 'succeeded':
      return isRunning ? 'open' : job.status === 'completed' ? 'met' : 'failed';
    case 'started':
      return job.status !== 'cancelled' && job.hadProcesses ? 'met' : 'failed';
    case 'ready':
      return isRunning ? 'open' : 'failed';
  }
}

export function isWaiting({ status }: ModelJob): boolean {
  return status === 'held' || status === 'scheduled' || status === 'pending';
}

export function isEnded(job: ModelJob): boolean {
  return !isWaiting(job) && job.status !== 'running';
}

export function next(everyMs: number, after: number): number {
  return (Math.floor(after / everyMs) + 1) * everyMs;
}

export function mayDependOn(job: ModelJob, condition: string): boolean {
  if (job.isRemoved || job.spec.everyMs !== undefined) return false;
  return condition !== 'ready' || job.spec.isNeverReady;
}
