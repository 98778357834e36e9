import { execFileSync, spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { logPaths } from '../../store/runTable.ts';
import type { ProcessIdentity } from '../../processes/processSource.ts';
import type { ProcessTable } from '../../processes/snapshot.ts';
import { StartFailure, type ExitStatus, type Runner, type RunningProcess, type RunPlan } from './runner.ts';
import {
  exitRecordPath,
  prepareExitRecord,
  readExitRecord,
  supervisorArguments,
  supervisorShell,
  watchAdopted,
} from './supervisor.ts';
import { checkNice, commandOf, environmentOf, nicePrefix } from './command.ts';
import { LiveInput } from './liveInput.ts';
import { nodeSupervisorCommand, type NodeSupervisor } from './nodeSupervisor.ts';

/** Runs commands on this machine, each under its own supervisor, the output straight into the run's log files. */
export class LocalRunner implements Runner {
  readonly #table: ProcessTable;
  /** Instead of the shell: on Windows, and in tests everywhere. */
  readonly #node: NodeSupervisor | undefined;

  constructor(table: ProcessTable, node?: NodeSupervisor) {
    this.#table = table;
    this.#node = node;
  }

  start(plan: RunPlan): RunningProcess {
    const env = environmentOf(plan.baseEnv, plan.spec, plan, process.platform);
    const argv = commandOf(plan.spec, env, process.platform);
    checkNice(plan.spec.limits.nice);
    const open: number[] = [];
    try {
      const child = this.#spawn(plan, argv, env, open);
      child.on('error', () => undefined);
      if (child.pid === undefined) {
        // Program and folder were looked at, so what is left is EAGAIN, EMFILE or ENFILE.
        throw new StartFailure('too_many_processes', 'The system has no room for another process or open file.');
      }
      // Not found: it has ended already, and nobody will ever look for it.
      const ended = { pid: child.pid, startTime: '0', bootId: this.#table.bootId() };
      const supervisor = this.#table.identify(child.pid) ?? ended;
      return this.#running(plan, supervisor, exitOf(child, plan.directory), () => {
        child.removeAllListeners('exit');
        child.unref();
      });
    } catch (error) {
      throw asStartFailure(error);
    } finally {
      for (const descriptor of open) closeSync(descriptor);
    }
  }

  adopt(plan: Pick<RunPlan, 'runId' | 'directory' | 'spec'>, supervisor: ProcessIdentity): RunningProcess {
    const { exited, dispose } = watchAdopted(this.#table, supervisor, plan.directory);
    return this.#running(plan, supervisor, exited, dispose);
  }

  recordedExit(directory: string): ExitStatus | undefined {
    return readExitRecord(directory);
  }

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
    exited: Promise<ExitStatus | null>,
    dispose: () => void,
  ): RunningProcess {
    const input = new LiveInput(this.#table, supervisor, inputPath(plan.directory), this.#node !== undefined);
    return {
      supervisor,
      exited: exited.then((status) => {
        input.dispose();
        return status;
      }),
      write: (text) => input.write(text),
      endInput: () => input.end(),
      dispose: () => {
        input.dispose();
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

function asStartFailure(error: unknown): unknown {
  if (error instanceof StartFailure) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'E2BIG':
      return new StartFailure('argument_list_too_long', 'The arguments and environment are too long for this system.');
    case 'EAGAIN':
    case 'EMFILE':
    case 'ENFILE':
      return new StartFailure('too_many_processes', 'The system has no room for another process or open file.');
    case 'ENOSPC':
    case 'EDQUOT':
      return error;
    default:
      return new StartFailure('spawn_failed', message);
  }
}
