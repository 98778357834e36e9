import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Job } from '../../src/api/job.ts';
import type { StartRequest } from '../../src/api/options.ts';
import { connect, type ApiClient } from '../../src/client/apiClient.ts';
import { stateOf } from '../helpers/engine/processes.ts';
import { TemporaryFolder } from '../helpers/engine/temporaryFolder.ts';
import type { TreeView } from '../helpers/engine/treeShapes.ts';
import { bundledCli } from '../helpers/bundle.ts';
import { until } from '../helpers/until.ts';
import { sleepersOf, tagged } from './census.ts';

/** A job host in a process of its own, as users have it, on a machine that is busy with other things too. */
export class TortureHost implements AsyncDisposable {
  readonly #folder: TemporaryFolder;
  readonly client: ApiClient;
  readonly #load: ChildProcess;

  static async start(): Promise<TortureHost> {
    const folder = new TemporaryFolder();
    const script = join(dirname(await bundledCli()), 'host.js');
    const env = { ...process.env, BGJOBS_HOME: folder.path };
    const client = await connect({ home: folder.path, env, start: true, script });
    await client.updateHost({ maxConcurrentJobs: 0, maxConcurrentJobsPerSession: 0 });
    return new TortureHost(folder, client);
  }

  private constructor(folder: TemporaryFolder, client: ApiClient) {
    this.#folder = folder;
    this.client = client;
    // One core is busy, and processes come and go all the time.
    this.#load = spawn('sh', ['-c', 'while :; do /bin/true; i=0; while [ $i -lt 2000 ]; do i=$((i+1)); done; done']);
  }

  get home(): string {
    return this.#folder.path;
  }

  async start(request: Omit<StartRequest, 'cwd'>): Promise<Job> {
    return (await this.client.startJob({ cwd: this.home, graceMs: 500, ...request })).job;
  }

  /** What is seen of a job's tree without asking the product. */
  view(job: Pick<Job, 'id'>, tag: string): TreeView {
    const folder = join(this.home, 'runs', `${job.id}.1`);
    return {
      alive: () => tagged(tag),
      sleepers: () => sleepersOf(tag),
      get stdout() {
        return readFileSync(join(folder, 'stdout.log'), 'utf8');
      },
      get exit() {
        const code = /^code (\d+)$/m.exec(readFileSync(join(folder, 'exit'), 'utf8'))?.[1];
        return code === undefined ? undefined : Number(code);
      },
    };
  }

  /** Ends the host with SIGKILL. The next request starts another one. */
  async killHost(): Promise<void> {
    const { pid } = await this.client.getHost();
    process.kill(pid, 'SIGKILL');
    await isGone(pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#load.kill('SIGKILL');
    await this.client.killJobs({ all: true, signal: 'KILL' });
    const { pid } = await this.client.getHost();
    await this.client.stopHost();
    this.client.dispose();
    await isGone(pid);
    this.#folder[Symbol.dispose]();
  }
}

async function isGone(pid: number): Promise<void> {
  await until('the job host is dead', () => (stateOf(pid) === undefined ? true : undefined));
}
