import type { Job, JobList } from '../../api/job.ts';
import { isFailure } from '../../api/values.ts';
import { compareIn, groupKinds, type GroupKind } from './groups.ts';

export type LoadFinished = (session: string, cursor: string | null, limit: number) => Promise<JobList>;

/** How much a group shows at first: a long queue must not push what has finished out of sight. */
const waitingShown = 20;

interface Group {
  jobs: Map<string, Job>;
  /** In order; null when it has to be sorted again. */
  sorted: Job[] | null;
  /** Number of jobs that the tree shows. */
  wanted: number;
}

/** The jobs of one session, in groups. Finished ones are loaded when they are shown. */
export class SessionJobs {
  readonly #groups: Record<GroupKind, Group>;
  readonly #pageSize: number;
  /** How many jobs have finished, and how many of them have failed, that are only in the store. */
  #unloaded = { finished: 0, failed: 0 };
  #cursor: string | null = null;
  #loading: Promise<void> | null = null;

  constructor(pageSize: number) {
    this.#pageSize = pageSize;
    const group = (wanted: number): Group => ({ jobs: new Map(), sorted: null, wanted });
    const waiting = group(Math.min(pageSize, waitingShown));
    this.#groups = { failed: group(pageSize), running: group(pageSize), waiting, finished: group(pageSize) };
  }

  /** What the store has of it, before anything is added. */
  setUnloaded(counts: { finished: number; failed: number }): void {
    this.#unloaded = { ...counts };
  }

  /** A job that has finished is only in the store no more, or has been added. */
  forgetUnloaded(hasFailed: boolean): void {
    const { finished, failed } = this.#unloaded;
    this.#unloaded = { finished: Math.max(0, finished - 1), failed: Math.max(0, failed - Number(hasFailed)) };
  }

  put(job: Job, kind: GroupKind): void {
    const group = this.#groups[kind];
    group.sorted = null;
    group.jobs.set(job.id, job);
  }

  drop(id: string): void {
    for (const group of Object.values(this.#groups)) if (group.jobs.delete(id)) group.sorted = null;
  }

  get isEmpty(): boolean {
    return groupKinds.every((kind) => this.total(kind) === 0);
  }

  total(kind: GroupKind): number {
    return this.#groups[kind].jobs.size + (kind === 'finished' ? this.#unloaded.finished : 0);
  }

  /** Of all that have ended. */
  get failures(): number {
    const loaded = [...this.#groups.failed.jobs.values(), ...this.#groups.finished.jobs.values()];
    return loaded.filter(({ status }) => isFailure(status)).length + this.#unloaded.failed;
  }

  /** The places of what waits have changed. */
  sortAgain(): void {
    this.#groups.waiting.sorted = null;
  }

  inOrder(kind: GroupKind, places: ReadonlyMap<string, number>): Job[] {
    const group = this.#groups[kind];
    return (group.sorted ??= [...group.jobs.values()].sort(compareIn(kind, places)));
  }

  /** The first jobs of a group, as many as are shown, and how many others follow. */
  page(kind: GroupKind, places: ReadonlyMap<string, number>): { jobs: Job[]; more: number } {
    const jobs = this.inOrder(kind, places).slice(0, this.#groups[kind].wanted);
    return { jobs, more: this.total(kind) - jobs.length };
  }

  wantMore(kind: GroupKind): void {
    this.#groups[kind].wanted += this.#pageSize;
  }

  /**
   * Loads finished jobs until as many as are wanted are loaded, or all of them.
   * @param load the next page; its jobs are to be put by `add`
   * @param isCurrent false when this session is another one by now
   */
  async fill(
    load: (cursor: string | null, limit: number) => Promise<JobList>,
    add: (job: Job) => void,
    isCurrent: () => boolean,
  ): Promise<void> {
    const { jobs, wanted } = this.#groups.finished;
    while (this.#unloaded.finished > 0 && jobs.size < wanted && isCurrent()) {
      this.#loading ??= this.#load(load, add, isCurrent).finally(() => (this.#loading = null));
      await this.#loading;
    }
  }

  async #load(...[load, add, isCurrent]: Parameters<SessionJobs['fill']>): Promise<void> {
    const list = await load(this.#cursor, this.#pageSize);
    if (!isCurrent()) return;
    const before = this.failures;
    for (const job of list.jobs) add(job);
    this.#cursor = list.cursor;
    const { finished, failed } = this.#groups;
    // The total of the store is exact; after the last page nothing is left.
    const left = list.cursor === null ? 0 : Math.max(0, list.total - finished.jobs.size - failed.jobs.size);
    this.#unloaded = {
      finished: left,
      failed: Math.min(left, Math.max(0, this.#unloaded.failed - (this.failures - before))),
    };
  }
}
