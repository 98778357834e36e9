import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '../../src/client/apiClient.ts';
import { atMost, type Context, type Outcome, type Row } from '../bench.ts';
import { runToEnd, shellJob, withHost, type BenchHost } from '../benchHost.ts';
import { effort } from '../effort.ts';
import { canMeasureProcesses, residentMegabytes } from '../processUsage.ts';
import { percentile, perSecond, timed } from '../statistics.ts';

const clients = 200;
const lists = effort(10, 3);
const followers = 50;
const lines = effort(2000, 300);
const floods = 24;
const shortJobs = effort(20_000, 1000);

/** What a host answers, and how much memory it takes, when much is asked of it at once and for long. */
export async function load(context: Context): Promise<Outcome> {
  const rows: Row[] = [];
  for (const measure of [manyClients, manyFollowers, manyFloods, manyShort]) {
    rows.push(...(await withHost(context, measure)));
  }
  return { rows, notes: ['Load: all clients and followers are in one process, whose own work is in their times.'] };
}

async function manyClients({ client, home }: BenchHost): Promise<Row[]> {
  for (let job = 0; job < 50; job++) await runToEnd(client, shellJob('true'));
  const own = await Promise.all(Array.from({ length: clients }, () => connect({ home, start: false })));
  try {
    const times: number[] = [];
    const ask = async (one: (typeof own)[number]): Promise<void> => {
      for (let count = 0; count < lists; count++) {
        times.push(await timed(() => one.listJobs({ limit: 50 })));
      }
    };
    await Promise.all(own.map(ask));
    return [answers(`${clients} clients list 50 jobs at once`, times, atMost(percentile(times, 99), 200, ' ms'))];
  } finally {
    for (const one of own) one.dispose();
  }
}

/** The lines carry the time at which they were written. */
async function manyFollowers({ client, pid }: BenchHost): Promise<Row[]> {
  const script = `let left = ${lines}; const timer = setInterval(() => {
    console.log(Date.now()); if (--left === 0) clearInterval(timer); }, 2)`;
  const { job } = await client.startJob({ argv: [process.execPath, '-e', script], cwd: '/' });
  const lags: number[] = [];
  let complete = 0;
  const follow = async (): Promise<void> => {
    let text = '';
    for await (const chunk of client.followOutput(job.id, {}, new AbortController().signal)) {
      text += chunk.text;
      const last = Number(chunk.text.trimEnd().split('\n').at(-1));
      lags.push(Date.now() - last);
    }
    if (text.split('\n').length - 1 === lines) complete++;
  };
  await Promise.all(Array.from({ length: followers }, follow));
  const what = `${followers} followers of one job`;
  return [
    { what: `${what}: complete`, ours: `${complete} of ${followers}` },
    answers(`${what}: from line to follower`, lags),
    ...memory(what, pid),
  ];
}

async function manyFloods({ client, pid }: BenchHost): Promise<Row[]> {
  const flood = shellJob('timeout 4 yes; true', { maxLogBytes: 16 * 1024 ** 2 });
  const ids = await Promise.all(Array.from({ length: floods }, async () => (await client.startJob(flood)).job.id));
  const times: number[] = [];
  let running = floods;
  const ended = Promise.all(ids.map((id) => client.waitForJob(id, { for: 'exit' }).then(() => running--)));
  while (running > 0) {
    times.push(await timed(() => client.listJobs({ limit: 50 })));
    await delay(20);
  }
  await ended;
  const what = `${floods} floods of output`;
  return [answers(`${what}: a list`, times), ...memory(what, pid)];
}

/** The first and the last tenth of many jobs in a row, and the memory after each. */
async function manyShort({ client, pid }: BenchHost): Promise<Row[]> {
  const part = shortJobs / 10;
  const run = async (count: number): Promise<number[]> => {
    const times: number[] = [];
    await perSecond(count, 8, async () => void times.push(await timed(() => runToEnd(client, shellJob('true')))));
    return times;
  };
  // At rest the host gives memory back.
  const atRest = async (): Promise<number> => {
    await delay(3000);
    return canMeasureProcesses ? residentMegabytes(pid) : NaN;
  };
  const first = await run(part);
  const before = await atRest();
  await run(shortJobs - 2 * part);
  const last = await run(part);
  const after = await atRest();
  const what = `${shortJobs.toLocaleString('en')} short jobs in a row, 8 at a time`;
  const growth = (percent: number): number => percentile(last, percent) / percentile(first, percent);
  return [
    ...[50, 99].map((percent) => ({
      what: `${what}: p${percent} of the last tenth, to the first`,
      ours: `${percentile(last, percent).toFixed(0)} ms`,
      peer: `${percentile(first, percent).toFixed(0)} ms`,
      ratio: growth(percent),
      reach: atMost(growth(percent), 1.2, '×'),
    })),
    {
      what: `${what}: memory at rest after the last tenth, to the first`,
      ours: `${after.toFixed(0)} MB`,
      peer: `${before.toFixed(0)} MB`,
      ratio: after / before,
      reach: atMost(after / before, 1.2, '×'),
    },
  ];
}

function answers(what: string, times: readonly number[], reach?: Row['reach']): Row {
  const [middle, slow] = [50, 99].map((percent) => percentile(times, percent).toFixed(1));
  return { what: `${what}: p50, p99`, ours: `${middle}, ${slow} ms`, ...(reach && { reach }) };
}

function memory(what: string, pid: number): Row[] {
  if (!canMeasureProcesses) return [];
  return [{ what: `${what}: memory of the host`, ours: `${residentMegabytes(pid).toFixed(0)} MB` }];
}
