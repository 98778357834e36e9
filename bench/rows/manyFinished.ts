import { join } from 'node:path';
import { atMost, type Context, type Outcome } from '../bench.ts';
import { endHost, runToEnd, shellJob, startHost, withFolder, type BenchHost } from '../benchHost.ts';
import { addFinishedJobs, withStore } from '../fillStore.ts';
import { inTurn, median, pairedRatio, spread, timed } from '../statistics.ts';

const finished = 10_000;
const hostStarts = 5;
const calls = 200;

/** Compares a host that has many finished jobs with one that has none. */
export function manyFinished(context: Context): Promise<Outcome> {
  return withFolder(async (folder) => {
    const [full, empty] = [join(folder, 'full'), join(folder, 'empty')];
    await withStore(full, (store) => addFinishedJobs(full, store, finished));
    const started = await inTurn(hostStarts, {
      full: () => timeOfStart(context, full),
      empty: () => timeOfStart(context, empty),
    });

    const fullHost = await startHost(context, full);
    const emptyHost = await startHost(context, empty);
    try {
      const list = async ({ client }: BenchHost): Promise<void> => {
        const { jobs, total } = await client.listJobs({ limit: 100 });
        if (jobs.length !== 100 || total < finished) throw new Error('the list is not complete');
      };
      const job = ({ client }: BenchHost) => timed(() => runToEnd(client, shellJob('true')));
      // Node must have compiled the hot paths, and the cleanup at the start must be done.
      for (let warm = 0; warm < 50; warm++) await Promise.all([list(fullHost), job(fullHost), job(emptyHost)]);
      const times = await inTurn(calls, { full: () => job(fullHost), empty: () => job(emptyHost) });
      const { lists } = await inTurn(calls, { lists: () => timed(() => list(fullHost)) });
      const startRatio = pairedRatio(started.full, started.empty);
      const jobRatio = pairedRatio(times.full, times.empty);
      const what = '10,000 finished jobs in the store';
      return {
        rows: [
          { what: `${what}: list 100 jobs`, ours: spread(lists, ' ms', 1), reach: atMost(median(lists), 10, ' ms') },
          {
            what: `${what}: host start and first answer`,
            ours: spread(started.full, ' ms', 0),
            peer: spread(started.empty, ' ms', 0),
            ratio: startRatio,
            reach: atMost(startRatio, 1.2, '×'),
          },
          {
            what: `${what}: one job, from the request to its end`,
            ours: spread(times.full, ' ms', 1),
            peer: spread(times.empty, ' ms', 1),
            ratio: jobRatio,
            reach: atMost(jobRatio, 1.2, '×'),
          },
        ],
        notes: [
          'Finished jobs: the peer is a host with an empty store. The jobs were recorded by the engine, not run.',
        ],
      };
    } finally {
      await endHost(fullHost);
      await endHost(emptyHost);
    }
  });
}

async function timeOfStart(context: Context, home: string): Promise<number> {
  let host: BenchHost | undefined;
  const ms = await timed(async () => (host = await startHost(context, home)));
  if (host) await endHost(host);
  return ms;
}
