import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../../src/api/job.ts';
import type { StartRequest } from '../../src/api/options.ts';
import { createClient, type ApiClient } from '../../src/client/apiClient.ts';
import { homeFiles, readHostRecord } from '../../src/dataDir/dataDir.ts';
import { bundledCli } from './bundle.ts';
import { commandLineOf, endProcesses, parentOf, processesWith, signalIfThere } from './engine/processes.ts';
import { TemporaryFolder } from './engine/temporaryFolder.ts';
import { randomNumbers, type RandomNumbers } from './random.ts';
import { until } from './until.ts';

/** What a history was made of. */
export interface Counts {
  jobs: number;
  runs: number;
  hostsKilled: number;
  supervisorsKilled: number;
  clientsKilled: number;
  /** Runs whose supervisor was killed before it recorded their end. */
  lost: number;
}

export const lines = 40;

/** Tells beside the product that a run has begun, and how it is about to end. Its argument is the exit code. */
const working = `echo "$BGJOBS_RUN_ID" >>"$TEST_HOME/began"
i=0; while [ $i -lt ${lines} ]; do echo "line $i"; i=$((i+1)); [ $((i % 10)) = 0 ] && sleep 0.03; done
echo "$BGJOBS_RUN_ID $0" >>"$TEST_HOME/ended"; exit $0`;
const stubborn = 'trap "" TERM; echo "$BGJOBS_RUN_ID" >>"$TEST_HOME/began"; while :; do sleep 0.1; done';
const leaving = `setsid sleep 1000 & ${working}`;

/** One store, on which verbs are called while the job host, supervisors and clients are killed with SIGKILL. */
export class CrashHistory implements AsyncDisposable {
  readonly #folder = new TemporaryFolder();
  readonly #random: RandomNumbers;
  readonly #cli: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly client: ApiClient;
  /** Ids of jobs whose start was answered. */
  readonly acknowledged = new Set<string>();
  /** Ids of runs whose supervisor was killed. */
  readonly orphaned = new Set<string>();
  /** Ids of jobs whose removal was asked for; `cleanUp` asks for that of all. */
  readonly mayBeGone = new Set<string>();
  readonly counts: Counts = { jobs: 0, runs: 0, hostsKilled: 0, supervisorsKilled: 0, clientsKilled: 0, lost: 0 };
  readonly #underWay = new Set<Promise<unknown>>();

  static async open(seed: number): Promise<CrashHistory> {
    return new CrashHistory(seed, await bundledCli());
  }

