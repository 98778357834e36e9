import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as z from 'zod';
import { type ApiClient, clientOf } from '../../src/client/apiClient.ts';
import { Connection } from '../../src/client/connection.ts';
import { homeFiles } from '../../src/dataDir/dataDir.ts';
import { startJobHost, type JobHost, type JobHostOptions } from '../../src/host/startJobHost.ts';
import { openLog } from '../../src/dataDir/hostLog.ts';
import { errorBody } from '../../src/http/openApi.ts';
import { ask, open, type Asked, type Question } from './http.ts';

/** A job host with the real engine in this process, on a new store. */
export interface InProcessHost {
  readonly home: string;
  readonly host: JobHost;
  readonly client: ApiClient;
  /** Sends one request on a new connection. */
  ask(method: string, path: string, question?: Question): Promise<Asked>;
  /** The same for a request that must be refused. @returns its status and error */
  refused(
    method: string,
    path: string,
    question?: Question,
  ): Promise<{ status: number; code: string; message: string }>;
  /** Returns the answer as soon as its headers have arrived. */
  open(method: string, path: string, question?: Question): Promise<IncomingMessage>;
}

/** A new host for each test of the enclosing describe block. Afterwards its jobs are killed and it is closed. */
export function useInProcessHost(overrides: Partial<JobHostOptions> = {}): InProcessHost {
  let home = '';
  let host: JobHost | undefined;
  let client: ApiClient | undefined;
  const self: InProcessHost = {
    get home() {
      return home;
    },
    get host() {
      return present(host);
    },
    get client() {
      return present(client);
    },
    ask: (method, path, question) => ask(self.host.record, method, path, question),
    async refused(method, path, question) {
      const { status, body } = await self.ask(method, path, question);
      const { error }: z.infer<typeof errorBody> = errorBody.parse(JSON.parse(body));
      return { status, code: error.code, message: error.message };
    },
    open: (method, path, question) => open(self.host.record, method, path, question),
  };
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'bj-'));
    const log = openLog(homeFiles(home).log, 'debug');
    host = await startJobHost({ home, version: '1.0.0', settings: {}, idleExitMs: 0, log, ...overrides });
    client = clientOf(new Connection(() => Promise.resolve(self.host.record)));
  });
  afterEach(async () => {
    if (!host) return;
    await client?.killJobs({ all: true, signal: 'KILL' }).catch(() => undefined);
    client?.dispose();
    await host.close('the test is over');
    rmSync(home, { recursive: true, force: true });
    host = undefined;
  });
  return self;
}

function present<T>(value: T | undefined): T {
  assert.ok(value !== undefined, 'the host has been started');
  return value;
}
