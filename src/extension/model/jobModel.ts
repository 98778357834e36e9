/**
 * `extension/model` holds what this window knows of the jobs. It decides and never acts, and does not import `vscode`.
 * Every room above `base` may import it; it imports `api` and `extension/base`.
 */

import type { JobEvent } from '../../api/events.ts';
import type { Metrics } from '../../api/host.ts';
import type { Job } from '../../api/job.ts';
import { isEnded, isFailure, isWaiting } from '../../api/values.ts';
import { Emitter } from '../base/emitter.ts';
import { compareIn, groupKinds, groupOf, type GroupKind } from './groups.ts';
import { SessionJobs, type LoadFinished } from './sessionJobs.ts';

/** What the tree has to draw again: everything, whole sessions, or jobs that stayed where they were. */
export interface ModelChange {
  all: boolean;
  sessions: ReadonlySet<string>;
  jobs: ReadonlySet<string>;
}

/** A job that has ended while this window was connected. */
export interface JobEnd {
  job: Job;
  event: JobEvent;
}

/** Everything that runs or waits, and how much is finished. */
export interface Snapshot {
  /** All that run or wait. */
  jobs: Job[];
  bySession: Metrics['bySession'];
  /** Those that have failed since this window was last looked at. */
  failures: Job[];
}

/**
 * The jobs as this window knows them: one snapshot, then the host's events. Finished jobs come by pages, when somebody
 * looks at them, so that a store of 10,000 costs what a small one costs.
 */
export class JobModel {
  readonly #jobs = new Map<string, Job>();
  /** Tasks of arrays that somebody has opened, and what was found. They are in no group. */
  readonly #others = new Map<string, Job>();
  /** The failures that nobody has looked at. */
  readonly #unseen = new Set<string>();
  readonly #tasksChanged = new Emitter<string>();
  readonly #sessions = new Map<string, SessionJobs>();
  readonly #changed = new Emitter<ModelChange>();
  readonly #ended = new Emitter<JobEnd>();
  readonly #removed = new Emitter<string>();
  readonly #loadFinished: LoadFinished;
  readonly #pageSize: number;
  #places: ReadonlyMap<string, number> = new Map();

  readonly onDidChange = this.#changed.event;
  /** With the id of the array. Its counts come with no event. */
  readonly onDidChangeTasks = this.#tasksChanged.event;
  readonly onDidEnd = this.#ended.event;
  /** With the job's id. */
  readonly onDidRemove = this.#removed.event;

  constructor(loadFinished: LoadFinished, pageSize = 100) {
    this.#loadFinished = loadFinished;
    this.#pageSize = pageSize;
  }

