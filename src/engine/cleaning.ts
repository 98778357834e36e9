import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CleanupResult } from '../protocol/control.ts';
import type { Settings } from '../protocol/host.ts';
import { endedStatuses, type EndedStatus } from '../protocol/states.ts';
import { jobFolder } from './runFolder.ts';
import type { JobRow } from './store/jobTable.ts';
import type { Store } from './store/store.ts';

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
    const finished = store.read(store.jobs.list(filter, Number.MAX_SAFE_INTEGER));
    const before = rule.olderThanMs === undefined ? Infinity : now() - rule.olderThanMs;
    const candidates = finished
      .filter((job) => !job.pinned)
      .slice(rule.keep ?? 0)
      .filter((job) => (job.finishedAt ?? 0) <= before);
    let cleaned = 0;
    for (const job of candidates) {
      if (await this.#parts.hasLeftovers(job)) continue;
      if (!dryRun) await this.remove(job);
      cleaned++;
    }
    const remaining = store.jobs.count({ statuses: endedStatuses }) - (dryRun ? cleaned : 0);
    return { cleaned, remaining };
  }

  /** What the settings say, and whatever belongs to no job any more. */
  async cleanBySettings(settings: Settings): Promise<void> {
    await this.clean({ olderThanMs: settings.keepFinishedMs }, false);
    await this.clean({ keep: settings.keepFinishedJobs }, false);
    await this.#boundLogs(settings.keepLogBytes);
    await this.#removeOrphans();
    this.#parts.store.events.forgetRemoved(this.#parts.now() - settings.keepFinishedMs);
  }

  /** The record first: a folder without a record is swept up later, a record without its logs would be a lie. */
  async remove(job: JobRow): Promise<void> {
    this.#parts.store.removeJob(job);
    await rm(jobFolder(this.#parts.home, job.id), { recursive: true, force: true });
  }

  /** Removes the oldest finished jobs until the logs of the others fit. */
  async #boundLogs(keepLogBytes: number): Promise<void> {
    const { store, home } = this.#parts;
    let bytes = 0;
    for (const job of store.read(store.jobs.list({ statuses: endedStatuses }, Number.MAX_SAFE_INTEGER))) {
      bytes += await allocatedBytes(jobFolder(home, job.id));
      if (bytes > keepLogBytes && !job.pinned && !(await this.#parts.hasLeftovers(job))) await this.remove(job);
    }
  }

  async #removeOrphans(): Promise<void> {
    const { store, home } = this.#parts;
    for (const name of await readdir(join(home, 'runs')).catch(() => [])) {
      if (!store.jobs.byId(name)) await rm(jobFolder(home, name), { recursive: true, force: true });
    }
  }
}

/** What the files below a folder take on the disk: less than their sizes where maxLogBytes made holes. */
async function allocatedBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (!entry.isFile()) continue;
    const found = await stat(join(entry.parentPath, entry.name)).catch(() => undefined);
    // Windows counts no blocks.
    if (found) bytes += found.blocks ? found.blocks * 512 : found.size;
  }
  return bytes;
}
