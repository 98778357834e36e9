/**
 * `extension/model` holds what this window knows of the jobs. It decides and never acts, and does not import `vscode`.
 * Every room above `base` may import it; it imports `api` and `extension/base`.
 */

import type { JobEvent } from '../../api/events.ts';
import type { Metrics } from '../../api/host.ts';
import type { Job, JobList } from '../../api/job.ts';
import { isEnded, isWaiting } from '../../api/values.ts';
import { Emitter } from '../base/emitter.ts';
import { compareIn, groupKinds, groupOf, type GroupKind } from './groups.ts';

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
}

type LoadFinished = (session: string, cursor: string | null, limit: number) => Promise<JobList>;

interface Group {
  ids: Set<string>;
  /** In order; null when it has to be sorted again. */
  sorted: Job[] | null;
  /** Number of jobs that the tree shows. */
  wanted: number;
}

interface Session {
  groups: Record<GroupKind, Group>;
  /** Number of finished jobs that are only in the store. */
  unloaded: number;
  cursor: string | null;
  loading: Promise<void> | null;
}

/**
 * The jobs as this window knows them: one snapshot, then the host's events. Finished jobs come by pages, when somebody
 * looks at them, so that a store of 10,000 costs what a small one costs.
 */
export class JobModel {
  readonly #jobs = new Map<string, Job>();
  /** Of the arrays that somebody has opened. They are in no group. */
  readonly #tasks = new Map<string, Job>();
  readonly #tasksChanged = new Emitter<string>();
  readonly #sessions = new Map<string, Session>();
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

  reset(snapshot: Snapshot): void {
    this.#jobs.clear();
    this.#tasks.clear();
    this.#sessions.clear();
    for (const [name, counts] of Object.entries(snapshot.bySession)) {
      if (counts.total > 0) this.#session(name).unloaded = counts.finished;
    }
    for (const job of snapshot.jobs) this.#put(job);
    this.#fire({ all: true });
  }

  clear(): void {
    this.reset({ jobs: [], bySession: {} });
  }

