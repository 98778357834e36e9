import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Job } from '../../../src/api/job.ts';
import { until } from '../../helpers/until.ts';
import { EngineFixture, failure } from '../../helpers/engine/engineFixture.ts';

async function finished(test: EngineFixture, count: number): Promise<Job[]> {
  const jobs: Job[] = [];
  for (let index = 0; index < count; index++) jobs.push(await test.ended(await test.sh(`exit ${index % 2}`)));
  return jobs;
}

/** Makes jobs older than they are. */
function age(test: EngineFixture, jobs: readonly Job[], ms: number): void {
  using database = new DatabaseSync(test.path('jobs.db'));
  const change = database.prepare(
    'UPDATE jobs SET createdAt = createdAt - ?1, finishedAt = finishedAt - ?1 WHERE id = ?2',
  );
  for (const { id } of jobs) change.run(ms, id);
}

async function ids(test: EngineFixture): Promise<string[]> {
  return (await test.engine.listJobs()).jobs.map(({ id }) => id).reverse();
}

const idsOf = (jobs: readonly Job[]): string[] => jobs.map(({ id }) => id);

describe('cleaning up', () => {
  it('removes by age', async () => {
    await using test = await EngineFixture.open();
    const jobs = await finished(test, 4);
    age(test, jobs.slice(0, 3), 3_600_000);
    assert.deepEqual(await test.engine.cleanUp({ olderThanMs: 1_800_000 }), { cleaned: 3, remaining: 1 });
    assert.deepEqual(await ids(test), idsOf(jobs.slice(3)));
  });

  it('keeps the newest', async () => {
    await using test = await EngineFixture.open();
    const jobs = await finished(test, 5);
    assert.deepEqual(await test.engine.cleanUp({ keep: 2 }), { cleaned: 3, remaining: 2 });
    assert.deepEqual(await ids(test), idsOf(jobs.slice(3)));
    assert.deepEqual(await test.engine.cleanUp({ keep: 2 }), { cleaned: 0, remaining: 2 });
  });

  it('removes by status and by session', async () => {
    await using test = await EngineFixture.open();
    const jobs = await finished(test, 4);
    const other = await test.ended(await test.sh('exit 1', { session: 'other' }));
    assert.equal((await test.engine.cleanUp({ status: 'failed,killed', session: 'default' })).cleaned, 2);
    assert.deepEqual(await ids(test), [jobs[0]?.id, jobs[2]?.id, other.id]);
    assert.equal((await test.engine.cleanUp({ status: 'finished' })).cleaned, 3);
    await assert.rejects(test.engine.cleanUp({ status: 'running' }), failure('invalid_request', /running|starting/));
    await assert.rejects(test.engine.cleanUp({ status: 'gone' }), failure('invalid_request', /gone/));
    await assert.rejects(test.engine.cleanUp({ keep: -1 }), failure('invalid_request', /keep/));
  });

  it('keeps the last 100 runs of a job that is started again and again', async () => {
    await using test = await EngineFixture.open();
    const restart = { policy: 'always', delayMs: 0, maxRestarts: 5, windowMs: 1 } as const;
    const job = await test.sh('echo "run $BGJOBS_RUN_ID"', { restart });
    await until('there are more', async () => ((await test.engine.getJob(job.id)).run ?? 0) >= 103 || undefined);
    await test.engine.killJob(job.id);
    const { run: last, runs } = await test.engine.getJob(job.id);
    assert.equal(runs.length, last);
    await test.close();
    await test.open();
    const kept = await until('the others are removed', async () => {
      const found = await test.engine.getJob(job.id);
      return found.runs.length === 100 ? found : undefined;
    });
    assert.deepEqual([kept.run, kept.runs.at(-1)?.number, kept.runs[0]?.number], [last, last, (last ?? 0) - 99]);
    await until('their logs, too', () => (readdirSync(test.path('runs')).length === 100 ? true : undefined));
    const { chunks } = await test.engine.getOutput(job.id, { run: kept.runs[0]?.number });
    assert.equal(chunks[0]?.text, `run ${kept.runs[0]?.runId}\n`);
    await assert.rejects(test.engine.getOutput(job.id, { run: 1 }), failure('run_not_found'));
  });

  it('only counts in a dry run', async () => {
    await using test = await EngineFixture.open();
    const jobs = await finished(test, 3);
    assert.deepEqual(await test.engine.cleanUp({ keep: 1, dryRun: true }), { cleaned: 2, remaining: 1 });
    assert.deepEqual(await ids(test), idsOf(jobs));
    assert.ok(jobs.every(({ runs }) => existsSync(runs[0]!.logs.stdout)));
  });

  it('leaves alone what is pinned, what runs and what waits', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const [pinned] = await finished(test, 2);
    await test.engine.updateJob(pinned!.id, { pinned: true });
    const running = await test.up('echo up; exec sleep 60');
    const waiting = [await test.start(), await test.start({ held: true })];
    assert.deepEqual(await test.engine.cleanUp({ olderThanMs: 0, keep: 0 }), { cleaned: 1, remaining: 1 });
    assert.deepEqual(await ids(test), idsOf([pinned!, running, ...waiting]));
  });

  it('leaves alone what others need, until they are removed', async () => {
    await using test = await EngineFixture.open();
    const [needed] = await finished(test, 1);
    const held = await test.start({ held: true, dependsOn: [{ job: needed!.id }] });
    assert.deepEqual(await test.engine.cleanUp(), { cleaned: 0, remaining: 1 });
    await test.engine.removeJob(held.id);
    assert.deepEqual(await test.engine.cleanUp(), { cleaned: 1, remaining: 0 });
  });

  it('never removes a job that was restarted just then', async () => {
    await using test = await EngineFixture.open();
    const jobs = await finished(test, 3);
    const cleaning = test.engine.cleanUp();
    const restarted = await test.engine.restartJob(jobs[0]!.id);
    assert.equal((await cleaning).cleaned, 2);
    assert.equal((await test.ended(restarted)).run, 2);
  });
});

