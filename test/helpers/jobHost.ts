import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiClient, connect, type ConnectOptions } from '../../src/client/apiClient.ts';
import { homeFiles } from '../../src/dataDir/dataDir.ts';
import { readHostRecord, type HostRecord } from '../../src/dataDir/hostRecord.ts';
import { processesOf } from './cli.ts';
import { until } from './until.ts';

/** A fresh store, whose hosts are processes of their own. */
export interface HostHome {
  readonly path: string;
  /** For `connect` and its like: this home, and an environment in which every host can be recognised. */
  options(env?: NodeJS.ProcessEnv): Required<Pick<ConnectOptions, 'home' | 'env'>>;
  /** Disposed afterwards. */
  connect(options?: Partial<ConnectOptions>): Promise<ApiClient>;
  /** What the host wrote last. */
  record(): HostRecord;
  /** Pids of hosts and jobs. */
  processes(): number[];
  /** With SIGKILL; settles when it is dead. */
  killHost(): Promise<void>;
}

/**
 * For the tests of the describe block around it. After each its jobs are killed, and no process may be left.
 * @param folder makes the home's path of a temporary folder
 */
export function useHostHome(folder: (temporary: string) => string = (temporary) => temporary): HostHome {
  let temporary = '';
  let clients: ApiClient[] = [];
  const home: HostHome = {
    get path() {
      return folder(temporary);
    },
    options: (env = {}) => ({ home: home.path, env: { ...process.env, BGJOBS_HOME: home.path, ...env } }),
    async connect(options) {
      const client = await connect({ ...home.options(), start: true, ...options });
      clients.push(client);
      return client;
    },
    record() {
      const record = readHostRecord(homeFiles(home.path).record);
      assert.ok(record, 'there is a host.json');
      return record;
    },
    processes: () => processesOf(temporary),
    async killHost() {
      const { pid } = home.record();
      process.kill(pid, 'SIGKILL');
      await until('the killed host is dead', () => (home.processes().includes(pid) ? undefined : true));
    },
  };
  beforeEach(() => {
    temporary = mkdtempSync(join(tmpdir(), 'bj-'));
  });
  afterEach(async () => {
    // First, because a client that still waits for something would start the next host.
    for (const client of clients) client.dispose();
    if (home.processes().length > 0) await endEverything(await home.connect());
    clients.at(-1)?.dispose();
    clients = [];
    await until('no process is left', () => (home.processes().length === 0 ? true : undefined));
    rmSync(temporary, { recursive: true, force: true });
  });
  return home;
}

async function endEverything(client: ApiClient): Promise<void> {
  await client.killJobs({ all: true, signal: 'KILL' });
  await client.stopHost();
}
