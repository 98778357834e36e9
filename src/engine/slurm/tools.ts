import { execFile } from 'node:child_process';

/** Which cluster a run is in: as whoever started it had it in the environment. */
export interface Cluster {
  /** SLURM_CONF; null: the one of the system. */
  conf: string | null;
  /** Where the programs of Slurm are found. */
  path: string;
}

interface Answer {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Every call ends: a client of Slurm waits for a controller that is away, and some calls never return (milliseconds). */
const limitMs = 15_000;

/** The controller has not answered, so nothing is known. */
export class ControllerSilent extends Error {}

/** The clients say it in these words, whatever their exit code. */
const silence =
  /Unable to contact slurm controller|Socket timed out|Zero Bytes were transmitted|connect failure|Connection refused|communication.*(failure|error|timed out)|Transport endpoint|establish a configuration source|Resource temporarily unavailable|slurm_receive_msg|DNS SRV/i;

/** Whoever starts a job in the allocation of another one must not hand that on. Its times are read here, in UTC. */
export function toolEnvironment({ conf, path }: Cluster, base: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = Object.entries(base).filter(
    ([name]) => !/^(SLURM|SBATCH|SQUEUE|SCANCEL|SRUN|SALLOC|BGJOBS)_/.test(name),
  );
  const named = conf === null ? {} : { SLURM_CONF: conf };
  return { ...Object.fromEntries(kept), ...named, PATH: path, TZ: 'UTC', SLURM_TIME_FORMAT: 'standard', LC_ALL: 'C' };
}

/**
 * Calls a program of Slurm. Exit code 0 says little: look again at what is asked for.
 * @throws ControllerSilent when the controller does not answer in time
 * @throws Error whose cause has the code ENOENT when there is no such program
 */
export function callSlurm(
  cluster: Cluster,
  program: string,
  args: readonly string[],
  {
    env = toolEnvironment(cluster),
    cwd = '/',
    ms = limitMs,
  }: { env?: NodeJS.ProcessEnv; cwd?: string; ms?: number } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { env, cwd, timeout: ms, killSignal: 'SIGKILL', maxBuffer: 256 * 1024 * 1024 } as const;
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) return resolve({ code: 0, stdout, stderr });
      const { code, killed } = error;
      if (typeof code === 'string') return reject(new Error(error.message, { cause: error }));
      if (killed === true || silence.test(stderr))
        return reject(new ControllerSilent(stderr.trim() || `${program} took too long`));
      resolve({ code: code ?? null, stdout, stderr });
    });
    child.stdin?.end();
  });
}

/** What a client says went wrong, on one line and without its name. */
export function complaint({ stderr, stdout }: Pick<Answer, 'stderr' | 'stdout'>): string {
  const lines = (stderr.trim() || stdout.trim()).split('\n');
  return lines.map((line) => line.replace(/^\w+: (error: |fatal: )?/, '').trim()).join('; ') || 'no reason was given';
}
