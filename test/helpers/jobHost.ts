import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiClient, connect, type ConnectOptions } from '../../src/client/apiClient.ts';
import { homeFiles, readHostRecord, type HostRecord } from '../../src/dataDir/dataDir.ts';
import { processesOf } from './cli.ts';
import { until } from './until.ts';

/** A new store whose hosts run in their own processes. */
export interface HostHome {
  readonly path: string;
  /** Options for `connect` and similar functions: this home, and an environment that identifies its hosts. */
  options(env?: NodeJS.ProcessEnv): Required<Pick<ConnectOptions, 'home' | 'env'>>;
  /** Connects a client, which is disposed after the test. */
  connect(options?: Partial<ConnectOptions>): Promise<ApiClient>;
  /** The current record of the host. */
  record(): HostRecord;
  /** Pids of hosts and jobs. */
  processes(): number[];
  /** Kills the host with SIGKILL. Resolves when it is dead. */
  killHost(): Promise<void>;
}

/**
 * A store for the tests of the enclosing describe block. After each test its jobs are killed, and no process may be
 * left.
 * @param folder returns the path of the home for a temporary folder
 * @param prepare called with that path before each test; what it returns is called after the test
 */
export function useHostHome(
  folder: (temporary: string) => string = (temporary) => temporary,
  prepare: (path: string) => () => void = () => () => undefined,
): HostHome {
  let temporary = '';
  let undo = (): void => undefined;
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
    undo = prepare(home.path);
  });
  afterEach(async () => {
    // Clients first, because a waiting client would start the next host.
    for (const client of clients) client.dispose();
    if (home.processes().length > 0) await endEverything(await home.connect());
    clients.at(-1)?.dispose();
    clients = [];
    await until('no process is left', () => (home.processes().length === 0 ? true : undefined));
    undo();
    rmSync(temporary, { recursive: true, force: true });
  });
  return home;
}

async function endEverything(client: ApiClient): Promise<void> {
  await client.killJobs({ all: true, signal: 'KILL' });
  await client.stopHost();
}
