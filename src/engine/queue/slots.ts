import type { Settings } from '../../api/host.ts';
import type { WaitingFor } from '../../api/job.ts';
import { isElsewhere } from '../../api/values.ts';
import type { JobRow, JobSpec, Task } from '../../store/jobTable.ts';

/** 0 means no limit. */
export type RunningLimits = Pick<Settings, 'maxConcurrentJobs' | 'maxConcurrentJobsPerSession' | 'sessionLimits'>;

/** What a running job takes: a slot of its session and of its array, and the mutex that it names. */
export type Occupant = Pick<JobRow, 'id' | 'session'> & {
  spec: Pick<JobSpec, 'mutex' | 'array' | 'runner'>;
  task?: Pick<Task, 'row' | 'maxRunning'> | null;
};

/** The slots that are taken: in total, by session, by array, by mutex. */
export class Slots {
  total = 0;
  readonly #sessions = new Map<string, number>();
  /** By row. */
  readonly #arrays = new Map<number, number>();
  readonly #mutexes = new Map<string, string>();

  inSession(session: string): number {
    return this.#sessions.get(session) ?? 0;
  }

  /** The id of the job that has the mutex. */
  holderOf(mutex: string | undefined): string | undefined {
    return mutex === undefined ? undefined : this.#mutexes.get(mutex);
  }

  /** The limit that a new job of the session would wait for; null if there is room. */
  limitFor(session: string, limits: RunningLimits): { scope: 'session' | 'host'; maximum: number } | null {
    const ofSession = sessionLimit(limits, session);
    if (!hasRoom(ofSession, this.inSession(session))) return { scope: 'session', maximum: ofSession };
    const { maxConcurrentJobs } = limits;
    return hasRoom(maxConcurrentJobs, this.total) ? null : { scope: 'host', maximum: maxConcurrentJobs };
  }

  /** The limit that an array, or a task of it, waits for; null if there is room or it has none. */
  arrayLimitFor({ row, spec, task }: Omit<Occupant, 'id' | 'session'> & Pick<JobRow, 'row'>): number | null {
    const array = task ?? { row, maxRunning: spec.array?.maxRunning ?? null };
    // Elsewhere it is kept there.
    if (array.maxRunning === null || isElsewhere(spec)) return null;
    return (this.#arrays.get(array.row) ?? 0) < array.maxRunning ? null : array.maxRunning;
  }

  take({ id, session, task, spec }: Occupant): void {
    const { mutex } = spec;
    if (!isElsewhere(spec)) {
      this.total++;
      this.#sessions.set(session, this.inSession(session) + 1);
    }
    if (task) this.#arrays.set(task.row, (this.#arrays.get(task.row) ?? 0) + 1);
    if (mutex !== undefined) this.#mutexes.set(mutex, id);
  }

  free({ id, session, task, spec }: Occupant): void {
    const { mutex } = spec;
    if (!isElsewhere(spec)) {
      this.total--;
      release(this.#sessions, session);
    }
    if (task) release(this.#arrays, task.row);
    if (mutex !== undefined && this.#mutexes.get(mutex) === id) this.#mutexes.delete(mutex);
  }
}

/** What a job waits for that needs nothing else: a slot, or the machine. */
export type NoRoom = Extract<WaitingFor, { type: 'limit' | 'resources' | 'quota' }>;

/** The limit of this machine that a job would wait for; null if there is room, or it takes nothing of this machine. */
export function limitOf(
  spec: Pick<JobSpec, 'session' | 'runner'>,
  slots: Slots,
  limits: RunningLimits,
  { overQuota, shortage }: { overQuota: (session?: string) => NoRoom | null; shortage: () => string | null },
): NoRoom | null {
  if (isElsewhere(spec)) return null;
  const limit = slots.limitFor(spec.session, limits);
  if (limit) return { type: 'limit', ...limit };
  const quota = overQuota(spec.session) ?? overQuota();
  if (quota) return quota;
  const text = shortage();
  return text === null ? null : { type: 'resources', text };
}

/** Whether a new job needs no others, its queue is not paused, and its mutex is free. */
export function mayStart(
  { held, dependsOn, session, mutex }: JobSpec,
  slots: Slots,
  { queuePaused, pausedSessions }: Settings,
): boolean {
  const isPaused = queuePaused || pausedSessions.includes(session);
  return !held && dependsOn.length === 0 && !isPaused && slots.holderOf(mutex) === undefined;
}

/** Why a job does not start whose time has come; null if it is about to. @param limit of the host or of its session */
export function waitReason(
  job: JobRow,
  { verdict, blocking }: { verdict: string; blocking: Extract<WaitingFor, { type: 'dependency' }>['jobs'] },
  limit: WaitingFor | null,
  { rules, slots }: { rules: Settings; slots: Slots },
): WaitingFor | null {
  if (verdict === 'open') return { type: 'dependency', jobs: blocking };
  if (rules.queuePaused) return { type: 'paused', scope: 'host' };
  if (rules.pausedSessions.includes(job.session)) return { type: 'paused', scope: 'session' };
  if (limit) return limit;
  const maximum = slots.arrayLimitFor(job);
  if (maximum !== null) return { type: 'limit', scope: 'array', maximum };
  const { mutex } = job.spec;
  const jobId = slots.holderOf(mutex);
  return mutex === undefined || jobId === undefined ? null : { type: 'mutex', mutex, jobId };
}

function release<Key>(counts: Map<Key, number>, key: Key): void {
  const left = (counts.get(key) ?? 0) - 1;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}

export function sessionLimit(limits: RunningLimits, session: string): number {
  return Object.hasOwn(limits.sessionLimits, session)
    ? (limits.sessionLimits[session] ?? 0)
    : limits.maxConcurrentJobsPerSession;
}

export function hasRoom(limit: number, running: number): boolean {
  return limit === 0 || running < limit;
}
