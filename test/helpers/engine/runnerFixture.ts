import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalRunner } from '../../../src/engine/launch/runner.ts';
import { spawnByNode, type SpawnProcess } from '../../../src/engine/launch/spawnProcess.ts';
import type { NodeSupervisor } from '../../../src/engine/launch/nodeSupervisor.ts';
import type { LocalProcess, RunPlan } from '../../../src/engine/launch/runner.ts';
import { createProcessTable } from '../../../src/processes/platform.ts';
import { hostScript } from '../../../src/bundles.ts';
import { startRequest, type StartRequest } from '../../../src/api/options.ts';
import { endProcesses } from './processes.ts';
import { TemporaryFolder } from './temporaryFolder.ts';

/** The supervisors, which all keep the same contract. */
export interface Supervision {
  name: string;
  node?: NodeSupervisor;
  /** How it is started, if not in the fastest way. */
  spawn?: SpawnProcess;
  /** Makes the runner choose this supervisor. */
  env?: Record<string, string>;
}

const shells: readonly Supervision[] = [
  { name: 'dash' },
  { name: 'dash, started by Node', spawn: spawnByNode },
  { name: 'bash', env: { 'no.shell-name': '1' } },
];

export const supervisions: readonly Supervision[] = [
  ...shells.filter(({ name }) => existsSync(`/bin/${name.split(',')[0]}`)),
  { name: 'node', node: { execPath: process.execPath, args: [hostScript] } },
];

export interface Ran {
  readonly plan: RunPlan;
  readonly process: LocalProcess;
  stdout(): Buffer;
  stderr(): string;
}

/** Runs commands with a runner but without an engine, and ends the processes that they leave. */
export class RunnerFixture implements AsyncDisposable {
  readonly #folder = new TemporaryFolder();
  readonly #ran: Ran[] = [];
  readonly #env: Record<string, string>;
  readonly table = createProcessTable();
  readonly runner: LocalRunner;

  constructor({ node, spawn, env = {} }: Supervision) {
    this.runner = new LocalRunner(this.table, node, spawn);
    this.#env = env;
  }

  get folder(): string {
    return this.#folder.path;
  }

  /** @throws StartFailure like the runner */
  async start(request: Partial<StartRequest>, baseEnv: NodeJS.ProcessEnv = process.env): Promise<Ran> {
    const jobId = randomUUID();
    const directory = join(this.folder, jobId);
    mkdirSync(directory);
    const spec = startRequest.parse({ cwd: this.folder, ...request, env: { ...this.#env, ...request.env } });
    const plan = { runId: `${jobId}.1`, jobId, directory, spec, baseEnv };
    const ran = {
      plan,
      process: await this.runner.start(plan),
      stdout: () => readFileSync(join(directory, spec.capture === 'merged' ? 'output.log' : 'stdout.log')),
      stderr: () => readFileSync(join(directory, 'stderr.log'), 'utf8'),
    };
    this.#ran.push(ran);
    return ran;
  }

  sh(script: string, request: Partial<StartRequest> = {}): Promise<Ran> {
    return this.start({ argv: ['/bin/sh', '-c', script], ...request });
  }

  /** Waits for the end, which must have exit code 0. @returns the output */
  async output(request: Partial<StartRequest>, baseEnv?: NodeJS.ProcessEnv): Promise<Buffer> {
    const ran = await this.start(request, baseEnv);
    const exit = await ran.process.exited;
    if (exit?.exitCode !== 0) throw new Error(`${JSON.stringify(exit)} ${ran.stderr()}`);
    return ran.stdout();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { plan, process } of this.#ran) {
      process.dispose();
      await endProcesses(`BGJOBS_RUN_ID=${plan.runId}`);
    }
    this.#folder[Symbol.dispose]();
  }
}
