import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openDatabase } from '../../../src/store/openDatabase.ts';
import type { EventRow } from '../../../src/store/eventTable.ts';
import type { JobRow } from '../../../src/store/jobTable.ts';
import type { RunEnd, StopRecord } from '../../../src/store/runTable.ts';
import { Store } from '../../../src/store/store.ts';
import { startRequest, type StartRequest } from '../../../src/api/options.ts';
import type { RunStatus } from '../../../src/api/values.ts';
import { TemporaryFolder } from './temporaryFolder.ts';

/** A store in a new file. */
export class StoreFixture extends TemporaryFolder {
  readonly warnings: string[] = [];
  readonly database: DatabaseSync;
  readonly store: Store;

  constructor() {
    super();
    const warn = (message: string): void => void this.warnings.push(message);
    this.database = openDatabase(join(this.path, 'jobs.db'), Date.now, warn);
    this.store = new Store(this.database, Date.now, warn);
  }

  create(request: Partial<StartRequest> = {}): JobRow {
    return this.store.createJob(randomUUID(), startRequest.parse({ argv: ['true'], cwd: '/', ...request }));
  }

  /** The row as it is currently stored. */
  stored(job: JobRow): JobRow | undefined {
    return this.store.read([this.store.jobs.byId(job.id)])[0];
  }

  events(): EventRow[] {
    return this.store.events.after(0, 1e6);
  }

  override [Symbol.dispose](): void {
    this.database.close();
    super[Symbol.dispose]();
  }
}

export const supervisor = { pid: 4711, startTime: '1', bootId: 'boot' };

export function stopRecord(): StopRecord {
  return { signal: 'SIGTERM', graceMs: 1, reason: 'user', reasonText: 'enough', requestedAt: 1, next: null };
}

export function endAs(status: RunStatus): RunEnd {
  return {
    status,
    exitCode: 0,
    signal: null,
    reason: 'exit',
    reasonText: null,
    errorCode: null,
    errorMessage: null,
    finishedAt: Date.now(),
    stdoutBytes: 1,
    stderrBytes: 2,
  };
}
