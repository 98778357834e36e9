/**
 * The room of launching: from a job's spec to a supervised process, and back from its exit record. Imports the store's
 * types and the process table.
 */
import { execFileSync } from 'node:child_process';
import { constants, existsSync, writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import type { ProcessIdentity } from '../../processes/processSource.ts';
import type { ProcessTable } from '../../processes/runTree.ts';
import type { JobSpec } from '../../store/jobTable.ts';
import { logPaths } from '../../store/runTable.ts';
import { StartFailure, checkNice, commandOf, environmentOf, nicePrefix } from './command.ts';
import { liveInput } from './liveInput.ts';
import { spawnByNode, spawnProcess, type Descriptor, type Spawned, type SpawnProcess } from './spawnProcess.ts';
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
export interface Runner extends Pick<LocalRunner, 'adopt' | 'recordedExit'> {
  /** @throws StartFailure */
  start(plan: RunPlan): RunningProcess | Promise<RunningProcess>;
}

/** Runs commands on this machine, each under its own supervisor, the output straight into the run's log files. */
export class LocalRunner {
  readonly #table: ProcessTable;
  /** Instead of the shell: on Windows, and in tests everywhere. */
  readonly #node: NodeSupervisor | undefined;
  readonly #spawnProcess: SpawnProcess;

  constructor(table: ProcessTable, node?: NodeSupervisor, spawn: SpawnProcess = node ? spawnByNode : spawnProcess) {
    this.#table = table;
    this.#node = node;
    this.#spawnProcess = spawn;
  }

  /** @throws StartFailure */
  async start(plan: RunPlan): Promise<RunningProcess> {
    const env = environmentOf(plan.baseEnv, plan.spec, plan, process.platform);
    const argv = commandOf(plan.spec, env, process.platform);
    checkNice(plan.spec.limits.nice);
    try {
      prepareExitRecord(plan.directory);
      const child = await this.#spawn(plan, argv, env);
      // Not found: it has ended already, and nobody will ever look for it.
      const ended = { pid: child.pid, startTime: '0', bootId: this.#table.bootId() };
      const supervisor = this.#table.identify(child.pid) ?? ended;
      const exited = child.exited.then((code) => this.#exitOf(code, plan.directory));
      return this.#running(plan, supervisor, { exited, dispose: child.dispose });
    } catch (error) {
      throw asStartFailure(error as NodeJS.ErrnoException);
    }
  }

  /** A run that an earlier host started and whose supervisor is alive. */
  adopt(plan: Pick<RunPlan, 'runId' | 'directory' | 'spec'>, supervisor: ProcessIdentity): RunningProcess {
    return this.#running(plan, supervisor, watchAdopted(this.#table, supervisor, plan.directory));
  }

  /** What the supervisor has recorded; undefined when there is nothing (yet). */
  readonly recordedExit = readExitRecord;

  #spawn({ directory, spec }: RunPlan, argv: string[], env: NodeJS.ProcessEnv): Spawned | Promise<Spawned> {
    const { cwd, capture, limits } = spec;
    const logs = logPaths(directory, capture);
    const appended = (path: string) => ({ path, flags: constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND });
    const [stdout, stderr] = [appended(logs.stdout), appended(logs.stderr ?? logs.stdout)];
    const stdin = this.#input(directory, spec);
    if (this.#node) {
      // The program may be Electron; the supervisor takes the variable out again.
      const nodeEnv = { ...env, ELECTRON_RUN_AS_NODE: '1' };
      const command = nodeSupervisorCommand(this.#node, directory, argv, spec);
      return this.#spawnProcess({ ...command, cwd, env: nodeEnv, descriptors: [stdin, stdout, stderr] });
    }
    const exit = { path: exitRecordPath(directory), flags: constants.O_RDWR };
    const shell = [...nicePrefix(limits.nice), ...supervisorShell(existsSync, env)];
    const [program = 'sh', ...args] = [...shell, ...supervisorArguments(argv, spec.stdin.type, inputPath(directory))];
    return this.#spawnProcess({ program, args, cwd, env, descriptors: [stdin, stdout, exit, stderr] });
  }

  #input(directory: string, { stdin }: JobSpec): Descriptor {
    const read = (path: string) => ({ path, flags: constants.O_RDONLY });
    switch (stdin.type) {
      case 'text':
        writeFileSync(inputPath(directory), stdin.text, { mode: 0o600 });
        return read(inputPath(directory));
      case 'file':
        return read(stdin.path);
      case 'pipe':
        if (!this.#node) execFileSync('mkfifo', ['-m', '600', inputPath(directory), `${inputPath(directory)}.held`]);
        break;
      case 'none':
    }
    return { path: devNull, flags: constants.O_RDWR };
  }

  /** The record can tell more than the supervisor's own code. Without it (disk full), that code is what is known. */
  #exitOf(code: number | null, directory: string): ExitStatus | null {
    const bare = code === null ? null : { exitCode: code, signal: null, at: Date.now() };
    const isExact = !this.#node && code !== null && code < firstSignalCode;
    return isExact ? bare : (readExitRecord(directory) ?? bare);
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

/** A shell exits with this and the number of the signal that ended its command. */
const firstSignalCode = 128;

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
