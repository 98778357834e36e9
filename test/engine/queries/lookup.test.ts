import assert from 'node:assert/strict';
import { BgJobsError } from '../../../src/api/errors.ts';
import type { Job } from '../../../src/api/job.ts';
import { EngineFixture, failure } from '../../helpers/engine/engineFixture.ts';

describe('naming a job', () => {
  it('takes the whole id and any unique prefix, in any case', async () => {
    await using test = await EngineFixture.open();
    const { id } = await test.start({ held: true });
    for (const name of [id, id.slice(0, 8), id.slice(0, 1), id.slice(0, 24), id.toUpperCase()]) {
      assert.equal((await test.engine.getJob(name)).id, id);
    }
  });

  it('says which ids there are when there is none of that name', async () => {
    await using test = await EngineFixture.open();
    const jobs: Job[] = [];
    for (let index = 0; index < 12; index++) jobs.push(await test.start({ held: true, name: `job ${index}` }));
    for (const name of ['', 'x', '%', '_', `${jobs[0]!.id}0`, "' OR 1 --", '../..', 'ffffffff-ffff']) {
      await assert.rejects(test.engine.getJob(name), (error: unknown) => {
        assert.ok(error instanceof BgJobsError && error.code === 'job_not_found');
        const known = error.details?.['jobs'] as { shortId: string; name: string; status: string }[];
        assert.deepEqual(known[0], { shortId: jobs[11]!.shortId, name: 'job 11', status: 'held' });
        assert.equal(known.length, 10);
        return true;
      });
    }
  });

  it('asks for more of an id that several begin with', async () => {
    await using test = await EngineFixture.open();
    const jobs: Job[] = [];
    // Seventeen ids have sixteen first letters.
    for (let index = 0; index < 17; index++) jobs.push(await test.start({ held: true }));
    const letters = jobs.map(({ id }) => id.slice(0, 1));
    const letter = letters.find((one, index) => letters.indexOf(one) !== index)!;
    await assert.rejects(test.engine.getJob(letter), (error: unknown) => {
      assert.ok(error instanceof BgJobsError && error.code === 'invalid_request');
      const meant = jobs.map(({ id }) => id).filter((id) => id.startsWith(letter));
      assert.deepEqual(error.details?.['ids'], meant.sort());
      return true;
    });
  });

  it('is the same for a run', async () => {
    await using test = await EngineFixture.open();
    const job = await test.ended(await test.start());
    const { runId } = job.runs[0]!;
    assert.deepEqual(await test.engine.getRun(runId), job.runs[0]);
    assert.deepEqual(await test.engine.getRun(`${job.shortId}.1`), job.runs[0]);
    for (const name of [job.id, `${job.id}.2`, `${job.id}.0`, `${job.id}.x`, '.1', `${job.id}.1.1`, 'ffff.1']) {
      await assert.rejects(test.engine.getRun(name), failure('run_not_found'), name);
    }
  });
});

describe('listing jobs', () => {
  it('gives pages, newest first, that lose and repeat nothing', async () => {
    await using test = await EngineFixture.open();
    const ids: string[] = [];
    for (let index = 0; index < 10; index++) ids.unshift((await test.start({ held: true })).id);
    for (const limit of [1, 3, 5, 9, 10, 11]) {
      const found: string[] = [];
      let pages = 0;
      let cursor: string | null = null;
      do {
        const page = await test.engine.listJobs({ limit, ...(cursor !== null && { cursor }) });
        found.push(...page.jobs.map(({ id }) => id));
        assert.equal(page.total, 10);
        // What is new comes before the first page, and does not move the others.
        if (cursor === null && limit === 3) await test.engine.removeJob((await test.start({ held: true })).id);
        ({ cursor } = page);
        pages++;
      } while (cursor !== null);
      assert.deepEqual(found, ids);
      assert.equal(pages, Math.ceil(10 / limit));
    }
    await assert.rejects(test.engine.listJobs({ cursor: 'x' }), failure('invalid_request', /cursor/));
    await assert.rejects(test.engine.listJobs({ limit: 0 }), failure('invalid_request', /limit/));
    await assert.rejects(test.engine.listJobs({ nosuch: 1 } as never), failure('invalid_request', /nosuch/));
  });

  it('filters by status, group, session and tag', async () => {
    await using test = await EngineFixture.open();
    const held = await test.start({ held: true, session: 'a', tags: { color: 'red' } });
    const failed = await test.ended(await test.sh('exit 1', { session: 'a', tags: { color: 'blue', size: 'b=ig' } }));
    const running = await test.up('echo up; exec sleep 60', { session: 'b', tags: { color: 'red' } });
    const found = async (query: object): Promise<string[]> =>
      (await test.engine.listJobs(query)).jobs.map(({ id }) => id).sort();
    const expect = async (query: object, ...jobs: Job[]): Promise<void> =>
      assert.deepEqual(await found(query), jobs.map(({ id }) => id).sort());
    await expect({}, held, failed, running);
    await expect({ status: 'held' }, held);
    await expect({ status: 'failed, running' }, failed, running);
    await expect({ status: 'waiting,finished' }, held, failed);
    await expect({ session: 'a' }, held, failed);
    await expect({ session: 'nobody' });
    await expect({ tag: 'color' }, held, failed, running);
    await expect({ tag: 'color=red' }, held, running);
    await expect({ tag: 'size=b=ig' }, failed);
    await expect({ tag: 'size=' });
    await expect({ tag: 'color=red', session: 'b', status: 'running' }, running);
    await assert.rejects(found({ status: 'alive' }), failure('invalid_request', /alive.*running/));
    await assert.rejects(found({ status: 'constructor' }), failure('invalid_request'));
  });

  it('lists what a schedule has made', async () => {
    await using test = await EngineFixture.open();
    const schedule = await test.start({ argv: ['true'], cron: '30 4 1 1 *' });
    await test.start({ argv: ['true'], name: 'of nobody' });
    const made = async (id: string): Promise<Job[]> => (await test.engine.listJobs({ schedule: id })).jobs;
    assert.deepEqual(await made(schedule.id), []);
    await test.engine.releaseJob(schedule.id);
    for (const id of [schedule.id, schedule.shortId.toUpperCase()]) {
      const [job, another] = await made(id);
      assert.equal(job?.schedule, schedule.id);
      assert.equal(another, undefined);
    }
    assert.deepEqual(await made('ffffffff'), []);
  });
});
