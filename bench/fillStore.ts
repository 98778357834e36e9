import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../src/store/openDatabase.ts';
import { SettingsStore } from '../src/store/settingsStore.ts';
import type { ProcessIdentity } from '../src/processes/processSource.ts';
import { logPaths, runFolder, type RunRow } from '../src/store/runTable.ts';
import type { JobRow } from '../src/store/jobTable.ts';
import { Store } from '../src/store/store.ts';
import { startRequest, type StartRequest } from '../src/api/options.ts';
import { endAs } from '../test/helpers/engine/storeFixture.ts';

const text = 'done\n';
const nobody: ProcessIdentity = { pid: 1, startTime: '0', bootId: '' };

/** Opens a store that no host has open, with cleanup by number switched off. */
export async function withStore<T>(home: string, use: (store: Store) => T | Promise<T>): Promise<T> {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const fail = (message: string): never => {
    throw new Error(message);
  };
  const database = openDatabase(join(home, 'jobs.db'), Date.now, fail);
  try {
    new SettingsStore(database, {}).update({ keepFinishedJobs: 1_000_000, keepLogBytes: 2 ** 40 });
    // All in memory and in one transaction, because there may be many jobs.
    database.exec('PRAGMA cache_size = -1000000; BEGIN');
    const result = await use(new Store(database, Date.now, fail));
    database.exec('COMMIT');
    return result;
  } finally {
    database.close();
  }
}

/**
 * Adds jobs that have written one line and ended, recorded as the engine does.
 * @param withLogs how many of them, the newest, have their folders and logs: nobody looks at those of the others
 */
export function addFinishedJobs(home: string, store: Store, count: number, withLogs: number): void {
  for (let number = 0; number < count; number++) {
    const request = { argv: ['sh', '-c', 'echo done'], cwd: '/', name: `job ${number}` };
    addFinishedJob(store, request, (job, run) => {
      const seen = { seq: text.length, time: Date.now(), stream: 'stdout', offset: 0, length: text.length } as const;
      store.chunks.append(run.row, [seen]);
      if (number < count - withLogs) return text.length;
      mkdirSync(runFolder(home, job.id, run.number), { recursive: true, mode: 0o700 });
      const logs = logPaths(runFolder(home, job.id, run.number), job.spec.capture);
      writeFileSync(logs.stdout, text, { mode: 0o600 });
      writeFileSync(logs.stderr ?? logs.stdout, '', { mode: 0o600 });
      return text.length;
    });
  }
}

/**
 * Records one run from its beginning to its end, without a process.
 * @param write creates the folder, the logs and their index. @returns the length of the stdout log in bytes
 */
export function addFinishedJob(
  store: Store,
  request: StartRequest,
  write: (job: JobRow, run: RunRow) => number,
): JobRow {
  const job = store.createJob(randomUUID(), startRequest.parse(request));
  const run = store.beginRun(job);
  store.runStarted(job, run, nobody);
  const stdoutBytes = write(job, run);
  store.endRun(job, run, { ...endAs('completed'), stdoutBytes, stderrBytes: 0 });
  return job;
}
