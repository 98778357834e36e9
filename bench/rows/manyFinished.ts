import { join } from 'node:path';
import { effort } from '../effort.ts';
import { atMost, type Context, type Outcome, type Row } from '../bench.ts';
import { endHost, runToEnd, shellJob, startHost, withFolder, type BenchHost } from '../benchHost.ts';
import { addFinishedJobs, withStore } from '../fillStore.ts';
import { inTurn, pairedRatio, spread, timed } from '../statistics.ts';

const finished = effort(100_000, 20_000);
const listed = 100;
const hostStarts = effort(9, 1);
const calls = effort(200, 20);

/** Compares a host that has many finished jobs with one that has only as many as are listed. */
export function manyFinished(context: Context): Promise<Outcome> {
  return withFolder(async (folder) => {
    const [full, empty] = [join(folder, 'full'), join(folder, 'empty')];
    await withStore(full, (store) => addFinishedJobs(full, store, finished, listed));
    await withStore(empty, (store) => addFinishedJobs(empty, store, listed, listed));
    const started = await inTurn(hostStarts, {
      full: () => timeOfStart(context, full),
      empty: () => timeOfStart(context, empty),
    });

    const fullHost = await startHost(context, full);
    const emptyHost = await startHost(context, empty);
    try {
      const list = async ({ client }: BenchHost): Promise<void> => {
        const { jobs, total } = await client.listJobs({ limit: listed });
        if (jobs.length !== listed || total < listed) throw new Error('the list is not complete');
      };
      const job = ({ client }: BenchHost) => timed(() => runToEnd(client, shellJob('true')));
      // Node must have compiled the hot paths, and the cleanup at the start must be done.
      for (let warm = 0; warm < 50; warm++)
        await Promise.all([fullHost, emptyHost].flatMap((host) => [list(host), job(host)]));
      const times = await inTurn(calls, { full: () => job(fullHost), empty: () => job(emptyHost) });
      const lists = await inTurn(calls, {
        full: () => timed(() => list(fullHost)),
        empty: () => timed(() => list(emptyHost)),
      });
      const what = `${finished.toLocaleString('en')} finished jobs in the store`;
      const row = (name: string, measured: Record<'full' | 'empty', number[]>, digits: number): Row => {
        const ratio = pairedRatio(measured.full, measured.empty);
        const [ours, peer] = [spread(measured.full, ' ms', digits), spread(measured.empty, ' ms', digits)];
        return { what: `${what}: ${name}`, ours, peer, ratio, reach: atMost(ratio, 1.2, '×') };
      };
      return {
        rows: [
          row('list 100 jobs', lists, 1),
          row('host start and first answer', started, 0),
          row('one job, from the request to its end', times, 1),
        ],
        notes: [
          'Finished jobs: the peer is a host with 100 jobs in its store. The jobs were recorded by the engine, not run.',
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
