import type { WaitingFor } from '../../api/job.ts';
import type { DependencyCondition } from '../../api/options.ts';
import { isEnded, isWaiting, type JobStatus } from '../../api/values.ts';
import type { JobRow } from '../../store/jobTable.ts';

/** What of a job decides about those that depend on it. */
export interface Observed {
  status: JobStatus;
  /** Its current run has had processes. */
  started: boolean;
  /** `readyWhen` of its current run: come true, not in time, or open. */
  ready: 'yes' | 'no' | 'open';
}

export type Verdict = 'met' | 'open' | 'failed';

export type Blocking = Extract<WaitingFor, { type: 'dependency' }>['jobs'];

/** @param job undefined: it is no more */
export function judge(condition: DependencyCondition, job: Observed | undefined): Verdict {
  if (!job) return 'failed';
  const { status } = job;
  switch (condition) {
    case 'finished':
      return isEnded(status) ? 'met' : 'open';
    case 'succeeded':
      if (status === 'completed') return 'met';
      return isEnded(status) ? 'failed' : 'open';
    case 'started':
      if (isWaiting(status) || status === 'starting') return 'open';
      return status !== 'cancelled' && job.started ? 'met' : 'failed';
    case 'ready':
      if (isWaiting(status) || status === 'starting') return 'open';
      // What has ended well after it was ready has done what it was waited for.
      if (isEnded(status)) return status === 'completed' && job.ready === 'yes' ? 'met' : 'failed';
      if (job.ready === 'yes') return 'met';
      // One that is being ended for that may be tried again: its end tells.
      return job.ready === 'no' && status !== 'stopping' ? 'failed' : 'open';
  }
}

export interface Outcome {
  verdict: Verdict;
  /** What it waits for, or what has failed. */
  blocking: Blocking;
}

/** All of a job's dependencies together. With `ifDependencyFails: wait` what has failed may still come true. */
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
  if (status === null) return `${name} is no more`;
  if (condition !== 'ready') return `${name} is ${status}`;
  if (!isEnded(status)) return `${name} was not ready in time`;
  return status === 'completed' ? `${name} was completed without being ready` : `${name} is ${status}`;
}

interface Needed {
  dependents: Set<string>;
  /** As it was when it was last looked at; null: not yet, or it has changed since. */
  seen: { job: Observed | undefined } | null;
}

/** Who waits for whom: of all jobs that wait, held ones too. */
export class DependencyGraph {
  readonly #observe: (jobId: string) => Observed | undefined;
  readonly #jobs = new Map<string, JobRow>();
  /** As they were when it was added: a job's own may be changed meanwhile. */
  readonly #needs = new Map<string, readonly string[]>();
  readonly #needed = new Map<string, Needed>();

  constructor(observe: (jobId: string) => Observed | undefined) {
    this.#observe = observe;
  }

  add(job: JobRow): void {
    this.remove(job.id);
    if (job.spec.dependsOn.length === 0) return;
    this.#jobs.set(job.id, job);
    const needs = job.spec.dependsOn.map((dependency) => dependency.job);
    this.#needs.set(job.id, needs);
    for (const id of needs) {
      const needed = this.#needed.get(id) ?? { dependents: new Set(), seen: null };
      needed.dependents.add(job.id);
      this.#needed.set(id, needed);
    }
  }

  remove(jobId: string): void {
    const job = this.#jobs.get(jobId);
    if (!job) return;
    this.#jobs.delete(jobId);
    for (const id of this.#needs.get(jobId) ?? []) {
      const needed = this.#needed.get(id);
      needed?.dependents.delete(jobId);
      if (needed?.dependents.size === 0) this.#needed.delete(id);
    }
    this.#needs.delete(jobId);
  }

  /** The jobs that wait for this one. */
  dependentsOf(jobId: string): JobRow[] {
    return [...(this.#needed.get(jobId)?.dependents ?? [])].flatMap((id) => this.#jobs.get(id) ?? []);
  }

  /** Something about this job is different. @returns the jobs that wait for it */
  changed(jobId: string): JobRow[] {
    const needed = this.#needed.get(jobId);
    if (needed) needed.seen = null;
    return this.dependentsOf(jobId);
  }

  /** All of a job's dependencies together. Of those that it is known to wait for, only what has changed is looked at. */
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
 * @param needsOf the jobs that a job needs
 * @returns the way from `jobId` back to itself if it depended on `needed`, else undefined
 */
export function findCircle(
  jobId: string,
  needed: readonly string[],
  needsOf: (jobId: string) => readonly string[],
): string[] | undefined {
  const cameFrom = new Map(needed.map((id) => [id, jobId]));
  const left = [...needed];
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    if (id === jobId) return wayTo(jobId, cameFrom);
    for (const next of needsOf(id)) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, id);
      left.push(next);
    }
  }
  return undefined;
}

function wayTo(jobId: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const way = [jobId];
  for (let id = cameFrom.get(jobId); id !== undefined && id !== jobId; id = cameFrom.get(id)) way.unshift(id);
  return [jobId, ...way];
}
