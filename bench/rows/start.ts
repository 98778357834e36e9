import { effort } from '../effort.ts';
import { atMost, type Context, type Outcome } from '../bench.ts';
import { shellJob, startHost, endHost, withFolder, withHost } from '../benchHost.ts';
import type { ApiClient } from '../../src/client/apiClient.ts';
import { median, spread, timed } from '../statistics.ts';

const warm = effort(60, 10);
const cold = effort(9, 2);

/** Measures from the request to the answer with the pid of the running command, which is nearly always the first one. */
export async function start(context: Context): Promise<Outcome> {
  const withHostUp = await withHost(context, async ({ client }) => {
    const times: number[] = [];
    for (let round = 0; round < warm; round++) {
      times.push(await timed(() => startOne(client)));
      await client.killJobs({ all: true, signal: 'KILL' });
    }
    return times;
  });
  const withoutHost: number[] = [];
  for (let round = 0; round < cold; round++) {
    withoutHost.push(
      await withFolder(async (folder) => {
        let host: Awaited<ReturnType<typeof startHost>> | undefined;
        const ms = await timed(async () => {
          host = await startHost(context, folder);
          await startOne(host.client);
        });
        if (host) await endHost(host);
        return ms;
      }),
    );
  }
  return {
    rows: [
      {
        what: 'request to running process, host already running',
        ours: spread(withHostUp, ' ms', 1),
        reach: atMost(median(withHostUp), 10, ' ms'),
      },
      {
        what: 'request to running process, host not running',
        ours: spread(withoutHost, ' ms', 0),
        reach: atMost(median(withoutHost), 400, ' ms'),
      },
    ],
  };
}

async function startOne(client: ApiClient): Promise<void> {
  let { job } = await client.startJob(shellJob('exec sleep 3600'));
  while (job.pid === null) job = await client.getJob(job.id);
}
