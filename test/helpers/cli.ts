import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine } from '../../scripts/editor/processes.ts';
import type { ErrorCode } from '../../src/api/errors.ts';
import type { Job } from '../../src/api/job.ts';
import type { JobStatus } from '../../src/api/values.ts';
import { bundledCli } from './bundle.ts';
import { until } from './until.ts';

export interface CliOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** The standard input. Default: empty. */
  readonly input?: string | Buffer;
}

interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: Buffer;
}

/** A running `bgjobs`. */
export interface RunningCli {
  readonly child: ChildProcess;
  /** The output so far. */
  stdout(): string;
  stderr(): string;
  readonly ended: Promise<CliResult>;
}

/** A store, and the ways to run `bgjobs` on it. */
export interface Home {
  readonly path: string;
  /** Starts `bgjobs` without waiting for its end. */
  start(args: readonly string[], options?: CliOptions & { openInput?: boolean }): Promise<RunningCli>;
  bgjobs(args: readonly string[], options?: CliOptions): Promise<CliResult>;
  /** Runs with `--json` a command that must succeed. @returns its document */
  json<T>(args: readonly string[], options?: CliOptions): Promise<T>;
  /** Runs with `--json` a command that must fail with this exit code. @returns its error */
  error(exitCode: number, args: readonly string[], options?: CliOptions): Promise<ErrorDocument['error']>;
  /** Runs `run --json`. */
  run(args: readonly string[], options?: CliOptions): Promise<Job>;
  /** Runs `wait --json` for the end of the job. */
  ended(id: string): Promise<Job>;
  /** Waits until the job is in one of these statuses. */
  reaches(id: string, ...statuses: JobStatus[]): Promise<Job>;
}

export interface ErrorDocument {
  error: { code: ErrorCode; message: string; details: Record<string, unknown> | null; retryable: boolean };
}

/**
 * A new store for the tests of the enclosing describe block. Afterwards its jobs are killed, its host is stopped, and
 * no process may be left that has inherited its name.
 * @param env for every command, including the one that starts the host
 */
export function useHome(env: Record<string, string> = {}): Home {
  const home = new TestHome(env);
  before(() => home.make());
  after(() => home.dispose());
  return home;
}

class TestHome implements Home {
  #path = '';
  readonly #env: Record<string, string>;

  constructor(env: Record<string, string>) {
    this.#env = env;
  }

  get path(): string {
    return this.#path;
  }

  make(): void {
    this.#path = mkdtempSync(join(tmpdir(), 'bj-'));
  }

  async dispose(): Promise<void> {
    // The tests were skipped before it was made.
    if (this.#path === '') return;
    await this.bgjobs(['kill', '--all', '--signal', 'KILL']);
    await this.bgjobs(['host', 'stop']);
    try {
      await until('no process of the store is left', () => (processesOf(this.#path).length === 0 ? true : undefined));
    } catch (error) {
      const left = processesOf(this.#path).map((pid) => `${pid}: ${commandLine(pid)}`);
      throw new Error(`${(error as Error).message}; there are\n${left.join('\n')}`, { cause: error });
    } finally {
      for (const pid of processesOf(this.#path)) process.kill(pid, 'SIGKILL');
    }
    rmSync(this.#path, { recursive: true, force: true });
  }

  async start(args: readonly string[], options: CliOptions & { openInput?: boolean } = {}): Promise<RunningCli> {
    const child = spawn(process.execPath, [await bundledCli(), ...args], {
      cwd: options.cwd ?? this.#path,
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        SHELL: '/bin/sh',
        BGJOBS_HOME: this.#path,
        ...this.#env,
        ...options.env,
      },
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (data: Buffer) => stdout.push(data));
    child.stderr.on('data', (data: Buffer) => stderr.push(data));
    child.stdin.on('error', () => undefined); // it may exit without reading
    if (!options.openInput) child.stdin.end(options.input ?? '');
    const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString();
    const ended = once(child, 'close').then(([code]) => ({
      code: code as number | null,
      stdout: text(stdout),
      stderr: text(stderr),
      stdoutBytes: Buffer.concat(stdout),
    }));
    return { child, stdout: () => text(stdout), stderr: () => text(stderr), ended };
  }

  async bgjobs(args: readonly string[], options?: CliOptions): Promise<CliResult> {
    return (await this.start(args, options)).ended;
  }

  async json<T>(args: readonly string[], options?: CliOptions): Promise<T> {
    const result = await this.bgjobs(withJson(args), options);
    assert.equal(result.code, 0, `bgjobs ${args.join(' ')}: ${result.stdout}${result.stderr}`);
    return JSON.parse(result.stdout) as T;
  }

  async error(exitCode: number, args: readonly string[], options?: CliOptions): Promise<ErrorDocument['error']> {
    const result = await this.bgjobs(withJson(args), options);
    assert.equal(result.code, exitCode, `bgjobs ${args.join(' ')}: ${result.stdout}${result.stderr}`);
    return (JSON.parse(result.stdout) as ErrorDocument).error;
  }

  run(args: readonly string[], options?: CliOptions): Promise<Job> {
    return this.json<Job>(['run', ...args], options);
  }

  async ended(id: string): Promise<Job> {
    return (await this.json<{ job: Job }>(['wait', id])).job;
  }

  reaches(id: string, ...statuses: JobStatus[]): Promise<Job> {
    return until(`${id} is ${statuses.join(' or ')}`, async () => {
      const job = await this.json<Job>(['status', id]);
      return statuses.includes(job.status) ? job : undefined;
    });
  }
}

/** Adds `--json` after the verb, because everything after `--` belongs to the job. */
function withJson(args: readonly string[]): string[] {
  const words = ['hook', 'host', 'queue'].includes(args[0] ?? '') ? 2 : 1;
  return [...args.slice(0, words), '--json', ...args.slice(words)];
}

/** Pids of the processes that have this text in their environment. */
export function processesOf(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark);
      } catch {
        return false; // it has exited, or belongs to another user
      }
    })
    .map(Number);
}
