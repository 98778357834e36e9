import assert from 'node:assert/strict';
import type { StartRequest } from '../../src/api/options.ts';
import type { ApiClient } from '../../src/client/apiClient.ts';
import { processesOf } from '../helpers/cli.ts';
import { useHostHome } from '../helpers/jobHost.ts';

/** What stays has left the group of the job; the second shows whose it is only by the log that it holds open. */
const daemons = ['setsid sleep 99 & sleep .1', 'env -i setsid sleep 99 & sleep .1'];

/** Another run ended right before, so that what these have left is looked for only later, unless somebody asks. */
describe('a job that has just ended and left a process', () => {
  const home = useHostHome();
  let client: ApiClient;

  beforeEach(async () => {
    client = await home.connect();
    await client.updateHost({ maxConcurrentJobs: 0, maxConcurrentJobsPerSession: 0 });
  });

  async function ended(argv: string[], options: Partial<StartRequest> = {}): Promise<string> {
    const { job } = await client.startJob({ argv, cwd: '/', ...options });
    await client.waitForJob(job.id);
    return job.id;
  }

  /** The daemons of six jobs at once, each with a job that ended right before. */
  function six<T>(work: (id: string) => Promise<T>): Promise<T[]> {
    const one = async (script: string): Promise<T> => {
      await ended(['true']);
      return work(await ended(['sh', '-c', script]));
    };
    return Promise.all([...daemons, ...daemons, ...daemons].map(one));
  }

  const left = (): number => home.processes().length - 1;
  const killed = async (id: string): Promise<unknown> => {
    const { result, leftoversEnded, job } = await client.killJob(id);
    return [result, leftoversEnded, job.leftovers];
  };

  it('is rid of it by the first kill', async () => {
    for (const answer of await six(killed)) assert.deepEqual(answer, ['already_terminated', 1, []]);
    assert.equal(left(), 0);
  });

  it('says so in every answer', async () => {
    const found = await six(async (id) => {
      // Each at once: the first to ask is told.
      const answers = await Promise.all([
        client.getJob(id).then(({ leftovers }) => leftovers),
        client.getRun(`${id}.1`).then(({ leftovers }) => leftovers),
        client.listJobs().then(({ jobs }) => jobs.find((job) => job.id === id)?.leftovers),
        client.inspectJob(id).then(({ leftovers }) => leftovers),
      ]);
      await client.killJob(id);
      return answers.map((leftovers) => leftovers?.length);
    });
    for (const counts of found) assert.deepEqual(counts, [1, 1, 1, 1]);
  });

  it('says so when the wait for its end is over', async () => {
    await ended(['true']);
    for (const script of daemons) {
      const { job } = await client.startJob({ argv: ['sh', '-c', script], cwd: '/' });
      const { job: after } = await client.waitForJob(job.id);
      assert.equal(after.leftovers.length, 1, script);
      await client.killJob(job.id);
    }
  });

  it('is not removed', async () => {
    const answers = await six(async (id) => {
      const refused = await client.removeJob(id).then(
        () => 'removed',
        (error: unknown) => String(error),
      );
      await client.killJob(id);
      await client.removeJob(id);
      return refused;
    });
    for (const answer of answers) assert.match(answer, /1 of its processes are still alive/);
  });

  it('is not cleaned up', async () => {
    const id = await ended(['sh', '-c', daemons[0]!]);
    const { cleaned } = await client.cleanUp({});
    assert.equal(cleaned, 0);
    await client.killJob(id);
    assert.equal((await client.cleanUp({})).cleaned, 1);
  });

  it('is rid of what its earlier runs have left, too', async () => {
    const retry = { maxAttempts: 2, delayMs: 0 };
    const options: Partial<StartRequest> = { timeoutMs: 400, graceMs: 0, retry };
    // The first run ends by itself, the limit ends the second.
    const script = `[ $BGJOBS_RUN_ID = $BGJOBS_JOB_ID.1 ] || exec sleep 99; ${daemons[0]}; exit 1`;
    const id = await ended(['sh', '-c', script], options);
    const { status, leftovers } = await client.getJob(id);
    assert.deepEqual([status, leftovers.length], ['timed_out', 1]);
    await assert.rejects(client.removeJob(id), /still alive/);
    assert.deepEqual(await killed(id), ['already_terminated', 1, []]);
    assert.deepEqual(processesOf(`${id}.1`), []);
  });

  it('is rid of it before a dependent starts, if it says so', async () => {
    // The daemon takes its time.
    const daemon = `setsid sh -c 'trap "sleep .5; exit" TERM; echo up; while :; do sleep .05; done' & sleep .3`;
    const { job } = await client.startJob({ argv: ['sh', '-c', daemon], cwd: '/', leftovers: 'kill' });
    const argv = ['sh', '-c', `grep -l ${job.id}.1 /proc/[0-9]*/environ 2>/dev/null | head -1`];
    const next = await client.startJob({ argv, cwd: '/', dependsOn: [{ job: job.id, condition: 'finished' }] });
    await client.waitForJob(next.job.id);
    assert.deepEqual((await client.getOutput(next.job.id)).chunks, []);
    assert.deepEqual((await client.getJob(job.id)).leftovers, []);
  });
});
