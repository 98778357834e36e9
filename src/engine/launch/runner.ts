/**
 * The room of launching: from a job's spec to a supervised process, and back from its exit record. Imports the store's
 * types and the process table.
 */
import { execFileSync, spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from '../../processes/processSource.ts';
import type { ProcessTable } from '../../processes/runTree.ts';
import type { JobSpec } from '../../store/jobTable.ts';
import { logPaths } from '../../store/runTable.ts';
import { StartFailure, checkNice, commandOf, environmentOf, nicePrefix } from './command.ts';
import { liveInput } from './liveInput.ts';
import {
  exitRecordPath,
  nodeSupervisorCommand,
  prepareExitRecord,
  readExitRecord,
  supervisorArguments,
  supervisorShell,
  watchAdopted,
  type ExitStatus,
  type NodeSupervisor,
} from './supervisor.ts';

export interface RunPlan {
  /** `<job uuid>.<n>`: the mark of the run's processes. */
  runId: string;
  jobId: string;
  /** The run's own folder: it exists. */
  directory: string;
  spec: JobSpec;
  /** The environment to build on: the caller's or the host's. */
  baseEnv: NodeJS.ProcessEnv;
}

export interface RunningProcess {
  readonly supervisor: ProcessIdentity;
  /** Settles when the run's main process has ended; null when its end was not recorded. Never rejects. */
  readonly exited: Promise<ExitStatus | null>;
  /** The standard input, for `stdin: pipe`. */
  readonly input?: Pick<ReturnType<typeof liveInput>, 'write' | 'end'> | undefined;
  /** Lets go of it without touching it. */
  dispose(): void;
}

/** What executes runs. */
export type Runner = Pick<LocalRunner, 'start' | 'adopt' | 'recordedExit'>;

/** Runs commands on this machine, each under its own supervisor, the output straight into the run's log files. */
export class LocalRunner {
  readonly #table: ProcessTable;
  /** Instead of the shell: on Windows, and in tests everywhere. */
  readonly #node: NodeSupervisor | undefined;

  constructor(table: ProcessTable, node?: NodeSupervisor) {
    this.#table = table;
    this.#node = node;
  }

  /** Synchronous up to the spawn, so that nothing else happens between the record and the process. @throws StartFailure */
  start(plan: RunPlan): RunningProcess {
    const env = environmentOf(plan.baseEnv, plan.spec, plan, process.platform);
    const argv = commandOf(plan.spec, env, process.platform);
    checkNice(plan.spec.limits.nice);
    const open: number[] = [];
    try {
      const child = this.#spawn(plan, argv, env, open);
      child.on('error', () => undefined);
      // Program and folder were looked at, so what is left is EAGAIN, EMFILE or ENFILE.
      if (child.pid === undefined) throw tooMany();
      // Not found: it has ended already, and nobody will ever look for it.
      const ended = { pid: child.pid, startTime: '0', bootId: this.#table.bootId() };
      const supervisor = this.#table.identify(child.pid) ?? ended;
      const dispose = (): void => child.removeAllListeners('exit').unref();
      return this.#running(plan, supervisor, { exited: exitOf(child, plan.directory), dispose });
    } catch (error) {
      throw error instanceof StartFailure ? error : asStartFailure(error as NodeJS.ErrnoException);
    } finally {
      for (const descriptor of open) closeSync(descriptor);
    }
  }

  /** A run that an earlier host started and whose supervisor is alive. */
  adopt(plan: Pick<RunPlan, 'runId' | 'directory' | 'spec'>, supervisor: ProcessIdentity): RunningProcess {
    return this.#running(plan, supervisor, watchAdopted(this.#table, supervisor, plan.directory));
  }

  /** What the supervisor has recorded; undefined when there is nothing (yet). */
  readonly recordedExit = readExitRecord;

  #spawn(plan: RunPlan, argv: string[], env: NodeJS.ProcessEnv, open: number[]): ChildProcess {
    const { directory, spec } = plan;
    const opened = (path: string, flags: string): number => {
      const descriptor = openSync(path, flags, 0o600);
      open.push(descriptor);
      return descriptor;
    };
    prepareExitRecord(directory);
    const logs = logPaths(directory, spec.capture);
    const stdout = opened(logs.stdout, 'a');
    const stderr = logs.stderr === null ? stdout : opened(logs.stderr, 'a');
    const stdin = this.#openInput(plan, opened);
    const options = { cwd: spec.cwd, env, detached: true, windowsHide: true };
    if (this.#node) {
      const { program, args } = nodeSupervisorCommand(this.#node, directory, argv, spec);
      // The program may be Electron; the supervisor takes the variable out again.
      const nodeEnv = { ...env, ELECTRON_RUN_AS_NODE: '1' };
      return spawn(program, args, { ...options, env: nodeEnv, stdio: [stdin, stdout, stderr] });
    }
    const stdio: StdioOptions = [stdin, stdout, opened(exitRecordPath(directory), 'r+'), stderr];
    const shell = [...nicePrefix(spec.limits.nice), ...supervisorShell(existsSync, env)];
    const [program = 'sh', ...args] = [...shell, ...supervisorArguments(argv, spec.stdin.type, inputPath(directory))];
    return spawn(program, args, { ...options, stdio });
  }

  #openInput({ directory, spec }: RunPlan, opened: (path: string, flags: string) => number): number | 'ignore' {
    switch (spec.stdin.type) {
      case 'none':
        return 'ignore';
      case 'text':
        writeFileSync(inputPath(directory), spec.stdin.text, { mode: 0o600 });
        return opened(inputPath(directory), 'r');
      case 'file':
        return opened(spec.stdin.path, 'r');
      case 'pipe':
        if (!this.#node) execFileSync('mkfifo', ['-m', '600', inputPath(directory), `${inputPath(directory)}.held`]);
        return 'ignore';
    }
  }

  #running(
    plan: Pick<RunPlan, 'runId' | 'directory' | 'spec'>,
    supervisor: ProcessIdentity,
    { exited, dispose }: Pick<RunningProcess, 'exited' | 'dispose'>,
  ): RunningProcess {
    const pipe = { table: this.#table, supervisor, path: inputPath(plan.directory), framed: this.#node !== undefined };
    const input = plan.spec.stdin.type === 'pipe' ? liveInput(pipe) : undefined;
    return {
      supervisor,
      exited: exited.finally(() => input?.dispose()),
      input,
      dispose: () => {
        input?.dispose();
        dispose();
      },
    };
  }
}

function inputPath(directory: string): string {
  return join(directory, 'stdin');
}

/** The record first: it can tell more than the supervisor's own code. Without it (disk full), that code is what is known. */
function exitOf(child: ChildProcess, directory: string): Promise<ExitStatus | null> {
  return new Promise((resolve) => {
    child.once('exit', (code) => {
      const bare = code === null ? null : { exitCode: code, signal: null, at: Date.now() };
      resolve(readExitRecord(directory) ?? bare);
    });
  });
}

function asStartFailure(error: NodeJS.ErrnoException): Error {
  switch (error.code) {
    case 'E2BIG':
      return new StartFailure('argument_list_too_long', 'The arguments and environment are too long for this system.');
    case 'EAGAIN':
    case 'EMFILE':
    case 'ENFILE':
      return tooMany();
    case 'ENOSPC':
    case 'EDQUOT':
      return error;
    default:
      return new StartFailure('spawn_failed', error.message);
  }
}

function tooMany(): StartFailure {
  return new StartFailure('too_many_processes', 'The system has no room for another process or open file.');
}
