import type { WaitingFor } from '../../api/job.ts';
import type { DependencyCondition } from '../../api/options.ts';
import { isEnded, isWaiting, type JobStatus } from '../../api/values.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { Store } from '../../store/store.ts';

/** The state of a job that decides about those that depend on it. */
export interface Observed {
  status: JobStatus;
  /** It has ended, and what it has left is being ended. */
  isClearing: boolean;
  /** Its current run has had processes. */
  started: boolean;
  /** `readyWhen` of its current run: come true, not in time, or still open. */
  ready: 'yes' | 'no' | 'open';
}

export type Verdict = 'met' | 'open' | 'failed';

export type Blocking = Extract<WaitingFor, { type: 'dependency' }>['jobs'];

/** Undefined if the job was removed. */
export function observe(store: Store, jobId: string, isClearing: boolean): Observed | undefined {
  const job = store.jobs.byId(jobId);
  if (!job) return undefined;
  const run = store.runs.byNumber(job.row, job.run);
  return {
    status: job.status,
    isClearing,
    started: run ? run.errorCode === null : job.startedAt !== null,
    ready: !run ? 'open' : run.readyAt !== null ? 'yes' : run.notReadyAt !== null ? 'no' : 'open',
  };
}

/** @param job undefined if it was removed */
export function judge(condition: DependencyCondition, job: Observed | undefined): Verdict {
  if (!job) return 'failed';
  const { status } = job;
  switch (condition) {
    case 'finished':
      return isEnded(status) && !job.isClearing ? 'met' : 'open';
    case 'succeeded':
      if (status === 'completed') return job.isClearing ? 'open' : 'met';
      return isEnded(status) ? 'failed' : 'open';
    case 'started':
      if (isWaiting(status) || status === 'starting') return 'open';
      return status !== 'cancelled' && job.started ? 'met' : 'failed';
    case 'ready':
      if (isWaiting(status) || status === 'starting') return 'open';
      // A job that completed after it was ready has done what it was needed for.
      if (isEnded(status)) return status === 'completed' && job.ready === 'yes' ? 'met' : 'failed';
      if (job.ready === 'yes') return 'met';
      // A job that is being killed for that may be retried: its end decides.
      return job.ready === 'no' && status !== 'stopping' ? 'failed' : 'open';
  }
}

export interface Outcome {
  verdict: Verdict;
  /** The jobs that it waits for, or that have failed. */
  blocking: Blocking;
}

/** All dependencies of a job together. With `ifDependencyFails: wait` a failed one may still come true. */
export function judgeAll({ spec }: Pick<JobRow, 'spec'>, observe: (jobId: string) => Observed | undefined): Outcome {
  const open: Blocking = [];
  const failed: Blocking = [];
  for (const { job: jobId, condition } of spec.dependsOn) {
    const observed = observe(jobId);
    const verdict = judge(condition, observed);
    if (verdict === 'met') continue;
    (verdict === 'failed' ? failed : open).push({ jobId, condition, status: observed?.status ?? null });
  }
  if (failed.length > 0 && spec.ifDependencyFails === 'cancel') return { verdict: 'failed', blocking: failed };
  const blocking = [...failed, ...open];
  return { verdict: blocking.length === 0 ? 'met' : 'open', blocking };
}

/** Why it cannot come true any more, for example `job 1a2b3c4d is failed`. */
export function failureText({ jobId, condition, status }: Blocking[number]): string {
  const name = `job ${jobId.slice(0, 8)}`;
  if (status === null) return `${name} was removed`;
  if (condition !== 'ready') return `${name} is ${status}`;
  if (!isEnded(status)) return `${name} was not ready in time`;
  return status === 'completed' ? `${name} was completed without being ready` : `${name} is ${status}`;
}

interface Needed {
  dependents: Set<string>;
  /** Its last known state; null if it was not read yet or has changed since. */
  seen: { job: Observed | undefined } | null;
}

/** Which waiting jobs depend on which jobs, held ones included. */
export class DependencyGraph {
  readonly #observe: (jobId: string) => Observed | undefined;
  /** The needs as they were when the job was added: its own may have changed since. */
  readonly #waiting = new Map<string, { job: JobRow; needs: readonly string[] }>();
  readonly #needed = new Map<string, Needed>();

  constructor(observe: (jobId: string) => Observed | undefined) {
    this.#observe = observe;
  }

  add(job: JobRow): void {
    this.remove(job.id);
    if (job.spec.dependsOn.length === 0) return;
    const needs = job.spec.dependsOn.map((dependency) => dependency.job);
    this.#waiting.set(job.id, { job, needs });
    for (const id of needs) {
      const needed = this.#needed.get(id) ?? { dependents: new Set(), seen: null };
      needed.dependents.add(job.id);
      this.#needed.set(id, needed);
    }
  }

  remove(jobId: string): void {
    for (const id of this.#waiting.get(jobId)?.needs ?? []) {
      const needed = this.#needed.get(id);
      needed?.dependents.delete(jobId);
      if (needed?.dependents.size === 0) this.#needed.delete(id);
    }
    this.#waiting.delete(jobId);
  }

  dependentsOf(jobId: string): JobRow[] {
    return [...(this.#needed.get(jobId)?.dependents ?? [])].flatMap((id) => this.#waiting.get(id)?.job ?? []);
  }

  /** This job has changed. @returns the jobs that wait for it */
  changed(jobId: string): JobRow[] {
    const needed = this.#needed.get(jobId);
    if (needed) needed.seen = null;
    return this.dependentsOf(jobId);
  }

  /** All dependencies of a job together. Reads only those that have changed since. */
  judge(job: JobRow): Outcome {
    return judgeAll(job, (id) => {
      const needed = this.#needed.get(id);
      if (!needed) return this.#observe(id);
      needed.seen ??= { job: this.#observe(id) };
      return needed.seen.job;
    });
  }
}

/**
 * @param needsOf the jobs that a job depends on
 * @returns the path from `jobId` back to itself if it depended on `needed`, otherwise undefined
 */
export function findCircle(
  jobId: string,
  needed: readonly string[],
  needsOf: (jobId: string) => readonly string[],
): string[] | undefined {
  const cameFrom = new Map(needed.map((id) => [id, jobId]));
  // The loop also comes to the keys that are added on the way.
  for (const id of cameFrom.keys()) {
    if (id === jobId) break;
    for (const next of needsOf(id)) if (!cameFrom.has(next)) cameFrom.set(next, id);
  }
  if (!cameFrom.has(jobId)) return undefined;
  const path = [jobId];
  for (let id = cameFrom.get(jobId); id !== undefined && id !== jobId; id = cameFrom.get(id)) path.unshift(id);
  return [jobId, ...path];
}
