import { execa } from 'execa';
import { join } from 'node:path';
import which from 'which';
import { atLeast, type Context, type Outcome, type Row } from '../bench.ts';
import { runToEnd, shellJob, withFolder, withHost } from '../benchHost.ts';
import { canMeasureProcesses, cpuSeconds } from '../processUsage.ts';
import { inTurn, median, pairedRatio, perSecond, spread, timed } from '../statistics.ts';

const rounds = 7;
const jobs = 400;

/** Jobs are queued, recorded and run, and their ends are reported to one client, `concurrency` jobs at a time. */
export function short(context: Context): Promise<Outcome> {
  return withFolder((folder) =>
    withHost(context, async ({ client, pid }) => {
      const cpuMs: number[] = [];
      const ours = async (concurrency: number): Promise<number> => {
        const before = canMeasureProcesses ? cpuSeconds(pid) : NaN;
        const rate = await perSecond(jobs, concurrency, async () => void (await runToEnd(client, shellJob('true'))));
        if (canMeasureProcesses) cpuMs.push(((cpuSeconds(pid) - before) * 1000) / jobs);
        return rate;
      };
      const hasTsp = (await which('tsp', { nothrow: true })) !== null;
      // The first jobs of a host are slower, because Node compiles the code.
      await ours(8);
      const rows: Row[] = [];
      for (const concurrency of [8, 16]) {
        const rates = await inTurn(rounds, {
          bare: () => bareLoop(concurrency),
          ours: () => ours(concurrency),
          tsp: () => (hasTsp ? taskSpooler(concurrency, folder) : Promise.resolve(NaN)),
        });
        const what = `short jobs through the whole path, ${concurrency} at a time`;
        const [bare, own] = [spread(rates.bare, '/s', 0), spread(rates.ours, '/s', 0)];
        const ratio = pairedRatio(rates.ours, rates.bare);
        rows.push({ what, ours: own, peer: bare, ratio, reach: atLeast(ratio, 0.6, '×') });
        rows.push({ what: `${what}: rate`, ours: own, reach: atLeast(median(rates.ours), 400, '/s') });
        if (!hasTsp) continue;
        const tspRatio = pairedRatio(rates.tsp, rates.bare);
        rows.push({
          what: `for comparison: tsp, ${concurrency} at a time`,
          ours: spread(rates.tsp, '/s', 0),
          peer: bare,
          ratio: tspRatio,
        });
      }
      if (canMeasureProcesses) {
        rows.push({ what: 'for comparison: host CPU per short job', ours: spread(cpuMs, ' ms', 1) });
      }
      const notes = ['Short jobs: the peer is a Node loop that spawns `sh -c true`, with the same number at a time.'];
      if (!hasTsp) notes.push('Short jobs: `tsp` (task spooler) is not installed, so there is no comparison with it.');
      return { rows, notes };
    }),
  );
}

async function bareLoop(concurrency: number): Promise<number> {
  const script = join(import.meta.dirname, '..', 'bareLoop.mjs');
  const { stdout } = await execa(process.execPath, [script, String(jobs), String(concurrency)]);
  return Number(stdout);
}

/** Uses the task spooler as people do: puts all jobs into its queue and waits for the last one. */
async function taskSpooler(concurrency: number, folder: string): Promise<number> {
  const env = { TS_SOCKET: join(folder, 'tsp.sock'), TMPDIR: folder };
  await execa('tsp', ['-S', String(concurrency)], { env });
  try {
    const ms = await timed(() =>
      execa('sh', ['-c', `for i in $(seq ${jobs}); do tsp sh -c true; done; tsp -w`], { env }),
    );
    return (jobs / ms) * 1000;
  } finally {
    await execa('tsp', ['-K'], { env });
  }
}
