import { join } from 'node:path';
import { type ApiClient, connect } from '../src/client/apiClient.ts';
import { stopHost } from '../src/client/hostControl.ts';
import type { StartRequest } from '../src/api/options.ts';
import { removeFolder, temporaryFolder } from '../scripts/editor/temporary.ts';
import type { Context } from './bench.ts';

/** A job host in its own process with its own store, as for users, and a client connected to it. */
export interface BenchHost {
  readonly home: string;
  readonly pid: number;
  readonly client: ApiClient;
}

/** Runs `use` with a host that has no limits on running jobs, then ends its jobs and the host and removes its store. */
export function withHost<T>(context: Context, use: (host: BenchHost) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    const host = await startHost(context, join(folder, 'home'));
    try {
      return await use(host);
    } finally {
      await endHost(host);
    }
  });
}

export async function startHost({ dist }: Context, home: string): Promise<BenchHost> {
  const client = await connect({ home, start: true, script: join(dist, 'host.js') });
  const { pid } = await client.updateHost({ maxConcurrentJobs: 0, maxConcurrentJobsPerSession: 0 });
  return { home, pid, client };
}

export async function endHost({ home, client }: BenchHost): Promise<void> {
  await client.killJobs({ all: true, signal: 'KILL' });
  client.dispose();
  await stopHost({ home });
}

export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = temporaryFolder('bgb');
  try {
    return await use(folder);
  } finally {
    removeFolder(folder);
  }
}

/** A request to start `sh -c script` with the environment of the caller, as the command line and the editor send it. */
export function shellJob(script: string, options: Partial<StartRequest> = {}): StartRequest {
  return { argv: ['sh', '-c', script], cwd: '/', inheritEnv: environment, ...options };
}

/** Without the variables that npm adds, which users do not have. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('npm_'),
  ),
);

export async function runToEnd(client: ApiClient, request: StartRequest): Promise<string> {
  const { job } = await client.startJob(request);
  await client.waitForJob(job.id, { for: 'exit' });
  return job.id;
}
