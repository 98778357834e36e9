import { execa } from 'execa';
import { setTimeout as delay } from 'node:timers/promises';
import { effort } from '../effort.ts';
import { atMost, type Context, type Outcome, type Row } from '../bench.ts';
import { runToEnd, shellJob, withFolder, withHost } from '../benchHost.ts';
import { withPeerQueues, type PeerQueue } from '../peerQueues.ts';
import { canMeasureProcesses, ownMegabytes, residentMegabytes, sleeps } from '../processUsage.ts';

const settleMs = effort(3000, 2000);
const restMs = effort(10_000, 3000);

/** Measures an idle host that has run one job and has one client connected. */
export async function rest(context: Context): Promise<Outcome> {
  if (!canMeasureProcesses) return { rows: [], notes: ['Idle host: measured only on Linux.'] };
  const rows = await withHost(context, async ({ client, pid }) => {
    await runToEnd(client, shellJob('true'));
    await delay(settleMs);
    const before = sleeps(pid);
    await delay(restMs);
    const woken = sleeps(pid) - before;
    const [megabytes, own] = [residentMegabytes(pid), ownMegabytes(pid)];
    return [
      { what: 'idle host: memory', ours: `${megabytes.toFixed(1)} MB`, reach: atMost(megabytes, 60, ' MB') },
      { what: 'idle host: private memory', ours: `${own.toFixed(1)} MB`, reach: atMost(own, 11, ' MB') },
      {
        what: `idle host: wake-ups of all threads in ${restMs / 1000} s`,
        ours: String(woken),
        reach: atMost(woken, 0, ''),
      },
    ];
  });
  return {
    rows: [...rows, ...(await withFolder((folder) => withPeerQueues(context, folder, peerRows)))],
    notes: ['Idle host: the other programs have run one job, as the host has. `nq` keeps no process.'],
  };
}

async function peerRows(queues: readonly PeerQueue[]): Promise<Row[]> {
  for (const { add, env } of queues) await execa(add[0]!, add.slice(1), { env, stdio: 'ignore' });
  await delay(settleMs);
  const before = queues.map((queue) => ({ queue, pid: queue.pid() }));
  const counts = before.map(({ pid }) => (pid === undefined ? NaN : sleeps(pid)));
  await delay(restMs);
  return before.flatMap(({ queue, pid }, index): Row[] => {
    if (pid === undefined) return [];
    const woken = sleeps(pid) - (counts[index] ?? NaN);
    const memory = `${residentMegabytes(pid).toFixed(1)} MB, ${ownMegabytes(pid).toFixed(1)} MB of it private`;
    return [{ what: `for comparison: ${queue.name} at rest`, ours: '', peer: `${memory}; ${woken} wake-ups` }];
  });
}
