import { spawn, spawnSync } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createProcessTable } from '../../../src/processes/platform.ts';
import type { RunTarget, ProcessTable } from '../../../src/processes/runTree.ts';

export interface SupervisedOptions {
  /** Identifies the supervisor. Default: that of this platform. */
  table?: ProcessTable;
  /** With a FIFO keeper, as for a job with live input. */
  holder?: boolean;
  /** The supervisor does not exit after its command has exited. */
  stuck?: boolean;
}

export interface Seen {
  pid: number;
  stat: string;
  command: string;
}

const ignored = 'HUP INT QUIT TERM USR1 USR2';

/**
 * A command under a supervisor, as a runner starts it: in its own session, with the run id in its environment, with its
 * output in files and its exit status in `exit`. Disposing ends all of its processes, whatever the test did.
 */
export class SupervisedRun implements AsyncDisposable {
  readonly runId = `${randomUUID()}.1`;
  readonly folder = mkdtempSync(join(tmpdir(), 'bgjobs-stop-'));
  readonly target: RunTarget;
  readonly pid: number;
  readonly #token: string;

  /** @param command returns the command for a unique number of seconds to sleep, by which its processes are found */
  static async start(
    command: (seconds: string) => string[],
    isReady: (run: SupervisedRun) => boolean,
    options: SupervisedOptions = {},
  ): Promise<SupervisedRun> {
    const run = new SupervisedRun(command, options);
    try {
      await until(() => isReady(run));
      return run;
    } catch (error) {
      const seen = JSON.stringify({ alive: run.alive(), stdout: run.stdout, exit: run.exit });
      await run[Symbol.asyncDispose]();
      throw new Error(`Not ready: ${seen}`, { cause: error });
    }
  }

  private constructor(command: (seconds: string) => string[], { table, holder, stuck }: SupervisedOptions) {
    this.#token = String(randomInt(1_000_000_000, 2_000_000_000));
    const script = [
      `trap : ${ignored}`,
      holder && `BGJOBS_HOLDER=1 sh -c 'trap "" ${ignored}; exec sleep 3000000000' & h=$!`,
      '(exec "$@")',
      'echo $? >exit',
      holder && 'kill -KILL $h; wait $h',
      stuck && 'exec sleep 3000000000',
      'exit',
    ];
    const logs = ['stdout.log', 'stderr.log'].map((name) => join(this.folder, name));
    const files = logs.map((path) => openSync(path, 'a'));
    const child = spawn('sh', ['-c', script.filter(Boolean).join('\n'), 'supervisor', ...command(this.#token)], {
      cwd: this.folder,
      detached: true,
      stdio: ['ignore', ...files],
      env: { ...process.env, BGJOBS_RUN_ID: this.runId },
    });
    files.forEach(closeSync);
    this.pid = child.pid!;
    const supervisor = (table ?? createProcessTable()).identify(this.pid)!;
    this.target = { runId: this.runId, supervisor, logs };
  }

  /** Its live processes without zombies, including the supervisor. Read with `ps`, not by the tested code. */
  alive(): Seen[] {
    const marked = ps('axeww', '-o', 'pid=,stat=,command=')
      .filter((line) => line.includes(this.#token) || line.includes(this.runId))
      .map((line) => line.trim().split(/\s+/))
      .filter(([, stat]) => !stat?.startsWith('Z'));
    if (marked.length === 0) return [];
    // Listed again without environments, which must not appear in failure messages.
    return ps('-ww', '-o', 'pid=,stat=,command=', '-p', marked.map(([pid]) => pid).join(','))
      .map((line) => line.trim().split(/\s+/))
      .map(([pid, stat = '', ...words]) => ({ pid: Number(pid), stat, command: words.join(' ') }))
      .filter(({ stat }) => !stat.startsWith('Z'));
  }

  sleepers(): Seen[] {
    return this.alive().filter(({ command }) => command.replace(/^\/bin\//, '') === `sleep ${this.#token}`);
  }

  /** The exit code that the supervisor recorded. */
  get exit(): number | undefined {
    const path = join(this.folder, 'exit');
    return existsSync(path) ? Number(readFileSync(path, 'utf8')) : undefined;
  }

  get stdout(): string {
    return readFileSync(join(this.folder, 'stdout.log'), 'utf8');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await until(() => {
      const alive = this.alive();
      for (const signal of ['SIGSTOP', 'SIGKILL'] as const) for (const { pid } of alive) signalIfThere(pid, signal);
      return alive.length === 0;
    });
    rmSync(this.folder, { recursive: true });
  }
}

function ps(...args: string[]): string[] {
  const { stdout } = spawnSync('ps', args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  return stdout.split('\n').filter(Boolean);
}

export function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** @throws Error if the condition is not met within 20 s */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Timed out waiting for ${condition.toString()}`);
    await sleep(10);
  }
}
