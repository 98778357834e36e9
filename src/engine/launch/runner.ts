/**
 * The room of launching: from a job's spec to a supervised process, and back from its exit record. Imports the store's
 * types and the process table.
 */
import { execFileSync } from 'node:child_process';
import { constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import type { ProcessIdentity } from '../../processes/processSource.ts';
import type { ProcessTable } from '../../processes/runTree.ts';
import type { JobSpec } from '../../store/jobTable.ts';
import { logFiles, logPaths } from '../../store/runTable.ts';
import { StartFailure, checkNice, checkSecrets, commandOf, environmentOf, nicePrefix } from './command.ts';
import { watchAdopted } from './adoptedRun.ts';
import { liveInput } from './liveInput.ts';
import { nodeSupervisorCommand, type NodeSupervisor } from './nodeSupervisor.ts';
import { spawnByNode, spawnProcess, type Descriptor, type Spawned, type SpawnProcess } from './spawnProcess.ts';
import {
  exitRecordPath,
  prepareExitRecord,
  preventStart,
  readExitRecord,
  supervisorArguments,
  supervisorShell,
  type ExitStatus,
} from './supervisor.ts';
import { treeControl, type RunningProcess } from './runControl.ts';
import { terminalCommand } from './terminalCommand.ts';

export interface RunPlan {
  /** `<job uuid>.<n>`: the mark of the run's processes. */
  runId: string;
  jobId: string;
  /** The run's own folder: it exists. */
  directory: string;
  spec: JobSpec;
  /** The environment to build on: the caller's or the host's. */
  baseEnv: NodeJS.ProcessEnv;
  /** For a task: how many of its array may run at once; null: no limit. */
  maxRunning?: number | null | undefined;
  /** More tasks of the array are about to be started. */
  moreTasks?: boolean;
}

/** A run on this machine. */
export type LocalProcess = RunningProcess & { readonly supervisor: ProcessIdentity };

/** What executes runs on this machine. */
export interface Runner extends Pick<LocalRunner, 'adopt' | 'recordedExit' | 'preventStart'> {
  /** @throws StartFailure */
  start(plan: RunPlan): LocalProcess | Promise<LocalProcess>;
}

/**
 * What executes runs elsewhere. All that it needs to find a run again is in the run's own folder, which is visible there
 * too; so a run outlives any host.
 */
export interface RemoteRunner {
  /** Hands it over. A failure is the end of the run. */
  start(plan: RunPlan): RunningProcess;
  /** A run that an earlier host has handed over, or was about to. */
  adopt(plan: Pick<RunPlan, 'runId' | 'directory' | 'spec'>): RunningProcess;
  /** Whether the end is on record, and is all that can be known about it. */
  hasEnded(directory: string): boolean;
  dispose(): void;
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
  async start(plan: RunPlan): Promise<LocalProcess> {
    checkSecrets(plan.spec.secrets ?? [], plan.baseEnv);
    const env = environmentOf(plan.baseEnv, plan.spec, plan, process.platform);
    const argv = commandOf(plan.spec, env, process.platform);
    checkNice(plan.spec.limits.nice);
    try {
      prepareExitRecord(plan.directory);
      const child = await this.#spawn(plan, argv, env);
      // Not found: it has ended already, and nobody will ever look for it.
      const ended = { pid: child.pid, startTime: '0', bootId: this.#table.bootId() };
      const supervisor = this.#table.identify(child.pid) ?? ended;
      const exited = child.exited.then((code) => this.#exitOf(code, plan));
      return this.#running(plan, supervisor, { exited, dispose: child.dispose });
    } catch (error) {
      throw asStartFailure(error as NodeJS.ErrnoException);
    }
  }

  /** A run that an earlier host started and whose supervisor is alive. */
  adopt(plan: Pick<RunPlan, 'runId' | 'directory' | 'spec'>, supervisor: ProcessIdentity): LocalProcess {
    return this.#running(plan, supervisor, watchAdopted(this.#table, supervisor, plan.directory));
  }

  /** What the supervisor has recorded; undefined when there is nothing (yet). */
  readonly recordedExit = readExitRecord;

  /** For a run that was recorded and has perhaps not begun. @returns false if it has begun, or may have */
  readonly preventStart = preventStart;

  #spawn({ directory, spec }: RunPlan, argv: string[], env: NodeJS.ProcessEnv): Spawned | Promise<Spawned> {
    const { cwd, capture, limits, tty, terminalSize } = spec;
    const logs = logPaths(directory, capture);
    const appended = (path: string) => ({ path, flags: constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND });
    const [stdout, stderr] = [appended(logs.stdout), appended(logs.stderr ?? logs.stdout)];
    const stdin = this.#input(directory, spec);
    const shell = [...nicePrefix(limits.nice), ...supervisorShell(existsSync, env)];
    if (tty) {
      const held = { directory, input: inputPath(directory), argv, env, size: terminalSize, shell };
      return this.#spawnProcess({ ...terminalCommand(held), cwd, descriptors: [stdin, stdout, stderr] });
    }
    if (this.#node) {
      // The program may be Electron; the supervisor takes the variable out again.
      const nodeEnv = { ...env, ELECTRON_RUN_AS_NODE: '1' };
      const command = nodeSupervisorCommand(this.#node, directory, argv, spec);
      return this.#spawnProcess({ ...command, cwd, env: nodeEnv, descriptors: [stdin, stdout, stderr] });
    }
    const exit = { path: exitRecordPath(directory), flags: constants.O_RDWR };
    const [program = 'sh', ...args] = [
      ...shell,
      ...supervisorArguments(argv, directory, spec.stdin.type, inputPath(directory)),
    ];
    return this.#spawnProcess({ program, args, cwd, env, descriptors: [stdin, stdout, exit, stderr] });
  }

  #input(directory: string, { stdin, tty }: JobSpec): Descriptor {
    const read = (path: string) => ({ path, flags: constants.O_RDONLY });
    switch (stdin.type) {
      case 'text':
        writeFileSync(inputPath(directory), stdin.text, { mode: 0o600 });
        return read(inputPath(directory));
      case 'file':
        return read(stdin.path);
      case 'pipe':
        if (tty) execFileSync('mkfifo', ['-m', '600', inputPath(directory)]);
        else if (!this.#node)
          execFileSync('mkfifo', ['-m', '600', inputPath(directory), `${inputPath(directory)}.held`]);
        break;
      case 'none':
    }
    return { path: devNull, flags: constants.O_RDWR };
  }

  /** The record can tell more than the supervisor's own code. Without it (disk full), that code is what is known. */
  #exitOf(code: number | null, { directory, spec }: RunPlan): ExitStatus | null {
    const bare = code === null ? null : { exitCode: code, signal: null, at: Date.now() };
    const isExact = !this.#node && !spec.tty && code !== null && code < firstSignalCode;
    return isExact ? bare : (readExitRecord(directory) ?? bare);
  }

  #running(
    plan: Pick<RunPlan, 'runId' | 'directory' | 'spec'>,
    supervisor: ProcessIdentity,
    { exited, dispose }: Pick<RunningProcess, 'exited' | 'dispose'>,
  ): LocalProcess {
    const kind = plan.spec.tty ? 'terminal' : this.#node ? 'socket' : 'pipe';
    const pipe = { table: this.#table, supervisor, path: inputPath(plan.directory), kind } as const;
    const input = plan.spec.stdin.type === 'pipe' ? liveInput(pipe) : undefined;
    const logs = logFiles(logPaths(plan.directory, plan.spec.capture));
    return {
      ...treeControl(this.#table, { runId: plan.runId, supervisor, logs }),
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
      return tooMany(`There is no room for another process.${processLimit()} End some processes and try again.`);
    case 'EMFILE':
      return tooMany(`The job host has too many open files. End some jobs, or raise the limit (\`ulimit -n\`).`);
    case 'ENFILE':
      return tooMany('The system has too many open files. End some processes and try again.');
    case 'ENOSPC':
    case 'EDQUOT':
      return error;
    default:
      return new StartFailure('spawn_failed', supervisorProblem(error) ?? error.message);
  }
}

function tooMany(message: string): StartFailure {
  return new StartFailure('too_many_processes', message);
}

/** The limit of the user, where the system tells it. */
function processLimit(): string {
  try {
    const [, limit] = /^Max processes\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return limit === undefined ? '' : ` This user may have ${limit} (\`ulimit -u\`).`;
  } catch {
    return '';
  }
}

/** The job's own program was looked at before, so what could not be run is the shell that supervises it. */
function supervisorProblem({ syscall, path, code }: NodeJS.ErrnoException): string | undefined {
  if (!syscall?.startsWith('spawn') || path === undefined) return undefined;
  if (code !== 'ENOENT' && code !== 'EACCES') return undefined;
  return `The job cannot be supervised, because the shell ${path} cannot be run (${code}). Install sh, dash or bash in /bin.`;
}
