import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Job } from '../../src/api/job.ts';
import type { StartRequest } from '../../src/api/options.ts';
import { useInProcessHost } from '../helpers/inProcessHost.ts';

describe('an array of tasks', () => {
  const test = useInProcessHost();

  async function start(request: Partial<StartRequest>): Promise<Job> {
    const { job } = await test.client.startJob({ argv: ['true'], cwd: test.home, ...request });
    return job;
  }
  const sh = (script: string, request: Partial<StartRequest>) => start({ argv: ['sh', '-c', script], ...request });
  const ended = async ({ id }: Job): Promise<Job> => (await test.client.waitForJob(id)).job;
  const tasks = async ({ id }: Job): Promise<Job[]> => (await test.client.listJobs({ array: id, limit: 1000 })).jobs;
  const counts = async ({ id }: Job) => (await test.client.getJob(id)).array?.byStatus;
  const text = async (id: string): Promise<string> => {
    const { chunks } = await test.client.getOutput(id);
    return chunks.map((chunk) => chunk.text).join('');
  };
  const path = (name: string): string => join(test.home, name);

  it('is one job with counts, and its tasks are jobs with numbers', async () => {
    const array = await sh('echo "task {#} $BGJOBS_TASK"; exit {}', { array: { tasks: '0-2' }, name: 'three' });
    assert.deepEqual(array.array?.tasks, 3);
    const job = await ended(array);
    assert.equal(job.status, 'failed');
    assert.deepEqual(job.array, {
      tasks: 3,
      numbers: '0-2',
      maxRunning: null,
      ended: 3,
      failed: 2,
      byStatus: { completed: 1, failed: 2 },
    });
    assert.deepEqual([job.run, job.runs, job.exitCode], [null, [], null]);
    assert.ok(job.startedAt !== null && job.finishedAt !== null && job.durationMs !== null);

    const { jobs, total } = await test.client.listJobs();
    assert.deepEqual([jobs.map(({ id }) => id), total], [[array.id], 1]);
    const list = await tasks(array);
    assert.deepEqual(
      list.map(({ task, name, exitCode, shortId }) => [task?.number, name, exitCode, shortId]),
      [0, 1, 2].map((number) => [number, `three:${number}`, number, `${array.shortId}:${number}`]),
    );
    assert.deepEqual(list[2]?.task, { array: array.id, number: 2, item: null });
    assert.equal(await text(`${array.shortId}:2`), 'task 2 2\n');
    const { totalJobs, failedJobs } = await test.client.getMetrics();
    assert.deepEqual([totalJobs, failedJobs], [1, 1]);
  });

  it('takes an item for each task, as arguments and as variables', async () => {
    const items = ["it's", 'two words', '$HOME', ''];
    const array = await start({
      argv: ['sh', '-c', 'printf "%s|%s|%s" "$1" "$BGJOBS_TASK_ITEM" "$BGJOBS_TASK"', 'sh', '{}'],
      array: { items },
    });
    assert.equal((await ended(array)).status, 'completed');
    for (const [index, item] of items.entries()) {
      assert.equal(await text(`${array.id}:${index + 1}`), `${item}|${item}|${index + 1}`);
    }
  });

  it('never runs more tasks at once than its own limit and that of the session allow', async () => {
    await test.client.updateHost({ maxConcurrentJobs: 0, maxConcurrentJobsPerSession: 5 });
    const script = (name: string): string => `mkdir ${name}.{} && ls -d ${name}.* | wc -l >>${name}; rmdir ${name}.{}`;
    const [eight, five] = [
      await sh(script('three'), { array: { tasks: '1-60%3' }, session: 'a' }),
      await sh(script('five'), { array: { tasks: '1-60' }, session: 'b' }),
    ];
    for (const job of [eight, five]) assert.equal((await ended(job)).status, 'completed');
    const most = (name: string): number => Math.max(...readFileSync(path(name), 'utf8').trim().split('\n').map(Number));
    assert.equal(readFileSync(path('three'), 'utf8').trim().split('\n').length, 60);
    assert.ok(most('three') <= 3, `${most('three')} at once`);
    assert.ok(most('five') <= 5, `${most('five')} at once`);
  });

  it('says what its tasks wait for', async () => {
    const array = await sh('until [ -e go ]; do sleep 0.02; done', { array: { tasks: '1-3%2' } });
    const waiting = await test.client.getJob(`${array.id}:3`);
    assert.deepEqual([waiting.status, waiting.waitingFor], ['pending', { type: 'limit', scope: 'array', maximum: 2 }]);
    assert.equal((await test.client.getJob(array.id)).status, 'running');
    writeFileSync(path('go'), '');
    await ended(array);
  });

  it('is killed as a whole: what runs is killed, what waits is canceled with one event', async () => {
    const array = await start({ argv: ['sleep', '100'], array: { tasks: '1-50%3' } });
    await test.client.waitForJob(`${array.id}:3`, { for: 'started' });
    const { result, job, survivors } = await test.client.killJob(array.id, { reason: 'enough', graceMs: 100 });
    assert.deepEqual(
      [result, survivors, job.status, job.reason, job.reasonText],
      ['killed', [], 'killed', 'user', 'enough'],
    );
    assert.deepEqual(job.array?.byStatus, { killed: 3, cancelled: 47 });
    const { events } = await test.client.getEvents({ since: 0, job: array.id, limit: 1000 });
    assert.equal(events.filter(({ to }) => to === 'cancelled').length, 0);
    assert.deepEqual(
      events.filter(({ jobId }) => jobId === array.id).map(({ type, to }) => [type, to]),
      [
        ['created', 'pending'],
        ['status', 'running'],
        ['updated', null],
        ['status', 'killed'],
      ],
    );
    const waited = await test.client.getJob(`${array.id}:50`);
    assert.deepEqual([waited.status, waited.reason, waited.reasonText], ['cancelled', 'user', 'enough']);
  });

  it('is canceled if it has not started', async () => {
    await test.client.pauseQueue();
    const array = await start({ array: { tasks: '1-5' } });
    const { result, job } = await test.client.killJob(array.id);
    assert.deepEqual(
      [result, job.status, job.array?.byStatus, job.startedAt],
      ['cancelled', 'cancelled', { cancelled: 5 }, null],
    );
    await test.client.resumeQueue();
    assert.deepEqual(await counts(array), { cancelled: 5 });
  });

  it('goes on when one of its tasks is killed, waiting or running', async () => {
    const array = await sh('until [ -e go ]; do sleep 0.02; done', { array: { tasks: '1-4%2' } });
    await test.client.waitForJob(`${array.id}:1`, { for: 'started' });
    const cancelled = await test.client.killJob(`${array.id}:4`);
    assert.deepEqual([cancelled.result, cancelled.job.status], ['cancelled', 'cancelled']);
    const killed = await test.client.killJob(`${array.id}:1`, { signal: 'KILL' });
    assert.deepEqual([killed.result, killed.job.status], ['killed', 'killed']);
    writeFileSync(path('go'), '');
    assert.equal((await ended(array)).status, 'killed');
    assert.deepEqual(await counts(array), { completed: 2, killed: 1, cancelled: 1 });
  });

  it('runs its failed tasks again, and only those', async () => {
    const array = await sh('echo {} >>ran; [ -e fixed ] || [ {} -gt 2 ]', { array: { tasks: '1-5' } });
    assert.equal((await ended(array)).status, 'failed');
    writeFileSync(path('fixed'), '');
    const restarted = await test.client.restartJob(array.id, { failed: true });
    assert.ok(['pending', 'running'].includes(restarted.status), restarted.status);
    assert.equal((await ended(array)).status, 'completed');
    const ran = readFileSync(path('ran'), 'utf8').trim().split('\n').sort();
    assert.deepEqual(ran, ['1', '1', '2', '2', '3', '4', '5']);
    assert.deepEqual(
      (await tasks(array)).map(({ run }) => run),
      [2, 2, 1, 1, 1],
    );
    const refusal = await test.refused('POST', `/v1/jobs/${array.id}/restart`, { body: '{"failed":true}' });
    assert.deepEqual([refusal.status, refusal.code], [409, 'invalid_state']);
    assert.match(refusal.message, /None of its tasks has ended without completing/);
  });

  it('runs as a whole again, and one of its tasks alone', async () => {
    const array = await start({ array: { tasks: '1-3' } });
    await ended(array);
    await test.client.restartJob(array.id);
    assert.equal((await ended(array)).status, 'completed');
    assert.deepEqual(
      (await tasks(array)).map(({ run }) => run),
      [2, 2, 2],
    );
    await test.client.restartJob(`${array.id}:2`);
    assert.equal((await ended(array)).status, 'completed');
    assert.deepEqual(
      (await tasks(array)).map(({ run }) => run),
      [2, 3, 2],
    );
  });

  it('tries a task again by itself, and does not appear as ended meanwhile', async () => {
    const array = await sh('[ -e tried.{} ] || { touch tried.{}; exit 1; }', {
      array: { tasks: '1-3%1' },
      retry: { maxAttempts: 2, delayMs: 10 },
    });
    assert.equal((await ended(array)).status, 'completed');
    assert.deepEqual(
      (await tasks(array)).map(({ run }) => run),
      [2, 2, 2],
    );
    const { events } = await test.client.getEvents({ since: 0, job: array.id, limit: 1000 });
    const own = events.filter(({ jobId, type }) => jobId === array.id && type === 'status');
    assert.deepEqual(
      own.map(({ to }) => to),
      ['running', 'completed'],
    );
  });

  it('is what other jobs wait for, as a whole', async () => {
    const array = await sh('until [ -e go ]; do sleep 0.02; done; exit {}', { array: { tasks: '0-1' } });
    const one = await start({ dependsOn: [{ job: array.id }] });
    const any = await start({ dependsOn: [{ job: array.id, condition: 'finished' }] });
    const begun = await start({ dependsOn: [{ job: array.id, condition: 'started' }] });
    assert.equal((await ended(begun)).status, 'completed');
    assert.deepEqual([one.status, any.status], ['pending', 'pending']);
    writeFileSync(path('go'), '');
    assert.equal((await ended(any)).status, 'completed');
    const cancelled = await ended(one);
    assert.deepEqual([cancelled.status, cancelled.reason], ['cancelled', 'dependency_failed']);
  });

  it('waits for other jobs, and is canceled as a whole when they fail', async () => {
    const first = await sh('until [ -e go ]; do sleep 0.02; done', {});
    const array = await start({ array: { tasks: '1-3' }, dependsOn: [{ job: first.id }] });
    const fails = await start({ array: { tasks: '1-3' }, dependsOn: [{ job: (await start({ argv: ['false'] })).id }] });
    const task = await test.client.getJob(`${array.id}:2`);
    assert.equal(task.waitingFor?.type, 'dependency');
    const cancelled = await ended(fails);
    assert.deepEqual([cancelled.status, cancelled.reason], ['cancelled', 'dependency_failed']);
    assert.deepEqual(await counts(fails), { cancelled: 3 });
    writeFileSync(path('go'), '');
    assert.equal((await ended(array)).status, 'completed');
  });

  it('does not keep others waiting while many of its tasks cannot start', async () => {
    const array = await start({ argv: ['no-such-program'], array: { tasks: '1-400' } });
    assert.ok((array.array?.ended ?? 400) <= 50, `${array.array?.ended} have ended before the answer`);
    assert.equal((await ended(array)).status, 'failed');
    assert.deepEqual(await counts(array), { failed: 400 });
    assert.equal((await test.client.getJob(`${array.id}:400`)).error?.code, 'command_not_found');
  });

  it('is held and released as a whole', async () => {
    const array = await start({ array: { tasks: '1-3' }, held: true });
    assert.deepEqual([array.status, array.array?.byStatus], ['held', { pending: 3 }]);
    await test.client.releaseJob(array.id);
    assert.equal((await ended(array)).status, 'completed');
  });

  it('lists its tasks by status and by pages', async () => {
    const array = await sh('exit $(({} % 2))', { array: { tasks: '1-10' } });
    await ended(array);
    const failed = await test.client.listJobs({ array: array.id, status: 'failed' });
    assert.deepEqual([failed.total, failed.jobs.map(({ task }) => task?.number)], [5, [1, 3, 5, 7, 9]]);
    const first = await test.client.listJobs({ array: array.shortId, limit: 6 });
    const second = await test.client.listJobs({ array: array.shortId, limit: 6, cursor: first.cursor ?? '' });
    const numbers = [...first.jobs, ...second.jobs].map(({ task }) => task?.number);
    assert.deepEqual([first.total, numbers, second.cursor], [10, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], null]);
  });

  it('is removed with its tasks and their logs, and cleaned as one job', async () => {
    const [one, two] = [await start({ array: { tasks: '1-3' } }), await start({ array: { tasks: '1-3' } })];
    await ended(one);
    await ended(two);
    await test.client.removeJob(one.id);
    assert.deepEqual(await test.client.cleanUp(), { cleaned: 1, remaining: 0 });
    assert.deepEqual(readdirSync(path('runs')), []);
    using database = new DatabaseSync(path('jobs.db'), { readOnly: true });
    for (const table of ['jobs', 'runs', 'chunks']) {
      assert.equal(database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.['rows'], 0, table);
    }
    const { events } = await test.client.getEvents({ since: 0, job: one.shortId, limit: 1000 });
    assert.equal(events.at(-1)?.type, 'removed');
  });

  it('of 10,000 tasks costs the store a row each, and one event', async () => {
    await test.client.pauseQueue();
    const { size: before } = statSync(path('jobs.db'));
    const array = await start({ array: { tasks: '1-10000%8' } });
    using database = new DatabaseSync(path('jobs.db'), { readOnly: true });
    const rows = (table: string) => database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.['rows'];
    assert.deepEqual([rows('jobs'), rows('runs'), rows('events')], [10_001, 0, 1]);
    const pages = (name: string) => Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
    const bytes = pages('page_count') * pages('page_size') - before;
    assert.ok(bytes < 3_000_000, `${bytes} bytes`);
    assert.equal((await test.client.getQueue()).jobs.length, 1);
    assert.equal(array.array?.tasks, 10_000);
  });
});
