import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../../src/api/job.ts';
import { isEnded } from '../../src/api/values.ts';
import { connect, type ApiClient } from '../../src/client/apiClient.ts';
import { SideChannel } from '../helpers/slurm/sideChannel.ts';
import { useSlurmHome } from '../helpers/slurm/slurmHome.ts';
import { until } from '../helpers/until.ts';

describe('parts of a cluster fail, and at no time a state is wrong', () => {
  const home = useSlurmHome({
    nodes: 3,
    cpus: 16,
    extra: ['MessageTimeout=2', 'SlurmdTimeout=6', 'TCPTimeout=1', 'KillWait=2', 'MinJobAge=15'],
  });
  let client: ApiClient;
  let side: SideChannel;
  let watching: AbortController;
  let watched: Promise<void>;

  beforeEach(async () => {
    await home.json(['list']);
    client = await connect({ home: home.path, env: { ...process.env, BGJOBS_HOME: home.path }, start: false });
    const folder = join(home.path, `side-${performance.now()}`);
    mkdirSync(folder);
    side = new SideChannel(folder);
    watching = new AbortController();
    watched = watch(watching.signal);
    // It is looked at when the test is through.
    watched.catch(() => undefined);
  });

  afterEach(() => client.dispose());

  async function watch(signal: AbortSignal): Promise<void> {
    for (; !signal.aborted; await sleep(100)) await side.compare(client);
  }

  async function submit(count: number): Promise<Job[]> {
    const jobs = [];
    for (let index = 0; index < count; index++) {
      const entry = side.command(index % 3);
      const { job } = await client.startJob({ cwd: home.path, argv: entry.argv, runner: 'slurm', graceMs: 2000 });
      side.add(job, entry);
      jobs.push(job);
    }
    return jobs;
  }

  async function start(count: number): Promise<Job[]> {
    const jobs = await submit(count);
    await until('all run', async () => {
      const now = await side.compare(client);
      return now.every(({ status, remote }) => status === 'running' && remote?.node) ? true : undefined;
    });
    return jobs;
  }

  const release = (jobs: readonly Job[]): void => {
    for (const { id } of jobs) writeFileSync(side.release(id), '');
  };

  /** Resolves when all have ended. The states were right all the time, and are at the end. */
  async function areRight(): Promise<Job[]> {
    const jobs = await until('all have ended', async () => {
      const now = await side.compare(client);
      return now.every(({ status }) => isEnded(status)) ? now : undefined;
    });
    watching.abort();
    await watched;
    return jobs;
  }

  it('the controller ends and comes back', async () => {
    const jobs = await start(6);
    await home.cluster().controller.end('SIGTERM');
    await until('the silence is known', async () => {
      const { remote } = await client.getJob(jobs[0]!.id);
      return remote?.silentSince ?? undefined;
    });
    release(jobs.slice(0, 4));
    await until('they have ended', () => (jobs.slice(0, 4).every(({ id }) => !side.isAlive(id)) ? true : undefined));
    // Their ends are known without a controller.
    await until('their ends are known', async () => {
      const now = (await side.compare(client)).slice(0, 4);
      return now.every(({ status }) => isEnded(status)) ? true : undefined;
    });
    home.cluster().controller.start();
    await home.cluster().isReady();
    release(jobs);
    const ended = await areRight();
    assert.deepEqual(
      ended.map(({ exitCode }) => exitCode),
      [0, 1, 2, 0, 1, 2],
    );
    assert.equal(ended[5]?.remote?.silentSince, null);
  });

  it('a node daemon is killed and comes back', async () => {
    const jobs = await start(6);
    for (const node of home.cluster().nodes) await node.end('SIGKILL');
    release(jobs.slice(0, 3));
    await until('three have ended', () => (jobs.slice(0, 3).every(({ id }) => !side.isAlive(id)) ? true : undefined));
    for (const node of home.cluster().nodes) node.start();
    release(jobs);
    const ended = await areRight();
    assert.deepEqual(
      ended.map(({ exitCode }) => exitCode),
      [0, 1, 2, 0, 1, 2],
    );
    await home.cluster().isReady();
  });

  it('a node is lost, with jobs that still run on it', async () => {
    const jobs = await start(3);
    const [first] = await side.compare(client);
    const node = home.cluster().nodes.find(({ name }) => name === first!.remote!.node) ?? assert.fail();
    await node.end('SIGKILL');
    const lost = await until('the loss is known', async () => {
      const job = await client.getJob(first!.id);
      return isEnded(job.status) ? job : undefined;
    });
    assert.deepEqual([lost.status, lost.reason], ['lost', 'node_lost']);
    assert.match((await home.bgjobs(['status', lost.id])).stdout, /may still run/);
    assert.ok(side.isAlive(lost.id));
    release(jobs);
    await areRight();
    node.start();
    await home.cluster().isReady();
  });

  // Last, as it leaves nodes that Slurm does not use any more.
  it('the controller is killed soon after submissions, and forgets them', async () => {
    const jobs = await start(6);
    await home.cluster().controller.end('SIGKILL');
    release(jobs.slice(0, 2));
    await until('two have ended', () => (jobs.slice(0, 2).every(({ id }) => !side.isAlive(id)) ? true : undefined));
    home.cluster().controller.start();
    await home.cluster().isReady();
    // Others get the ids of those that were forgotten, and nodes refuse ids that they know.
    const more = await submit(3);
    release([...jobs, ...more]);
    const ended = await areRight();
    assert.deepEqual(
      ended.slice(0, 2).map(({ exitCode }) => exitCode),
      [0, 1],
    );
  });
});
