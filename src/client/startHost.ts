import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, ftruncateSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { allocatorVariable, environmentForHost, homeFiles } from '../dataDir/dataDir.ts';
import { isDiskFull, shortageBy } from '../disk/space.ts';
import { ensureHome } from '../dataDir/privateFolder.ts';
import { BgJobsError, diskFull } from '../api/errors.ts';

/** How to start a job host. */
export interface HostCommand {
  readonly home: string;
  /** Node, or Electron, which is then told to run as Node. */
  readonly execPath: string;
  readonly isElectron: boolean;
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A host process that we started. It outlives us. */
export interface StartedHost {
  readonly process: ChildProcess;
  /** Its output so far: why it could not start. */
  readonly printed: () => string;
}

/**
 * Keep the process small: each start of a job forks it, and a fork copies its page table. A host frees what it allocates
 * within milliseconds, so V8's 16 MB for young objects would be wasted, and a compiler thread keeps 15 MB of its own. The
 * memory reducer would wake an idle host every 8 seconds for nothing; the host does its work itself when it is at rest.
 */
const nodeOptions = ['--max-semi-space-size=1', '--no-concurrent-recompilation', '--no-memory-reducer', '--expose-gc'];

/** Free memory above which glibc returns it to the system, in bytes: its own default, which it would otherwise raise. */
const allocatorThreshold = '131072';

/** host.out is emptied when it is longer than this, in bytes. */
const longOutput = 65_536;

/** @throws BgJobsError `host_unreachable` when the home cannot be used, or this Node is too old; `disk_full` */
export function spawnHost({ home, execPath, isElectron, script, env }: HostCommand): StartedHost {
  if (!isBuiltin('node:sqlite')) {
    const message = `The job host needs SQLite, which Node ${process.versions.node} does not have. Use Node 22.13 or later.`;
    throw new BgJobsError('host_unreachable', message);
  }
  ensureHome(home, process.getuid?.());
  const path = homeFiles(home).output;
  const output = openOutput(path);
  try {
    if (fstatSync(output).size > longOutput) ftruncateSync(output);
    const { size } = fstatSync(output);
    const child = spawn(execPath, [...nodeOptions, script], {
      cwd: home,
      detached: true,
      windowsHide: true,
      // Files, not pipes: a pipe would break when this process ends.
      stdio: ['ignore', output, output],
      env: {
        ...environmentForHost(env),
        BGJOBS_HOME: home,
        [allocatorVariable]: allocatorThreshold,
        ...(isElectron && { ELECTRON_RUN_AS_NODE: '1' }),
      },
    });
    child.unref();
    return { process: child, printed: () => readFileSync(path).subarray(size).toString().trim() };
  } finally {
    closeSync(output);
  }
}

function openOutput(path: string): number {
  try {
    return openSync(path, 'a', 0o600);
  } catch (error) {
    throw isDiskFull(error) ? diskFull(...shortageBy(error)) : error;
  }
}
