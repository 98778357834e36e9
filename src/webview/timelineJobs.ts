import { barsOf, type Bar } from './timelineBars.ts';
import { counted, type Counted } from './timelineCounts.ts';
import type { Outcome, TimelineJob, ToTimeline } from './timelineMessages.ts';

export interface Filter {
  /** Empty: all. */
  readonly session: string;
  readonly outcome: Outcome | '';
}

/** The jobs that a timeline knows. What follows from them is computed again only when something has changed. */
export class TimelineJobs {
  readonly #jobs = new Map<string, TimelineJob>();
  #filter: Filter = { session: '', outcome: '' };
  #bars: readonly Bar[] | undefined;
  #counted: Counted | undefined;

  take({ isNew, jobs, removed }: Extract<ToTimeline, { type: 'jobs' }>): void {
    if (isNew) this.#jobs.clear();
    for (const job of jobs) this.#jobs.set(job.id, job);
    for (const id of removed) this.#jobs.delete(id);
    this.#forget();
  }

  get filter(): Filter {
    return this.#filter;
  }

  set filter(filter: Filter) {
    this.#filter = filter;
    this.#forget();
  }

  /** In alphabetical order. */
  sessions(): string[] {
    return [...new Set([...this.#jobs.values()].map(({ session }) => session))].sort((a, b) => a.localeCompare(b));
  }

  /** Those that pass the filter, in the order of their beginnings. */
  get bars(): readonly Bar[] {
    const { session, outcome } = this.#filter;
    return (this.#bars ??= [...this.#jobs.values()]
      .filter((job) => session === '' || job.session === session)
      .flatMap((job) => barsOf(job, (id) => this.#jobs.get(id)))
      .filter((bar) => outcome === '' || bar.outcome === outcome)
      .sort((one, other) => one.begin - other.begin));
  }

  get counted(): Counted {
    return (this.#counted ??= counted(this.bars));
  }

  /** Milliseconds since the epoch; Infinity without jobs. */
  get earliest(): number {
    return this.bars[0]?.begin ?? Infinity;
  }

  /** Whether anything changes by itself as time passes. */
  get goesOn(): boolean {
    return this.bars.some(({ end }) => end === Infinity);
  }

  #forget(): void {
    this.#bars = undefined;
    this.#counted = undefined;
  }
}