  private constructor(seed: number, cli: string) {
    this.#random = randomNumbers(seed);
    this.#cli = cli;
    const home = this.#folder.path;
    this.#env = { ...process.env, BGJOBS_HOME: home, TEST_HOME: home };
    this.client = createClient({ home, env: this.#env, start: true, script: join(dirname(cli), 'host.js') });
  }

  get home(): string {
    return this.#folder.path;
  }

  /** The lines of a file that the jobs write. */
  noted(name: 'began' | 'ended'): string[] {
    const path = join(this.home, name);
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
  }

  /** Calls verbs and kills processes at random, without waiting for answers; then lets everything come to an end. */
  async play(steps: number): Promise<void> {
    await this.client.updateHost({ maxConcurrentJobs: 4, maxConcurrentJobsPerSession: 3 });
    const acts = [
      ...Array<() => unknown>(6).fill(() => this.#startJob()),
      ...Array<() => unknown>(3).fill(() => this.#killHost()),
      () => this.#killSupervisor(),
      () => this.#killClient(),
      () => this.#killClient(),
      ...Array<() => unknown>(3).fill(() => this.#callVerb()),
      () => this.#callVerb(),
      () => this.#callVerb(),
    ];
    for (let step = 0; step < steps; step++) {
      this.#go(Promise.resolve(acts[this.#random(acts.length)]!()));
      await sleep(this.#random(120));
    }
    await Promise.all(this.#underWay);
    await this.#settle();
  }

  /** Every job, tasks in place of their array. */
  async everyJob(): Promise<Job[]> {
    const { jobs } = await this.client.listJobs({ limit: 1000 });
    const tasks = jobs.map(async (job) =>
      job.array ? (await this.client.listJobs({ array: job.id, limit: 1000 })).jobs : [job],
    );
    return (await Promise.all(tasks)).flat();
  }

  /** Its processes, without the job host. */
  processes(): { runId: string; command: string }[] {
    const host = readHostRecord(homeFiles(this.home).record)?.pid;
    return processesWith(`TEST_HOME=${this.home}`)
      .filter((pid) => pid !== host)
      .map((pid) => ({ runId: runIdOf(pid), command: commandLineOf(pid) }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.dispose();
    await endProcesses(`TEST_HOME=${this.home}`);
    this.#folder[Symbol.dispose]();
  }

  /** A call that a crash may cut off. */
  #go(work: Promise<unknown>): void {
    const settled = work.catch(() => undefined).finally(() => this.#underWay.delete(settled));
    this.#underWay.add(settled);
  }

  async #startJob(): Promise<void> {
    const { job } = await this.client.startJob(this.#request());
    this.acknowledged.add(job.id);
  }

  #request(): StartRequest {
    const code = this.#random(3) === 0 ? this.#random(120) : 0;
    const session = `s${this.#random(2)}`;
    const work = (script: string) => ['sh', '-c', script, String(code)];
    const kinds: Omit<StartRequest, 'cwd'>[] = [
      { argv: work(working) },
      { argv: work(working), priority: 1 + this.#random(10) },
      { argv: work(working), retry: { maxAttempts: 2, delayMs: 20 } },
      { argv: work(working), readyWhen: { pattern: '/line 5$/' } },
      { argv: work(working), array: { tasks: '1-4%2' } },
      { argv: work(leaving), leftovers: 'kill' },
      { argv: ['sh', '-c', stubborn], timeoutMs: 400, graceMs: 100 },
      { argv: ['sh', '-c', stubborn], graceMs: 100 },
    ];
    return { cwd: this.home, env: { TEST_HOME: this.home }, session, ...kinds[this.#random(kinds.length)]! };
  }

  async #killHost(): Promise<void> {
    const pid = readHostRecord(homeFiles(this.home).record)?.pid;
    if (pid === undefined || !processesWith(`BGJOBS_HOME=${this.home}`).includes(pid)) return;
    signalIfThere(pid, 'SIGKILL');
    this.counts.hostsKilled++;
    await this.client.getHost();
  }

  async #killSupervisor(): Promise<void> {
    const running = (await this.everyJob()).filter(({ status, pid }) => status === 'running' && pid !== null);
    const job = running[this.#random(Math.max(1, running.length))];
    const supervisor = parentOf(job?.pid ?? -1);
    if (!job || supervisor === undefined || !commandLineOf(supervisor).includes('trap : HUP')) return;
    this.orphaned.add(`${job.id}.${job.run}`);
    signalIfThere(supervisor, 'SIGKILL');
    this.counts.supervisorsKilled++;
  }

  /** A command line program that is killed while it does its work, or has just done it. */
  async #killClient(): Promise<void> {
    const verbs = [
      ['run', '--', 'sh', '-c', working, '0'],
      ['run', '--wait', '--', 'sh', '-c', working, '5'],
      ['kill', '--session', 's1'],
      ['list'],
      ['queue'],
    ];
    const child = spawn(process.execPath, [this.#cli, ...verbs[this.#random(verbs.length)]!], {
      cwd: this.home,
      env: this.#env,
      stdio: 'ignore',
    });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    await Promise.race([exited, sleep(this.#random(400))]);
    if (child.kill('SIGKILL')) this.counts.clientsKilled++;
    await exited;
  }

  async #callVerb(): Promise<unknown> {
    const { client } = this;
    const { jobs } = await client.listJobs({ limit: 1000 });
    const job = jobs[this.#random(Math.max(1, jobs.length))];
    if (!job) return;
    const session = `s${this.#random(2)}`;
    const verbs: (() => Promise<unknown>)[] = [
      () => client.killJob(job.id, { signal: ['TERM', 'INT', 'KILL'][this.#random(3)] }),
      () => client.killJob(job.id, { requeue: true }),
      () => client.restartJob(job.id, {}),
      () => client.holdJob(job.id),
      () => client.releaseJob(job.id),
      () => client.moveJob(job.id, { to: 'first' }),
      () => client.updateJob(job.id, { priority: 1 + this.#random(10) }),
      () => client.pauseJob(job.id),
      () => client.resumeJob(job.id),
      () => client.pauseQueue(this.#random(2) ? { session } : {}),
      () => client.resumeQueue(this.#random(2) ? { session } : {}),
      () => client.waitForJob(job.id, { timeoutMs: 100 }),
      () => client.getOutput(job.id),
      () => {
        this.mayBeGone.add(job.id);
        return client.removeJob(job.id);
      },
      () => {
        for (const { id } of jobs) this.mayBeGone.add(id);
        return client.cleanUp({ keep: 3 });
      },
    ];
    return verbs[this.#random(verbs.length)]!();
  }

  /** Nothing is held or paused any more, what would go on for ever is killed, and all has ended. */
  async #settle(): Promise<void> {
    const { client } = this;
    for (const session of [undefined, 's0', 's1']) await client.resumeQueue(session === undefined ? {} : { session });
    await until('all jobs have ended', async () => {
      const { jobs } = await client.listJobs({ status: 'running,waiting', limit: 1000 });
      for (const job of jobs) {
        if (job.status === 'held') await client.releaseJob(job.id).catch(() => undefined);
        if (job.status === 'paused') await client.resumeJob(job.id).catch(() => undefined);
        if (job.argv?.includes(stubborn)) await client.killJob(job.id, {}).catch(() => undefined);
      }
      return jobs.length === 0 ? true : undefined;
    });
    // A run whose supervisor was killed goes on, and is listed.
    for (const { id, leftovers } of await this.everyJob()) if (leftovers.length > 0) await client.killJob(id, {});
  }
}

function runIdOf(pid: number): string {
  const path = `/proc/${pid}/environ`;
  return (existsSync(path) && /\0BGJOBS_RUN_ID=([^\0]+)/.exec(readFileSync(path, 'utf8'))?.[1]) || 'unknown';
}
