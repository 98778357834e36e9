import type { JobSpec } from '../../store/jobTable.ts';
import { logPaths } from '../../store/runTable.ts';

/** The longest name that a person gives: Slurm refuses very long ones, and squeue shows the beginning. */
const nameLength = 40;

/** What Slurm calls a job: the person's word first, then what makes it ours. */
export function slurmName(spec: Pick<JobSpec, 'name'>, id: string): string {
  const word = (spec.name ?? '').replace(/[^A-Za-z0-9._+-]+/g, '_').slice(0, nameLength);
  return word === '' ? `bgjobs-${id}` : `${word}-bgjobs-${id}`;
}

/** How many tasks of an array are submitted at once, and where their output goes. */
interface ArrayPart {
  count: number;
  maxRunning: number | null;
  /** Has links `0.out`, `1.out`, … and `0.err`, … to the logs of the tasks. */
  folder: string;
}

/**
 * The options of sbatch(1), without the script and its arguments.
 * `--no-requeue`: a requeue may run beside a copy that lives. `append`: nothing that was written is wiped.
 * @param jobTimeoutMs the limit of a job that names none; 0: none
 */
export function sbatchOptions(
  spec: JobSpec,
  {
    name,
    directory,
    environment,
    array,
  }: { name: string; directory: string; environment: string; array?: ArrayPart | undefined },
): string[] {
  const { slurm = {}, limits, timeoutMs, graceMs, priority, capture } = spec;
  const logs = logPaths(directory, capture);
  const [stdout, stderr] = array
    ? [`${literal(array.folder)}/%a.out`, logs.stderr === null ? null : `${literal(array.folder)}/%a.err`]
    : [literal(logs.stdout), logs.stderr === null ? null : literal(logs.stderr)];
  const memory =
    slurm.memory ?? (limits.memoryBytes === undefined ? undefined : `${Math.ceil(limits.memoryBytes / 1024 ** 2)}M`);
  // Its own limit ends it exactly; that of Slurm, which counts minutes, ends it when no host is there.
  const time =
    slurm.timeLimit ?? (timeoutMs === undefined ? undefined : String(Math.ceil((timeoutMs + graceMs) / 60_000) + 1));
  const limit = array === undefined || array.maxRunning === null ? '' : `%${array.maxRunning}`;
  const options: [string, string | number | undefined | null][] = [
    ['job-name', name],
    ['chdir', spec.cwd],
    ['output', stdout],
    ['error', stderr],
    ['export-file', environment],
    ['array', array && `0-${array.count - 1}${limit}`],
    ['partition', slurm.partition],
    ['account', slurm.account],
    ['qos', slurm.qos],
    ['time', time],
    ['nodes', slurm.nodes],
    ['ntasks', slurm.ntasks],
    ['cpus-per-task', slurm.cpus],
    ['mem', memory],
    ['gpus', slurm.gpus],
    ['constraint', slurm.constraint],
    ['reservation', slurm.reservation],
    ['nice', niceOf(priority)],
  ];
  return [
    '--parsable',
    '--no-requeue',
    '--open-mode=append',
    ...options.flatMap(([option, value]) => (value === undefined || value === null ? [] : `--${option}=${value}`)),
    ...(slurm.extra ?? []),
  ];
}

/** A user may only go down in Slurm; a priority above the default counts among our own jobs. */
function niceOf(priority: number): number | undefined {
  return priority < 5 ? (5 - priority) * 1000 : undefined;
}

/** In the name of a file `%` begins a pattern. */
function literal(path: string): string {
  return path.replaceAll('%', '%%');
}
