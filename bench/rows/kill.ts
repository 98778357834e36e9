import { setTimeout as delay } from 'node:timers/promises';
import { effort } from '../effort.ts';
import { atMost, type Context, type Outcome } from '../bench.ts';
import { shellJob, withHost } from '../benchHost.ts';
import { median, percentile, spread, timed } from '../statistics.ts';

const rounds = effort(60, 8);

/** Measures from the request to the answer that proves the whole tree dead. */
export function kill(context: Context): Promise<Outcome> {
  return withHost(context, async ({ client }) => {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const { job } = await client.startJob(shellJob('sleep 3600 & sleep 3600 & echo ready; wait'));
      await client.waitForJob(job.id, { for: '/ready/' });
      await delay(20); // so that the tree is idle when it is killed
      times.push(
        await timed(async () => {
          const { result, escalated, survivors } = await client.killJob(job.id);
          if (result !== 'killed' || escalated || survivors.length > 0) throw new Error('the tree did not die at once');
        }),
      );
    }
    const ours = `${spread(times, ' ms', 0)}, p95 ${percentile(times, 95).toFixed(0)} ms`;
    const what = 'kill of a plain tree (a shell and two children) to proof of death';
    return { rows: [{ what, ours, reach: atMost(median(times), 150, ' ms') }] };
  });
}