describe('cleaning by the settings', () => {
  it('happens at the start, by age, number and bytes, and spares what is pinned', async () => {
    await using test = await EngineFixture.open();
    const jobs = await finished(test, 6);
    const [old, pinned, , big, , last] = jobs as [Job, Job, Job, Job, Job, Job];
    await test.engine.updateJob(pinned.id, { pinned: true });
    age(test, [old, pinned], 3_600_000);
    await test.engine.updateHost({ keepFinishedMs: 1_800_000 });
    const reopen = async (remaining: readonly Job[]): Promise<void> => {
      await test.close();
      await test.open();
      await until('it is cleaned', async () => ((await ids(test)).length === remaining.length ? true : undefined));
      assert.deepEqual(await ids(test), idsOf(remaining));
    };
    await reopen(jobs.slice(1));
    await test.engine.updateHost({ keepFinishedJobs: 3 });
    await reopen([pinned, big, ...jobs.slice(4)]);

    await test.ended(await test.engine.restartJob(last.id));
    const bytes = await test.ended(await test.sh('head -c 300000 /dev/zero'));
    await test.engine.updateHost({ keepFinishedJobs: 100, keepLogBytes: 200_000 });
    assert.ok(bytes.runs[0]!.stdoutBytes > 200_000);
    await reopen([pinned]);
  });

  it('keeps the newest of each session, so that one with many jobs does not push out the others', async () => {
    await using test = await EngineFixture.open();
    const others = [];
    for (let index = 0; index < 3; index++)
      others.push(await test.ended(await test.sh('exit 0', { session: 'other' })));
    const jobs = await finished(test, 5);
    await test.engine.updateHost({ cleanupIntervalMs: 1000, keepFinishedJobs: 4, keepFinishedJobsPerSession: 2 });
    const remaining = [...others.slice(1), ...jobs.slice(1)];
    await until('it is cleaned', async () => ((await ids(test)).length === remaining.length ? true : undefined));
    assert.deepEqual(await ids(test), idsOf(remaining));
    await test.engine.updateHost({ keepFinishedJobs: 1 });
    await until('one of each is left', async () => ((await ids(test)).length === 2 ? true : undefined));
    assert.deepEqual(await ids(test), idsOf([...others.slice(2), ...jobs.slice(4)]));
  });

  it('removes the oldest until the logs of the others fit', async () => {
    await using test = await EngineFixture.open();
    const jobs: Job[] = [];
    for (let index = 0; index < 5; index++) jobs.push(await test.ended(await test.sh('head -c 100000 /dev/zero')));
    await test.engine.updateJob(jobs[0]!.id, { pinned: true });
    await test.engine.updateHost({ keepLogBytes: 320_000, cleanupIntervalMs: 1000 });
    await until('three are left', async () => ((await ids(test)).length === 3 ? true : undefined));
    assert.deepEqual(await ids(test), idsOf([jobs[0]!, jobs[3]!, jobs[4]!]));
  });

  it('removes large logs of one session before the newest jobs of another', async () => {
    await using test = await EngineFixture.open({ keepFinishedJobsPerSession: 1 });
    const other = await test.ended(await test.sh('head -c 1000 /dev/zero', { session: 'other' }));
    const jobs: Job[] = [];
    for (let index = 0; index < 4; index++) jobs.push(await test.ended(await test.sh('head -c 100000 /dev/zero')));
    await test.engine.updateHost({ keepLogBytes: 220_000, cleanupIntervalMs: 1000 });
    await until('three are left', async () => ((await ids(test)).length === 3 ? true : undefined));
    assert.deepEqual(await ids(test), idsOf([other, jobs[2]!, jobs[3]!]));
  });

  it('happens again and again, as often as was said last', async () => {
    await using test = await EngineFixture.open();
    await finished(test, 2);
    await test.engine.updateHost({ cleanupIntervalMs: 1000, keepFinishedJobs: 1 });
    await until('one is left', async () => ((await ids(test)).length === 1 ? true : undefined));
  });

  it('sweeps up what a host that was killed has left of removed jobs, and nothing else', async () => {
    await using test = await EngineFixture.open({ cleanupIntervalMs: 1000 });
    const [damaged] = (await finished(test, 1)) as [Job];
    mkdirSync(test.path('runs/of-somebody-else'));
    await test.close();
    {
      using database = new DatabaseSync(test.path('jobs.db'));
      database.prepare("UPDATE jobs SET spec = '{' WHERE id = ?").run(damaged.id);
    }
    await test.open();
    await sweptTwice(test);
    assert.ok(existsSync(damaged.runs[0]!.logs.stdout) && existsSync(test.path('runs/of-somebody-else')));
    assert.equal((await test.engine.listJobs()).total, 0);
    assert.match((await test.engine.getHost()).warnings.join(), new RegExp(damaged.id));
    test.logged.length = 0;
  });

  it('keeps the logs of a store that was lost', async () => {
    await using test = await EngineFixture.open({ cleanupIntervalMs: 1000 });
    const [job] = (await finished(test, 1)) as [Job];
    await test.close();
    writeFileSync(test.path('jobs.db'), 'this was a database\n'.repeat(1000));
    await test.open();
    await sweptTwice(test);
    assert.ok(existsSync(job.runs[0]!.logs.stdout));
    assert.match((await test.engine.getHost()).warnings.join(), /set aside/);
    test.logged.length = 0;
  });
});

/** What the first sweep has not taken when the second has begun, it has left. */
async function sweptTwice(test: EngineFixture): Promise<void> {
  for (let sweep = 0; sweep < 2; sweep++) {
    const { id } = await test.engine.removeJob((await test.ended(await test.start())).id);
    const folder = test.path(`runs/${id}.1`);
    mkdirSync(folder);
    await until('it is swept up', () => (existsSync(folder) ? undefined : true));
  }
}
