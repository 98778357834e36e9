import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CleanupResult } from '../../api/control.ts';
import type { Settings } from '../../api/host.ts';
import { type EndedStatus, endedStatuses } from '../../api/values.ts';
import { runFolder } from '../../store/runFolder.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { Store } from '../../store/store.ts';

/** So many runs of a job are kept. */
const keptRuns = 100;

/** What may be removed: all conditions that are given must hold. Pinned jobs are never removed. */
export interface CleaningRule {
  olderThanMs?: number | undefined;
  /** How many of the newest stay. */
  keep?: number | undefined;
  statuses?: readonly EndedStatus[] | undefined;
  session?: string | undefined;
}

export interface CleanerParts {
  store: Store;
  home: string;
  now: () => number;
  /** Whether processes of the job are alive although it has ended: then it stays. */
  hasLeftovers: (job: JobRow) => Promise<boolean>;
  /** Whether others wait for it: then it stays. */
  isNeeded: (job: JobRow) => boolean;
}

/** Removes finished jobs: record, logs and all. */
export class Cleaner {
  readonly #parts: CleanerParts;

  constructor(parts: CleanerParts) {
    this.#parts = parts;
  }

  async clean(rule: CleaningRule, dryRun: boolean): Promise<CleanupResult> {
    const { store, now } = this.#parts;
    const filter = {
      statuses: rule.statuses ?? endedStatuses,
      ...(rule.session !== undefined && { session: rule.session }),
    };
    const before = rule.olderThanMs === undefined ? Number.MAX_SAFE_INTEGER : now() - rule.olderThanMs;
    let cleaned = 0;
    for (const job of store.read(store.jobs.listRemovable(filter, rule.keep ?? 0, before))) {
      if (this.#parts.isNeeded(job) || (await this.#parts.hasLeftovers(job))) continue;
      if (dryRun || (await this.remove(job))) cleaned++;
    }
    const remaining = store.jobs.count({ statuses: endedStatuses }) - (dryRun ? cleaned : 0);
    return { cleaned, remaining };
  }

  /** What the settings say, and whatever belongs to no job any more. */
  async cleanBySettings(settings: Settings): Promise<void> {
    await this.clean({ olderThanMs: settings.keepFinishedMs }, false);
    await this.clean({ keep: settings.keepFinishedJobs }, false);
    await this.#boundRuns();
    await this.#boundLogs(settings.keepLogBytes);
    await this.#removeOrphans();
    this.#parts.store.events.forgetRemoved(this.#parts.now() - settings.keepFinishedMs);
  }

  /**
   * The record first: a folder without a record is swept up later, a record without its logs would be a lie.
   * @returns false when the job has changed since `job` was read: restarted or pinned, it stays
   */
  async remove(job: JobRow): Promise<boolean> {
    if (!this.#parts.store.removeJob(job)) return false;
    for (let number = 1; number <= (job.run ?? 0); number++)
      await removeFolder(runFolder(this.#parts.home, job.id, number));
    return true;
  }

  /** A job that is started again and again has runs without end: its newest stay, and all that decide what comes next. */
  async #boundRuns(): Promise<void> {
    const { store, home } = this.#parts;
    const rows = store.runs.jobsWithMoreThan(keptRuns).map((row) => store.jobs.byRow(row));
    for (const { id, row, pinned, spec } of store.read(rows)) {
      if (pinned) continue;
      const keep = Math.max(keptRuns, spec.retry?.maxAttempts ?? 0, (spec.restart?.maxRestarts ?? 0) + 1);
      const old = store.runs.ofJob(row).slice(0, -keep);
      const removable = old.filter(({ leftovers }) => leftovers.length === 0);
      store.removeRuns(removable);
      for (const { number } of removable) await removeFolder(runFolder(home, id, number));
    }
  }

  /** Removes the oldest finished jobs until the logs of the others fit. */
  async #boundLogs(keepLogBytes: number): Promise<void> {
    const { store, isNeeded, hasLeftovers } = this.#parts;
    let bytes = store.runs.logBytes();
    if (bytes <= keepLogBytes) return;
    const removable = store.jobs.listRemovable({ statuses: endedStatuses }, 0, Number.MAX_SAFE_INTEGER);
    for (const job of store.read(removable).reverse()) {
      if (bytes <= keepLogBytes) return;
      if (isNeeded(job) || (await hasLeftovers(job))) continue;
      const freed = store.runs.logBytes(job.row);
      if (await this.remove(job)) bytes -= freed;
    }
  }

  /** What a host that was killed has left of removed jobs. Logs whose record is damaged or lost are nobody's to remove. */
  async #removeOrphans(): Promise<void> {
    const { store, home } = this.#parts;
    const removed = store.events.removedJobs();
    if (removed.size === 0) return;
    for (const name of await readdir(join(home, 'runs')).catch(() => [])) {
      const [jobId = ''] = name.split('.');
      if (removed.has(jobId)) await removeFolder(join(home, 'runs', name));
    }
  }
}

function removeFolder(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true });
}
