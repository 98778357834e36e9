import { setTimeout as delay } from 'node:timers/promises';
import { atMost, type Context, type Outcome } from '../bench.ts';
import { runToEnd, shellJob, withHost } from '../benchHost.ts';
import { canMeasureProcesses, ownMegabytes, residentMegabytes, sleeps } from '../processUsage.ts';

const settleMs = 3000;
const restMs = 10_000;

/** Measures an idle host that has run one job and has one client connected. */
export async function rest(context: Context): Promise<Outcome> {
  if (!canMeasureProcesses) return { rows: [], notes: ['Idle host: measured only on Linux.'] };
  return withHost(context, async ({ client, pid }) => {
    await runToEnd(client, shellJob('true'));
    await delay(settleMs);
    const before = sleeps(pid);
    await delay(restMs);
    const woken = sleeps(pid) - before;
    const [megabytes, own] = [residentMegabytes(pid), ownMegabytes(pid)];
    return {
      rows: [
        { what: 'idle host: memory', ours: `${megabytes.toFixed(1)} MB`, reach: atMost(megabytes, 60, ' MB') },
        { what: 'idle host: private memory', ours: `${own.toFixed(1)} MB`, reach: atMost(own, 11, ' MB') },
        { what: 'idle host: wake-ups of all threads in 10 s', ours: String(woken), reach: atMost(woken, 0, '') },
      ],
    };
  });
}
