import { execa } from 'execa';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { effort } from '../effort.ts';
import { atLeast, atMost, type Context, type Outcome, type Row } from '../bench.ts';
import { shellJob, withFolder, withHost, type BenchHost } from '../benchHost.ts';
import { canMeasureProcesses, ownMegabytes } from '../processUsage.ts';
import { inTurn, pairedRatio, spread, timed } from '../statistics.ts';

const rounds = effort(5, 1);
const tasks = effort(1000, 200);
const concurrency = 8;
const submitted = 10_000;
const submissions = effort(3, 1);

/** An array from its request to its end, beside GNU parallel with a job log; and what it costs to submit many tasks. */
export async function arrays(context: Context): Promise<Outcome> {
  const { parallel } = await context.peers();
  return withFolder((folder) =>
    withHost(context, async (host) => {
      // The first tasks of a host are slower, because Node compiles the code.
      await rateOfArray(host);
      const rates = await inTurn(rounds, {
        ours: () => rateOfArray(host),
        peer: () => (parallel ? rateOfParallel(parallel, folder) : Promise.resolve(NaN)),
      });
      const what = `array of ${tasks.toLocaleString('en')} tasks of \`true\`, ${concurrency} at a time`;
      const ratio = pairedRatio(rates.ours, rates.peer);
      const rows: Row[] = [
        {
          what,
          ours: spread(rates.ours, '/s', 0),
          ...(parallel && { peer: spread(rates.peer, '/s', 0), ratio, reach: atLeast(ratio, 2, '×') }),
        },
        ...(await withHost(context, submissionRows)),
      ];
      return {
        rows,
        notes: [
          parallel
            ? 'Arrays: the peer is GNU parallel with a job log (`--joblog`).'
            : 'Arrays: GNU parallel is not installed, so there is no comparison with it.',
        ],
      };
    }),
  );
}

async function rateOfArray({ client }: BenchHost): Promise<number> {
  const request = { ...shellJob(''), argv: ['true'], array: { tasks: `1-${tasks}%${concurrency}` } };
  const ms = await timed(async () => {
    const { job } = await client.startJob(request);
    const ended = await client.waitForJob(job.id);
    if (ended.job.array?.byStatus.completed !== tasks) throw new Error('not all tasks completed');
  });
  return (tasks / ms) * 1000;
}

async function rateOfParallel(program: string, folder: string): Promise<number> {
  const log = join(folder, `joblog-${performance.now()}`);
  const numbers = Array.from({ length: tasks }, (_, index) => String(index + 1)).join('\n');
  const args = ['--joblog', log, '-j', String(concurrency), 'true'];
  const ms = await timed(() => execa(program, args, { input: numbers, env: { HOME: folder } }));
  return (tasks / ms) * 1000;
}

/** The queue is paused, so that only the submission is measured. */
async function submissionRows({ client, home, pid }: BenchHost): Promise<Row[]> {
  await client.pauseQueue();
  const times: number[] = [];
  const memory: number[] = [];
  const store: number[] = [];
  for (let round = 0; round < submissions; round++) {
    const before = [canMeasureProcesses ? ownMegabytes(pid) : NaN, storeMegabytes(home)] as const;
    const request = { ...shellJob(''), argv: ['true'], array: { tasks: `1-${submitted}%${concurrency}` } };
    times.push(await timed(() => client.startJob(request)));
    if (canMeasureProcesses) memory.push(ownMegabytes(pid) - before[0]);
    store.push(storeMegabytes(home) - before[1]);
  }
  const what = 'submit 10,000 tasks';
  return [
    { what, ours: spread(times, ' ms', 0), reach: atMost(Math.max(...times), 1000, ' ms') },
    ...(canMeasureProcesses
      ? [
          {
            what: `${what}: growth of the host's own memory`,
            ours: spread(memory, ' MB', 1),
            reach: atMost(Math.max(...memory), 20, ' MB'),
          },
        ]
      : []),
    {
      what: `${what}: growth of the store, with its log of changes`,
      ours: spread(store, ' MB', 1),
      reach: atMost(Math.max(...store), 20, ' MB'),
    },
  ];
}

function storeMegabytes(home: string): number {
  const size = (name: string): number => statSync(join(home, name), { throwIfNoEntry: false })?.size ?? 0;
  return (size('jobs.db') + size('jobs.db-wal')) / 1024 ** 2;
}
