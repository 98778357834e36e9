import type { JobService } from '../../api/endpoints.ts';
import type { Job, ListQuery } from '../../api/job.ts';
import { Emitter } from '../base/emitter.ts';
import type { ServiceSource } from '../base/jobStart.ts';
import { parseFilter } from '../model/filter.ts';
import { stateLists, tagLists, untagged, type Grouping } from '../model/grouping.ts';
import type { JobModel } from '../model/jobModel.ts';

const pageSize = 100;
/** The most that the host gives in one page. */
const most = 1000;
const soonMs = 500;
/** The host spends at most a tenth of its time on one window's filter. */
const restFactor = 10;

/** How many of the newest jobs are looked at for tags, besides all that this window knows. */
const lookedAtForTags = 200;

/** A list of jobs of all sessions, by the filter that they have in common. */
export interface FoundList {
  query: string;
  /** How many there are; undefined where they are not counted. */
  total: number | undefined;
}

/**
 * The jobs that the filter of the view lets through, and those of the lists by state or tag: the host is asked for them, again
 * when something has changed.
 */
export class FoundJobs {
  readonly #connection: Pick<ServiceSource, 'service'>;
  readonly #model: JobModel;
  readonly #session: () => string;
  readonly #changed = new Emitter<undefined>();
  readonly #counted = new Emitter<number>();
  readonly #subscription;
  #query = '';
  #grouping: Grouping = 'session';
  /** How many jobs are shown, by filter. */
  readonly #wanted = new Map<string, number>();
  #shown = new Set<string>();
  #total = 0;
  #timer: NodeJS.Timeout | null = null;
  #delayMs = soonMs;

  /** Another filter, or perhaps other jobs. */
  readonly onDidChange = this.#changed.event;
  /** With the number of jobs that were found. */
  readonly onDidCount = this.#counted.event;

  constructor(connection: Pick<ServiceSource, 'service'>, model: JobModel, session: () => string) {
    this.#connection = connection;
    this.#model = model;
    this.#session = session;
    this.#subscription = model.onDidChange(() => {
      if (this.#query === '' && this.#grouping === 'session') return;
      this.#timer ??= setTimeout(() => {
        this.#timer = null;
        this.#changed.fire(undefined);
      }, this.#delayMs);
    });
  }

  /** As it was typed; empty without a filter. */
  get query(): string {
    return this.#query;
  }

  set query(query: string) {
    this.#query = query.trim();
    this.#startAgain();
  }

  /** How jobs are shown that no filter limits. */
  get grouping(): Grouping {
    return this.#grouping;
  }

  set grouping(grouping: Grouping) {
    if (grouping === this.#grouping) return;
    this.#grouping = grouping;
    this.#startAgain();
  }

  /** A filter that lets this job through. */
  showWith(query: string, id: string): void {
    this.query = query;
    this.#shown.add(id);
  }

  get filter(): string | undefined {
    return parseFilter(this.#query, this.#session());
  }

  /** Number of jobs that were found. */
  get total(): number {
    return this.#total;
  }

  has(id: string): boolean {
    return this.#shown.has(id);
  }

  /** The lists of the grouping that have jobs; undefined where jobs are shown by session. */
  async lists(): Promise<FoundList[] | undefined> {
    const { service } = this.#connection;
    if (this.#grouping === 'session') return undefined;
    if (!service) return [];
    this.#shown = new Set();
    const began = performance.now();
    const queries = this.#grouping === 'state' ? [...stateLists] : await this.#tagQueries(service);
    const lists = await Promise.all(queries.map(async (query) => ({ query, total: await this.#count(query) })));
    this.#delayMs = Math.max(soonMs, restFactor * (performance.now() - began));
    return lists.filter(({ total }) => total !== 0);
  }

  /**
   * What runs and waits, newest first, then what has ended, by its end. `more`: how many others there are.
   * @param query of a list; that of the view otherwise
   */
  async page(query = this.#query): Promise<{ jobs: Job[]; more: number }> {
    const { service } = this.#connection;
    const filter = query === untagged ? '' : parseFilter(query, this.#session());
    if (!service || filter === undefined) return { jobs: [], more: 0 };
    const isOfView = query === this.#query;
    const wanted = this.#wanted.get(query) ?? pageSize;
    const began = performance.now();
    const jobs: Job[] = [];
    let total = 0;
    for (const one of queriesOf(filter)) {
      const limit = wanted - jobs.length;
      const list = await service.listJobs({ ...one, limit: Math.max(1, limit) });
      if (limit > 0) jobs.push(...list.jobs);
      total += list.total;
    }
    this.#model.know(jobs);
    const more = wanted >= most ? 0 : total - jobs.length;
    const shown = query === untagged ? jobs.filter(({ tags }) => Object.keys(tags).length === 0) : jobs;
    if (isOfView) {
      this.#delayMs = Math.max(soonMs, restFactor * (performance.now() - began));
      this.#shown = new Set();
      this.#total = total;
    }
    for (const { id } of shown) this.#shown.add(id);
    if (isOfView) this.#counted.fire(total);
    return { jobs: shown, more };
  }

  /** The next {@link page} is longer. */
  wantMore(query = this.#query): void {
    this.#wanted.set(query, Math.min((this.#wanted.get(query) ?? pageSize) + pageSize, most));
    this.#changed.fire(undefined);
  }

  dispose(): void {
    this.#subscription.dispose();
    if (this.#timer) clearTimeout(this.#timer);
  }

  #startAgain(): void {
    this.#wanted.clear();
    this.#shown = new Set();
    this.#changed.fire(undefined);
  }

  async #tagQueries(service: JobService): Promise<string[]> {
    const { jobs } = await service.listJobs({ limit: lookedAtForTags });
    return [...tagLists([...this.#model.jobs(), ...jobs]), untagged];
  }

  async #count(query: string): Promise<number | undefined> {
    const filter = query === untagged ? undefined : parseFilter(query, this.#session());
    if (filter === undefined) return undefined;
    let total = 0;
    for (const one of queriesOf(filter))
      total += (await this.#connection.service?.listJobs({ ...one, limit: 1 }))?.total ?? 0;
    return total;
  }
}

/** What the host is asked for, in the order in which it is shown: what runs and waits, then what has ended. */
function queriesOf(q: string): ListQuery[] {
  const filter = q === '' ? {} : { q };
  return [
    { ...filter, status: 'running,waiting' },
    { ...filter, order: 'ended' },
  ];
}
