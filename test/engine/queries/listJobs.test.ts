import assert from 'node:assert/strict';
import type { ListQuery } from '../../../src/api/job.ts';
import type { StartRequest } from '../../../src/api/options.ts';
import { EngineFixture } from '../../helpers/engine/engineFixture.ts';

describe('The list of jobs', () => {
  let test: EngineFixture;
  beforeEach(async () => (test = await EngineFixture.open()));
  afterEach(() => test[Symbol.asyncDispose]());

  const start = async (request: Partial<StartRequest>): Promise<string> =>
    (await test.engine.startJob({ cwd: test.home, ...request })).job.id;
  const ended = async (request: Partial<StartRequest>): Promise<string> => {
    const id = await start(request);
    await test.engine.waitForJob(id);
    return id;
  };
  const ids = async (query: ListQuery): Promise<string[]> =>
    (await test.engine.listJobs(query)).jobs.map(({ id }) => id);

  it('has the job that ended last first, and its pages go on where the last one ended', async () => {
    const late = await start({ command: 'until [ -e go ]; do sleep 0.02; done; exit 1', session: 'a' });
    const first = await ended({ command: 'true', session: 'a' });
    const second = await ended({ command: 'true', session: 'b' });
    await start({ command: 'true', held: true });
    await ended({ command: `: > go`, session: 'c' });
    await test.engine.waitForJob(late);
    const all = await test.engine.listJobs({ order: 'ended' });
    assert.equal(all.total, 4);
    assert.deepEqual(new Set(all.jobs.slice(0, 2).map(({ session }) => session)), new Set(['a', 'c']));
    assert.deepEqual(
      all.jobs.slice(2).map(({ id }) => id),
      [second, first],
    );
    assert.deepEqual(await ids({ order: 'ended', session: 'a' }), [late, first]);
    assert.deepEqual(await ids({ order: 'ended', status: 'failed,running' }), [late]);

    const page = await test.engine.listJobs({ order: 'ended', session: 'a', limit: 1 });
    assert.equal(page.total, 2);
    await ended({ command: 'true', session: 'a' });
    const next = await test.engine.listJobs({ order: 'ended', session: 'a', limit: 1, cursor: page.cursor! });
    assert.deepEqual([next.jobs.map(({ id }) => id), next.cursor], [[first], null]);
    await assert.rejects(ids({ order: 'ended', cursor: '12' }), /"12" is not a cursor/);
  });

  it('walks over an index when many have ended', async () => {
    const many = Array.from({ length: 1000 }, (_, index) => ({
      ...{ argv: ['true'], cwd: test.home, delayMs: 3_600_000, session: index % 2 ? 'a' : 'b' },
    }));
    const { results } = await test.engine.startJobs(many);
    for (const { job } of results) await test.engine.killJob(job!.id);
    await ended({ command: 'true', session: 'a' });
    for (const session of [undefined, 'a']) {
      const query = { order: 'ended' as const, ...(session !== undefined && { session }) };
      const seen: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const page = await test.engine.listJobs({ ...query, limit: 300, ...(cursor !== '' && { cursor }) });
        assert.equal(page.total, session === undefined ? 1001 : 501);
        seen.push(...page.jobs.map(({ finishedAt, id }) => `${finishedAt} ${id}`));
        cursor = page.cursor;
      }
      assert.equal(new Set(seen).size, session === undefined ? 1001 : 501);
      const times = seen.map((line) => line.slice(0, 24));
      assert.deepEqual(times, times.toSorted().reverse());
    }
  });

  it('finds a job by the words of a text, wherever they occur', async () => {
    const build = await ended({ command: 'echo "Compile ÄÖ"; exit 7', name: 'release build', tags: { team: 'web' } });
    const lint = await ended({ argv: ['printf', 'two words', '%'], session: 'checks' });
    const held = await start({ command: 'true', held: true });
    const canceled = await start({ command: 'true', delayMs: 3_600_000 });
    await test.engine.killJob(canceled);
    const found: [string, string[]][] = [
      ['release', [build]],
      ['BUILD compile', [build]],
      ['exit code 7', [build]],
      ['team=web', [build]],
      ['"compile Ä', [build]],
      ['two checks', [lint]],
      ['succeeded', [lint]],
      ['on hold', [held]],
      ['canceled', [canceled]],
      [lint.slice(0, 8), [lint]],
      ['%', [lint]],
      ['release checks', []],
      ['  ', [canceled, held, lint, build]],
    ];
    for (const [text, jobs] of found) {
      assert.deepEqual(await ids({ text }), jobs, text);
      assert.equal((await test.engine.listJobs({ text, limit: 1 })).total, jobs.length);
    }
    assert.deepEqual(await ids({ text: 'e', order: 'ended', status: 'failed' }), [build]);
  });

  it('calls a job by its new name, and tells since when it is paused', async () => {
    const id = await start({ command: 'sleep 600' });
    const before = Date.now();
    assert.equal((await test.engine.updateJob(id, { name: 'nap' })).name, 'nap');
    const { pausedAt } = await test.engine.pauseJob(id);
    assert.ok(
      pausedAt !== null && Date.parse(pausedAt) >= before && Date.parse(pausedAt) <= Date.now(),
      String(pausedAt),
    );
    const { name, pausedAt: after } = await test.engine.resumeJob(id);
    assert.deepEqual([name, after], ['nap', null]);
    await assert.rejects(test.engine.updateJob(id, { name: ' ' }), /name/);
  });
});
