import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ApiClient } from '../../src/client/apiClient.ts';
import type { JobEvent } from '../../src/api/events.ts';
import type { Job } from '../../src/api/job.ts';
import type { DependencyCondition } from '../../src/api/options.ts';
import { isEnded, type JobStatus } from '../../src/api/values.ts';
import { bundledCli } from '../helpers/bundle.ts';
import { useHostHome } from '../helpers/jobHost.ts';
import { randomNumbers, withRandomNumbers } from '../helpers/random.ts';
import { until } from '../helpers/until.ts';

const size = 200;
const kills = 30;

interface Node {
  number: number;
  exitCode: number;
  needs: { on: Node; condition: DependencyCondition }[];
  session: string;
  priority: number;
}

/** Layers of ten, with many ways between two jobs, in which every seventh job or so fails. */
function makeGraph(random: (limit: number) => number): Node[] {
  const conditions = ['succeeded', 'succeeded', 'finished', 'started'] as const;
  const nodes: Node[] = [];
  for (let number = 0; number < size; number++) {
    const above = nodes.slice(Math.max(0, number - 30), Math.max(0, number - (number % 10)));
    const needs =
      above.length === 0
        ? []
        : Array.from({ length: random(4) }, () => ({
            on: above[random(above.length)] ?? assert.fail(),
            condition: conditions[random(conditions.length)] ?? assert.fail(),
          }));
    const exitCode = [0, 0, 0, 0, 0, 1, 3][random(7)] ?? 0;
    nodes.push({ number, exitCode, needs, session: `s${random(4)}`, priority: 1 + random(10) });
  }
  return nodes;
}

/** How each job ends. */
function expectedEnds(nodes: readonly Node[]): JobStatus[] {
  const ends: JobStatus[] = [];
  for (const { exitCode, needs } of nodes) {
    const fails = ({ on, condition }: Node['needs'][number]): boolean =>
      condition === 'succeeded'
        ? ends[on.number] !== 'completed'
        : condition === 'started' && ends[on.number] === 'cancelled';
    ends.push(needs.some(fails) ? 'cancelled' : exitCode === 0 ? 'completed' : 'failed');
  }
  return ends;
}

/** Starts the whole graph before anything of it runs. Each run notes its id in a file. @returns the jobs' ids */
async function startGraph(client: ApiClient, nodes: readonly Node[], cwd: string): Promise<string[]> {
  await client.pauseQueue();
  const ids: string[] = [];
  for (const { number, exitCode, needs, session, priority } of nodes) {
    const { job } = await client.startJob({
      argv: ['sh', '-c', `echo "$BGJOBS_RUN_ID" >>ran; exit ${exitCode}`],
      cwd,
      name: `job ${number}`,
      session,
      priority,
      dependsOn: needs.map(({ on, condition }) => ({ job: ids[on.number] ?? '', condition })),
    });
    ids.push(job.id);
  }
  await client.updateHost({ maxConcurrentJobs: 6, maxConcurrentJobsPerSession: 3 });
  await client.resumeQueue();
  return ids;
}

async function allEnded(client: ApiClient): Promise<Job[]> {
  return until('all jobs have ended', async () => {
    const { jobs } = await client.listJobs({ limit: 1000 });
    return jobs.every(({ status }) => isEnded(status)) ? jobs.reverse() : undefined;
  });
}

/** Each job as the model says, with one run at most, and every run's process once. */
function checkEnds(jobs: readonly Job[], nodes: readonly Node[], ran: readonly string[]): void {
  const ends = expectedEnds(nodes);
  assert.deepEqual(
    jobs.map(({ name, status, exitCode, runs }) => ({ name, status, exitCode, runs: runs.length })),
    nodes.map(({ number, exitCode }) => {
      const isCancelled = ends[number] === 'cancelled';
      const seen = { exitCode: isCancelled ? null : exitCode, runs: isCancelled ? 0 : 1 };
      return { name: `job ${number}`, status: ends[number], ...seen };
    }),
  );
  for (const job of jobs) if (job.status === 'cancelled') assert.equal(job.reason, 'dependency_failed');
  const runIds = jobs.flatMap((job) => job.runs.map(({ runId }) => runId));
  assert.deepEqual([...ran].sort(), runIds.sort());
}

/** Each job began behind the event for which it had waited. */
async function checkOrder(client: ApiClient, nodes: readonly Node[], ids: readonly string[]): Promise<void> {
  const reached = new Map<string, number>();
  for (let since = 0, more = true; more;) {
    const page = await client.getEvents({ since, limit: 1000 });
    for (const event of page.events) if (event.to !== null) reached.set(key(event), event.seq);
    ({ next: since, more } = page);
  }
  const at = (number: number, ...statuses: JobStatus[]): number =>
    Math.min(...statuses.map((status) => reached.get(`${ids[number]} ${status}`) ?? Infinity));
  for (const { number, needs } of nodes) {
    const begun = at(number, 'starting');
    for (const { on, condition } of needs) {
      const met =
        condition === 'started'
          ? at(on.number, 'running', 'completed', 'failed') // A host that was killed may see only the end.
          : at(on.number, 'completed', 'failed', 'cancelled');
      assert.ok(begun === Infinity || met < begun, `job ${number} began before job ${on.number} had ${condition}`);
    }
  }
}

function key({ jobId, to }: JobEvent): string {
  return `${jobId} ${to}`;
}

describe(`a graph of ${size} jobs`, function () {
  this.retries(0);

  const home = useHostHome();
  const connect = async (): Promise<ApiClient> =>
    home.connect({ script: join(dirname(await bundledCli()), 'host.js') });
  const ran = (): string[] => readFileSync(join(home.path, 'ran'), 'utf8').trim().split('\n');

  it('runs in a valid order, and ends as its failures say', async () => {
    const nodes = makeGraph(randomNumbers(1));
    const statuses = new Set(expectedEnds(nodes));
    assert.deepEqual([...statuses].sort(), ['cancelled', 'completed', 'failed']);
    const client = await connect();
    const ids = await startGraph(client, nodes, home.path);
    checkEnds(await allEnded(client), nodes, ran());
    await checkOrder(client, nodes, ids);
  });

  it(`ends the same when its host is killed with SIGKILL ${kills} times`, () =>
    withRandomNumbers(async (random) => {
      const nodes = makeGraph(randomNumbers(2));
      const client = await connect();
      const ids = await startGraph(client, nodes, home.path);
      const count = expectedEnds(nodes).filter((status) => status !== 'cancelled').length;
      for (let kill = 0; kill < kills; kill++) {
        const enough = Math.floor((count * kill) / kills);
        await until(`${enough} have run`, async () =>
          (await client.listJobs({ status: 'finished', limit: 1 })).total >= enough ? true : undefined,
        );
        for (let turns = random(20); turns > 0; turns--) await client.getHost();
        await home.killHost();
      }
      checkEnds(await allEnded(client), nodes, ran());
      await checkOrder(client, nodes, ids);
    }));
});
