import { execa } from 'execa';
import { SlurmCluster } from '../../test/helpers/slurm/cluster.ts';
import { isEnded } from '../../src/api/values.ts';
import { effort } from '../effort.ts';
import { atMost, type Context, type Outcome } from '../bench.ts';
import { shellJob, withHost, type BenchHost } from '../benchHost.ts';
import { inTurn, median, spread, timed } from '../statistics.ts';

const rounds = effort(20, 3);
const tasks = 1000;
/** What waits costs nothing while others are measured. */
const later = '--begin=now+3600';

/** What it costs to submit jobs to Slurm: a private cluster, beside plain sbatch. */
export async function cluster(context: Context): Promise<Outcome> {
  await using slurm = await SlurmCluster.start({ nodes: 3, cpus: 64 });
  if (!slurm) return { rows: [], notes: ['Slurm: it is not installed here.'] };
  const env = { ...shellJob('').inheritEnv, ...slurm.env };
  const options = { runner: 'slurm' as const, inheritEnv: env, cwd: '/', slurm: { extra: [later] } };
  // Awaited, as the cluster ends with this block.
  return await withHost(context, async (host) => {
    const one = () => submitted(host, { ...options, argv: ['true'] });
    await one();
    const times = await inTurn(rounds, {
      ours: () => timed(one),
      peer: () => timed(() => execa('sbatch', [later, '-o', '/dev/null', '--wrap', 'true'], { env })),
    });
    const overhead = times.ours.map((ms, index) => ms - times.peer[index]!);
    const array = await timed(() => submitted(host, { ...options, argv: ['true'], array: { tasks: `1-${tasks}` } }));
    return {
      rows: [
        {
          what: 'Slurm: request to id of a job',
          ours: spread(times.ours, ' ms', 0),
          peer: spread(times.peer, ' ms', 0),
        },
        {
          what: 'Slurm: more than plain `sbatch` takes',
          ours: spread(overhead, ' ms', 0),
          reach: atMost(median(overhead), 20, ' ms'),
        },
        {
          what: `Slurm: submit an array of ${tasks.toLocaleString('en')} tasks`,
          ours: `${Math.round(array)} ms`,
          reach: atMost(array, 2000, ' ms'),
        },
      ],
      notes: ['Slurm: a private cluster on this machine. The peer is `sbatch`.'],
    };
  });
}

/** Resolves when Slurm has given it an id, of an array to the last of its tasks. */
async function submitted({ client }: BenchHost, request: Parameters<typeof client.startJob>[0]): Promise<void> {
  const { job } = await client.startJob(request);
  const last: string = job.array ? `${job.id}:${tasks}` : job.id;
  const deadline = performance.now() + 20_000;
  // Without pauses, which would count.
  for (;;) {
    const { remote, status, error } = await client.getJob(last);
    if (typeof remote?.id === 'string') return;
    if (performance.now() > deadline || isEnded(status)) throw new Error(error?.message ?? `${last} is ${status}`);
  }
}