  reset({ jobs, bySession, failures }: Snapshot): void {
    for (const known of [this.#jobs, this.#others, this.#unseen, this.#sessions]) known.clear();
    for (const [name, counts] of Object.entries(bySession)) {
      if (counts.total > 0) this.#session(name).setUnloaded(counts);
    }
    for (const job of failures) {
      this.#unseen.add(job.id);
      this.#session(job.session).forgetUnloaded(true);
    }
    for (const job of [...jobs, ...failures]) this.#put(job);
    this.#fire({ all: true });
  }

  clear(): void {
    this.reset({ jobs: [], bySession: {}, failures: [] });
  }

  apply(event: JobEvent): void {
    if (event.job === null) {
      if (event.type === 'removed') this.#remove(event);
      return;
    }
    if (event.job.task) return this.#tasksChanged.fire(event.job.task.array);
    const before = this.#jobs.get(event.job.id);
    const job = before ? withProgressOf(before, event.job) : event.job;
    const kindBefore = before && this.kindOf(before);
    if (before === undefined) {
      if (event.type === 'status' && event.from !== null && isEnded(event.from))
        this.#session(job.session).forgetUnloaded(isFailure(event.from));
      // A finished job that is not loaded yet is already counted, and comes with its page.
      else if (isEnded(job.status) && event.type !== 'created' && event.type !== 'status') return;
    }
    const isNewSession = !this.hasJobs(job.session);
    if (!isFailure(job.status)) this.#unseen.delete(job.id);
    else if (event.type === 'status' && !isTriedAgain({ job, event })) this.#unseen.add(job.id);
    this.#put(job);
    const kind = this.kindOf(job);
    const left = before && before.session !== job.session ? [before.session] : [];
    const isMoved = before === undefined || left.length > 0 || kindBefore !== kind;
    const inPlace = !isMoved && compareIn(kind, this.#places)(before, job) === 0;
    const all = isNewSession || left.some((session) => !this.hasJobs(session));
    this.#fire({ all, sessions: inPlace ? [] : [job.session, ...left], jobs: [job.id] });
    if (event.type === 'status' && event.to !== null && isEnded(event.to)) this.#ended.fire({ job, event });
  }

  /** The host's queue: the order in which it starts what waits, and why each job waits, come with no event. */
  setQueue(queue: readonly Job[]): void {
    const orders = [...this.#sessions].map(([name, session]) => ({
      name,
      session,
      before: session.inOrder('waiting', this.#places),
    }));
    this.#places = new Map(queue.map(({ id }, place) => [id, place]));
    const jobs = new Set<string>();
    for (const job of queue) {
      const known = this.#jobs.get(job.id);
      // What has been heard of it meanwhile is newer.
      if (known?.status !== job.status || !isWaiting(job.status)) continue;
      if (JSON.stringify(known.waitingFor) === JSON.stringify(job.waitingFor)) continue;
      this.#put(job);
      jobs.add(job.id);
    }
    for (const { session } of orders) session.sortAgain();
    const moved = orders.filter(({ session, before }) =>
      session.inOrder('waiting', this.#places).some(({ id }, index) => id !== before[index]?.id),
    );
    if (moved.length > 0 || jobs.size > 0) this.#fire({ sessions: moved.map(({ name }) => name), jobs });
  }

  /** The progress of jobs comes with no event. To be shown with the next redraw. */
  setProgress(jobs: readonly Job[]): void {
    for (const job of jobs) {
      const known = this.#jobs.get(job.id);
      if (known) this.#put(withProgressOf(job, known));
    }
  }

  /** An array with its counts as they are now. */
  setArray(array: Job): void {
    if (this.#jobs.get(array.id)?.status !== array.status) return;
    this.#put(array);
    this.#fire({ jobs: [array.id] });
  }

  /** Jobs that are shown apart from the groups. */
  know(jobs: readonly Job[]): void {
    for (const job of jobs) this.#others.set(job.id, job);
  }

  job(id: string): Job | undefined {
    return this.#jobs.get(id) ?? this.#others.get(id);
  }

  /** The loaded jobs: all running and waiting ones, and pages of finished ones. */
  jobs(): Job[] {
    return [...this.#jobs.values()];
  }

  kindOf(job: Job): GroupKind {
    return this.#unseen.has(job.id) ? 'failed' : groupOf(job.status);
  }

  /** The failures that nobody has looked at. @param session of this session only */
  unseen(session?: string): Job[] {
    const jobs = [...this.#unseen].flatMap((id) => this.#jobs.get(id) ?? []);
    return session === undefined ? jobs : jobs.filter((job) => job.session === session);
  }

  /** Somebody has looked at these failures. */
  see(ids: readonly string[]): void {
    const jobs = ids.filter((id) => this.#unseen.delete(id)).flatMap((id) => this.#jobs.get(id) ?? []);
    for (const job of jobs) this.#put(job);
    if (jobs.length > 0) this.#fire({ sessions: jobs.map(({ session }) => session) });
  }

  /** Those that wait and name this job among what comes before them. */
  dependentsOf(id: string): Job[] {
    return this.jobs().filter(({ status, dependsOn }) => isWaiting(status) && dependsOn.some(({ job }) => job === id));
  }

  /** In alphabetical order. */
  sessions(): string[] {
    return [...this.#sessions.keys()].filter((name) => this.hasJobs(name)).sort();
  }

  hasJobs(session: string): boolean {
    return this.#sessions.get(session)?.isEmpty === false;
  }

  total(session: string, kind: GroupKind): number {
    return this.#sessions.get(session)?.total(kind) ?? 0;
  }

  /** Of all that have ended. */
  failures(session: string): number {
    return this.#sessions.get(session)?.failures ?? 0;
  }

  /** @param session of this session only */
  counts(session?: string): Record<GroupKind, number> {
    const counts = { failed: 0, running: 0, waiting: 0, finished: 0 };
    for (const [name, jobs] of this.#sessions) {
      if (session !== undefined && name !== session) continue;
      for (const kind of groupKinds) counts[kind] += jobs.total(kind);
    }
    return counts;
  }

  /** The first jobs of a group, as many as are shown, and how many others follow. */
  async page(session: string, kind: GroupKind): Promise<{ jobs: Job[]; more: number }> {
    const found = this.#sessions.get(session);
    if (!found) return { jobs: [], more: 0 };
    if (kind === 'finished') await this.#fill(session, found);
    return found.page(kind, this.#places);
  }

  /** How many jobs of a group are not shown. */
  left(session: string, kind: GroupKind): number {
    return this.#sessions.get(session)?.page(kind, this.#places).more ?? 0;
  }

  /** Whether its group shows it, as soon as that is expanded. */
  isShown(id: string): boolean {
    const job = this.#jobs.get(id);
    const page = job && this.#sessions.get(job.session)?.page(this.kindOf(job), this.#places);
    return page?.jobs.some((shown) => shown.id === id) ?? false;
  }

  /** The next {@link page} of this group is one page longer. */
  wantMore(session: string, kind: GroupKind): void {
    this.#sessions.get(session)?.wantMore(kind);
    this.#fire({ sessions: [session] });
  }

  #fill(name: string, session: SessionJobs): Promise<void> {
    return session.fill(
      (cursor, limit) => this.#loadFinished(name, cursor, limit),
      (job) => !this.#jobs.has(job.id) && this.#put(job),
      () => this.#sessions.get(name) === session,
    );
  }

  #put(job: Job): void {
    const before = this.#jobs.get(job.id);
    if (before) this.#session(before.session).drop(job.id);
    this.#jobs.set(job.id, job);
    this.#session(job.session).put(job, this.kindOf(job));
  }

  #remove({ jobId, session, from }: JobEvent): void {
    if (this.#jobs.delete(jobId)) this.#session(session).drop(jobId);
    else this.#session(session).forgetUnloaded(from !== null && isFailure(from));
    this.#others.delete(jobId);
    this.#unseen.delete(jobId);
    this.#fire({ all: !this.hasJobs(session), sessions: [session], jobs: [jobId] });
    this.#removed.fire(jobId);
  }

  #fire({
    all = false,
    sessions = [],
    jobs = [],
  }: Partial<Record<'sessions' | 'jobs', Iterable<string>>> & { all?: boolean }): void {
    this.#changed.fire({ all, sessions: new Set(sessions), jobs: new Set(jobs) });
  }

  #session(name: string): SessionJobs {
    let session = this.#sessions.get(name);
    if (!session) this.#sessions.set(name, (session = new SessionJobs(this.#pageSize)));
    return session;
  }
}

/** Of the same run, while it runs. */
function withProgressOf({ run, progress, expectedEnd }: Job, job: Job): Job {
  return job.status === 'running' && job.run === run ? { ...job, progress, expectedEnd } : job;
}

/** Whether the job continues after this run: another attempt follows or has started. */
export function isTriedAgain({ job, event }: JobEnd): boolean {
  const { retry, restart } = job.options;
  if (!retry && !restart) return false;
  return isWaiting(job.status) || (job.run ?? 0) > (event.run ?? 0);
}
