import { execa } from 'execa';
import { join } from 'node:path';
import { atLeast, atMost, type Context, type Outcome, type Row } from '../bench.ts';
import { runToEnd, shellJob, withFolder, withHost } from '../benchHost.ts';
import { effort } from '../effort.ts';
import { withPeerQueues, type PeerQueue } from '../peerQueues.ts';
import { canMeasureProcesses, cpuSeconds } from '../processUsage.ts';
import { inTurn, median, pairedRatio, perSecond, spread, timed } from '../statistics.ts';

const rounds = effort(7, 1);
const jobs = 400;

/** Jobs are queued, recorded and run, and their ends are reported to one client, `concurrency` jobs at a time. */
export function short(context: Context): Promise<Outcome> {
  return withFolder((folder) =>
    withHost(context, ({ client, pid }) =>
      withPeerQueues(context, folder, async (queues) => {
        const cpuMs: number[] = [];
        const ours = async (concurrency: number): Promise<number> => {
          const before = canMeasureProcesses ? cpuSeconds(pid) : NaN;
          const rate = await perSecond(jobs, concurrency, async () => void (await runToEnd(client, shellJob('true'))));
          if (canMeasureProcesses) cpuMs.push(((cpuSeconds(pid) - before) * 1000) / jobs);
          return rate;
        };
        // The first jobs of a host are slower, because Node compiles the code.
        await ours(8);
        cpuMs.length = 0;
        const rows: Row[] = [];
        for (const concurrency of [8, 16]) {
          const parallel = queues.filter(({ isParallel }) => isParallel);
          rows.push(...(await beside(concurrency, () => ours(concurrency), parallel, context, folder)));
        }
        if (canMeasureProcesses) {
          const reach = atMost(median(cpuMs), 0.8, ' ms');
          rows.push({ what: 'short jobs: host CPU per job', ours: spread(cpuMs, ' ms', 1), reach });
        }
        rows.push(...(await oneByOne(queues)));
        return {
          rows,
          notes: [
            'Short jobs: `sh -c true` is run 400 times (by pueue 40 times). The first peer is a Node loop that only spawns it, with the same ' +
              'number at a time. The others get it by their command lines, one after the other: `tsp` (task spooler), ' +
              '`pueue`, and `nq`, which runs one at a time; GNU parallel gets a list and writes a job log.',
          ],
        };
      }),
    ),
  );
}

/** Everything that runs several jobs at a time, in turn. */
async function beside(
  concurrency: number,
  ours: () => Promise<number>,
  queues: readonly PeerQueue[],
  { peers }: Context,
  folder: string,
): Promise<Row[]> {
  const { parallel } = await peers();
  const others: Record<string, () => Promise<number>> = Object.fromEntries(
    queues.map((queue) => [queue.name, () => queue.rate(jobs, concurrency)]),
  );
  if (parallel !== undefined) others['GNU parallel'] = () => gnuParallel(parallel, concurrency, folder);
  const rates: Record<string, number[]> = await inTurn(rounds, { bare: () => bareLoop(concurrency), ours, ...others });
  const of = (name: string): readonly number[] => rates[name] ?? [];
  const what = `short jobs through the whole path, ${concurrency} at a time`;
  const ratio = pairedRatio(of('ours'), of('bare'));
  const [own, bare] = [spread(of('ours'), '/s', 0), spread(of('bare'), '/s', 0)];
  return [
    { what, ours: own, peer: bare, ratio, reach: atLeast(ratio, 0.75, '×') },
    ...Object.keys(others).map((name): Row => {
      const toPeer = pairedRatio(of('ours'), of(name));
      return {
        what: `short jobs, ${concurrency} at a time, beside ${name}`,
        ours: own,
        peer: spread(of(name), '/s', 0),
        ratio: toPeer,
        ...(name === 'tsp' && { reach: atLeast(toPeer, 1, '×') }),
      };
    }),
  ];
}

async function oneByOne(queues: readonly PeerQueue[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const queue of queues.filter(({ isParallel }) => !isParallel)) {
    const rate = await queue.rate(jobs, 1);
    if (Number.isFinite(rate))
      rows.push({ what: `for comparison: ${queue.name}, one at a time`, ours: '', peer: `${rate.toFixed(0)}/s` });
  }
  return rows;
}

async function bareLoop(concurrency: number): Promise<number> {
  const script = join(import.meta.dirname, '..', 'bareLoop.mjs');
  const { stdout } = await execa(process.execPath, [script, String(jobs), String(concurrency)]);
  return Number(stdout);
}

async function gnuParallel(program: string, concurrency: number, folder: string): Promise<number> {
  const log = join(folder, `joblog-${performance.now()}`);
  const input = 'true\n'.repeat(jobs);
  const args = ['--joblog', log, '-j', String(concurrency), 'sh', '-c'];
  const ms = await timed(() => execa(program, args, { input, env: { HOME: folder } }));
  return (jobs / ms) * 1000;
}