  apply(event: JobEvent): void {
    if (event.job === null) {
      if (event.type === 'removed') this.#remove(event);
      return;
    }
    if (event.job.task) return this.#tasksChanged.fire(event.job.task.array);
    const before = this.#jobs.get(event.job.id);
    const job = before ? withProgressOf(before, event.job) : event.job;
    const group = groupOf(job.status);
    if (before === undefined) {
      if (event.type === 'status' && event.from !== null && isEnded(event.from)) this.#forgetUnloaded(job.session);
      // A finished job that is not loaded yet is already counted, and comes with its page.
      else if (group === 'finished' && event.type !== 'created' && event.type !== 'status') return;
    }
    const all = !this.hasJobs(job.session);
    this.#put(job);
    const inPlace =
      before !== undefined && groupOf(before.status) === group && compareIn(group, this.#places)(before, job) === 0;
    this.#fire({ all, sessions: inPlace ? [] : [job.session], jobs: [job.id] });
    if (event.type === 'status' && event.to !== null && isEnded(event.to)) this.#ended.fire({ job, event });
  }

  /** The host's queue: the order in which it starts what waits, and why each job waits, come with no event. */
  setQueue(queue: readonly Job[]): void {
    const orders = [...this.#sessions].map(([name, { groups }]) => ({
      name,
      group: groups.waiting,
      before: this.#inOrder('waiting', groups.waiting),
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
    for (const { group } of orders) group.sorted = null;
    const moved = orders.filter(({ group, before }) =>
      this.#inOrder('waiting', group).some(({ id }, index) => id !== before[index]?.id),
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

  setTasks(tasks: readonly Job[]): void {
    for (const task of tasks) this.#tasks.set(task.id, task);
  }

  job(id: string): Job | undefined {
    return this.#jobs.get(id) ?? this.#tasks.get(id);
  }

  /** The loaded jobs: all running and waiting ones, and pages of finished ones. */
  jobs(): Job[] {
    return [...this.#jobs.values()];
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
    return groupKinds.some((kind) => this.total(session, kind) > 0);
  }

  total(session: string, kind: GroupKind): number {
    const found = this.#sessions.get(session);
    if (!found) return 0;
    return found.groups[kind].ids.size + (kind === 'finished' ? found.unloaded : 0);
  }

  counts(): Record<'running' | 'waiting', number> {
    const counts = { running: 0, waiting: 0 };
    for (const { groups } of this.#sessions.values()) {
      counts.running += groups.running.ids.size;
      counts.waiting += groups.waiting.ids.size;
    }
    return counts;
  }

  /** The first jobs of a group, as many as are shown; `more` when others follow. */
  async page(session: string, kind: GroupKind): Promise<{ jobs: Job[]; more: boolean }> {
    const found = this.#sessions.get(session);
    if (!found) return { jobs: [], more: false };
    const group = found.groups[kind];
    if (kind === 'finished') await this.#fill(session, found);
    return { jobs: this.#inOrder(kind, group).slice(0, group.wanted), more: this.total(session, kind) > group.wanted };
  }

  /** The next {@link page} of this group is one page longer. */
  wantMore(session: string, kind: GroupKind): void {
    const found = this.#sessions.get(session);
    if (!found) return;
    found.groups[kind].wanted += this.#pageSize;
    this.#fire({ sessions: [session] });
  }

  /** Loads finished jobs until as many as are wanted are loaded, or all of them. */
  async #fill(name: string, session: Session): Promise<void> {
    const { ids, wanted } = session.groups.finished;
    while (session.unloaded > 0 && ids.size < wanted && this.#sessions.get(name) === session) {
      session.loading ??= this.#load(name, session).finally(() => (session.loading = null));
      await session.loading;
    }
  }

  async #load(name: string, session: Session): Promise<void> {
    const list = await this.#loadFinished(name, session.cursor, this.#pageSize);
    if (this.#sessions.get(name) !== session) return;
    for (const job of list.jobs) if (!this.#jobs.has(job.id)) this.#put(job);
    session.cursor = list.cursor;
    // The total of the store is exact; after the last page nothing is left.
    session.unloaded = list.cursor === null ? 0 : Math.max(0, list.total - session.groups.finished.ids.size);
  }

  #inOrder(kind: GroupKind, group: Group): Job[] {
    return (group.sorted ??= [...group.ids]
      .flatMap((id) => this.#jobs.get(id) ?? [])
      .sort(compareIn(kind, this.#places)));
  }

  #put(job: Job): void {
    const before = this.#jobs.get(job.id);
    if (before) this.#groupToSort(before).ids.delete(job.id);
    this.#jobs.set(job.id, job);
    this.#groupToSort(job).ids.add(job.id);
  }

  #remove({ jobId, session }: JobEvent): void {
    const job = this.#jobs.get(jobId);
    if (job) this.#groupToSort(job).ids.delete(jobId);
    else this.#forgetUnloaded(session);
    this.#jobs.delete(jobId);
    this.#fire({ all: !this.hasJobs(session), sessions: [session], jobs: [jobId] });
    this.#removed.fire(jobId);
  }

  /** The group that a job enters or leaves. */
  #groupToSort({ session, status }: Job): Group {
    const group = this.#session(session).groups[groupOf(status)];
    group.sorted = null;
    return group;
  }

  #fire({
    all = false,
    sessions = [],
    jobs = [],
  }: Partial<Record<'sessions' | 'jobs', Iterable<string>>> & { all?: boolean }): void {
    this.#changed.fire({ all, sessions: new Set(sessions), jobs: new Set(jobs) });
  }

  #forgetUnloaded(session: string): void {
    const found = this.#sessions.get(session);
    if (found) found.unloaded = Math.max(0, found.unloaded - 1);
  }

  #session(name: string): Session {
    const known = this.#sessions.get(name);
    if (known) return known;
    const group = (): Group => ({ ids: new Set(), sorted: null, wanted: this.#pageSize });
    const groups = { running: group(), waiting: group(), finished: group() };
    const session: Session = { groups, unloaded: 0, cursor: null, loading: null };
    this.#sessions.set(name, session);
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
