import { join } from 'node:path';
import type { StartRequest } from '../../src/api/options.ts';
import { effort } from '../effort.ts';
import { atMost, type Context, type Outcome } from '../bench.ts';
import { runToEnd, shellJob, startHost, endHost, withFolder, type BenchHost } from '../benchHost.ts';
import { canMeasureProcesses, cpuSeconds } from '../processUsage.ts';
import { inTurn, median, perSecond, spread } from '../statistics.ts';

const waiting = 1000;
const rounds = effort(9, 1);
const jobs = 200;
/** Scheduling decisions per short job: one at its start, and one when its end has freed its slot. */
const decisions = 2;

/** Compares a host that has a long queue with one that has none: how much CPU time the queue adds to each decision. */
export function manyWaiting(context: Context): Promise<Outcome> {
  if (!canMeasureProcesses) return Promise.resolve({ rows: [] });
  return withFolder(async (folder) => {
    const full = await startHost(context, join(folder, 'full'));
    const empty = await startHost(context, join(folder, 'empty'));
    try {
      await fillQueue(full);
      for (const host of [full, empty, full, empty]) await cpuMs(host);
      const times = await inTurn(rounds, { full: () => cpuMs(full), empty: () => cpuMs(empty) });
      const more = times.full.map((ms, round) => (ms - (times.empty[round] ?? NaN)) / decisions);
      const { jobs: left } = await full.client.getQueue();
      if (left.length !== waiting) throw new Error(`${left.length} jobs wait`);
      const what = '1,000 waiting jobs';
      return {
        rows: [
          {
            what: `${what}: host CPU per short job`,
            ours: spread(times.full, ' ms', 2),
            peer: spread(times.empty, ' ms', 2),
          },
          {
            what: `${what}: host CPU added to each scheduling decision`,
            ours: spread(more, ' ms', 2),
            reach: atMost(median(more), 1, ' ms'),
          },
        ],
        notes: [
          'Waiting jobs: the peer is a host with an empty queue. The jobs wait for a held job, for a mutex or for ' +
            'a slot of their session, in 20 sessions and with all priorities. A short job of another session passes ' +
            'them twice.',
        ],
      };
    } finally {
      await endHost(full);
      await endHost(empty);
    }
  });
}

/** In each of 20 sessions, one job runs forever. It has the only slot or the mutex that the others need. */
async function fillQueue({ client }: BenchHost): Promise<void> {
  const sessions = Array.from({ length: 20 }, (_, index) => `s${index}`);
  const full = sessions.slice(0, 7);
  await client.updateHost({ sessionLimits: Object.fromEntries(full.map((session) => [session, 1])) });
  for (const session of sessions) {
    await client.startJob(shellJob('exec sleep 3600', { session, mutex: session }));
  }
  const { job: held } = await client.startJob(shellJob('true', { held: true }));
  const reasons = (session: string, index: number): Partial<StartRequest> =>
    full.includes(session) ? {} : index % 2 === 0 ? { mutex: session } : { dependsOn: [{ job: held.id }] };
  for (let index = 0; index < waiting; index++) {
    const session = sessions[index % sessions.length] ?? '';
    const priority = 1 + (index % 10);
    await client.startJob(shellJob('true', { session, priority, ...reasons(session, Math.floor(index / 20)) }));
  }
}

/** CPU time of the host per short job, in milliseconds. */
async function cpuMs({ pid, client }: BenchHost): Promise<number> {
  const before = cpuSeconds(pid);
  await perSecond(jobs, 8, async () => void (await runToEnd(client, shellJob('true'))));
  return ((cpuSeconds(pid) - before) * 1000) / jobs;
}
