import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, ftruncateSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { allocatorVariable, environmentForHost, homeFiles } from '../dataDir/dataDir.ts';
import { ensureHome } from '../dataDir/privateFolder.ts';
import { BgJobsError } from '../api/errors.ts';

/** How to start a job host. */
export interface HostCommand {
  readonly home: string;
  /** Node, or Electron, which is then told to run as Node. */
  readonly execPath: string;
  readonly isElectron: boolean;
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A host process that was started here: it outlives us. */
export interface StartedHost {
  readonly process: ChildProcess;
  /** What it has printed so far: why it could not start. */
  readonly printed: () => string;
}

/**
 * For a small process: each start of a job forks it, and a fork copies the table of its pages. What a host allocates it
 * lets go of within milliseconds, so V8's 16 MB for the young would be of no use; and a thread that compiles keeps 15 MB
 * of its own. The memory reducer would wake an idle host up every 8 seconds, to find nothing; what it would do the host
 * does itself, when it comes to rest.
 */
const nodeOptions = ['--max-semi-space-size=1', '--no-concurrent-recompilation', '--no-memory-reducer', '--expose-gc'];

/** Free memory that is given back to the system, in bytes: glibc's own default, which it then raises by itself. */
const allocatorThreshold = '131072';

/** host.out is emptied when it is longer than this. */
const longOutput = 65_536;

/** @throws BgJobsError `host_unreachable` when the home cannot be used, or this Node is too old */
export function spawnHost({ home, execPath, isElectron, script, env }: HostCommand): StartedHost {
  if (!isBuiltin('node:sqlite')) {
    const message = `The job host needs SQLite, which Node ${process.versions.node} does not have. Use Node 22.13 or later.`;
    throw new BgJobsError('host_unreachable', message);
  }
  ensureHome(home, process.getuid?.());
  const path = homeFiles(home).output;
  const output = openSync(path, 'a', 0o600);
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
