import { setTimeout as delay } from 'node:timers/promises';
import { effort } from '../effort.ts';
import { atMost, type Context, type Outcome } from '../bench.ts';
import { shellJob, withHost } from '../benchHost.ts';
import { canMeasureProcesses, cpuSeconds, residentMegabytes } from '../processUsage.ts';
import { perSecond, timed } from '../statistics.ts';

const jobs = 1000;
const idleMs = effort(10_000, 2000);

/** Measures what a thousand idle jobs cost the host while they run, and how long it takes to start and to kill them. */
export function manyRunning(context: Context): Promise<Outcome> {
  return withHost(context, async ({ client, pid }) => {
    const megabytesBefore = canMeasureProcesses ? residentMegabytes(pid) : NaN;
    const startMs = await timed(() =>
      perSecond(jobs, 16, async () => void (await client.startJob(shellJob('exec sleep 3600')))),
    );
    const { total } = await client.listJobs({ status: 'running', limit: 1 });
    if (total !== jobs) throw new Error(`${total} jobs run`);
    // The start still causes some work: the logs are polled, and watchers are set up.
    await delay(2000);
    const cpuBefore = canMeasureProcesses ? cpuSeconds(pid) : NaN;
    await delay(idleMs);
    const idle = canMeasureProcesses ? cpuSeconds(pid) - cpuBefore : NaN;
    const grown = canMeasureProcesses ? residentMegabytes(pid) - megabytesBefore : NaN;
    let killed = 0;
    const killMs = await timed(async () => {
      const { results } = await client.killJobs({ all: true });
      killed = results.filter(({ result, survivors }) => result === 'killed' && survivors.length === 0).length;
    });
    const what = '1,000 jobs running at the same time';
    return {
      rows: [
        ...(canMeasureProcesses
          ? [
              { what: `${what}: host memory growth`, ours: `${grown.toFixed(1)} MB`, reach: atMost(grown, 20, ' MB') },
              {
                what: `${what}: host CPU in ${idleMs / 1000} s`,
                ours: `${idle.toFixed(2)} s`,
                reach: atMost(idle, 0, ' s'),
              },
            ]
          : []),
        { what: `${what}: time to start all`, ours: `${(startMs / 1000).toFixed(1)} s` },
        { what: `${what}: time to kill all`, ours: `${(killMs / 1000).toFixed(1)} s, ${killed} proven dead` },
      ],
    };
  });
}
