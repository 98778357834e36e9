import assert from 'node:assert/strict';
import type { Job } from '../../../src/api/job.ts';
import type { StartRequest } from '../../../src/api/options.ts';
import { until } from '../../helpers/until.ts';
import { EngineFixture, failure } from '../../helpers/engine/engineFixture.ts';

const hostLimit = (maximum: number) => ({ type: 'limit', scope: 'host', maximum });
const sessionLimit = (maximum: number) => ({ type: 'limit', scope: 'session', maximum });

const idOf = ({ id }: Job): string => id;

/** Waits for a line on its standard input, then ends. */
const untilTold: Partial<StartRequest> = { argv: ['sh', '-c', 'read line'], stdin: { type: 'pipe' } };

describe('the queue of an engine', () => {
  it('lets as many run as the limits allow, and says what the others wait for', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 3, maxConcurrentJobsPerSession: 2 });
    const { engine } = test;
    const jobs: Job[] = [];
    for (const session of ['a', 'a', 'a', 'b', 'c']) jobs.push(await test.start({ ...untilTold, session }));
    const [a1, , a3, b1, c1] = jobs as [Job, Job, Job, Job, Job];
    const states = async () => {
      const found = await Promise.all(jobs.map(({ id }) => engine.getJob(id)));
      // A job that is being started has its slot.
      return found.map(({ status, waitingFor }) => waitingFor ?? (status === 'starting' ? 'running' : status));
    };
    assert.deepEqual(await states(), ['running', 'running', sessionLimit(2), 'running', hostLimit(3)]);
    const end = async (job: Job): Promise<void> => {
      await engine.sendInput(job.id, { text: '\n' });
      await test.ended(job);
    };
    await end(b1);
    assert.deepEqual(await states(), ['running', 'running', sessionLimit(2), 'completed', 'running']);
    await end(a1);
    assert.deepEqual(await states(), ['completed', 'running', 'running', 'completed', 'running']);
    await end(c1);
    await end(a3);
  });

  it('starts the highest priority first, then the oldest', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const first = await test.start(untilTold);
    const waiting: Job[] = [];
    for (const priority of [5, 1, 5, 10, 9]) {
      waiting.push(await test.sh(`echo ${priority}-${waiting.length} >>order`, { priority }));
    }
    await test.engine.sendInput(first.id, { eof: true });
    for (const job of waiting) await test.ended(job);
    assert.deepEqual(test.file('order').split('\n'), ['10-3', '9-4', '5-0', '5-2', '1-1', '']);
  });

  it('starts a job right before another that it was put before, whatever their priorities', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const { engine } = test;
    const first = await test.start(untilTold);
    const [low, middle, high] = [
      await test.sh('echo low >>order', { priority: 1 }),
      await test.sh('echo middle >>order'),
      await test.sh('echo high >>order', { priority: 10 }),
    ];
    await engine.moveJob(low.id, { before: middle.id });
    await engine.moveJob(high.id, { before: high.id });
    assert.deepEqual(
      (await engine.getQueue()).jobs.map(({ id }) => id),
      [high.id, low.id, middle.id],
    );
    const other = await test.start({ session: 'other' });
    await assert.rejects(engine.moveJob(low.id, { before: other.id }), failure('invalid_state', /session "other"/));
    await assert.rejects(engine.moveJob(low.id, { before: first.id }), failure('invalid_state', /running/));
    await assert.rejects(engine.moveJob(low.id, {}), failure('invalid_request', /either to or before/));
    await engine.sendInput(first.id, { text: '\n' });
    for (const job of [low, middle, high]) await test.ended(job);
    assert.deepEqual(test.file('order').trim().split('\n'), ['high', 'low', 'middle']);
  });

  it('moves a waiting job into another session, which has its slot then', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobsPerSession: 1 });
    const { engine } = test;
    const inA = await test.start({ ...untilTold, session: 'a' });
    const inB = await test.start({ ...untilTold, session: 'b' });
    const moved = await test.start({ ...untilTold, session: 'a' });
    const after = await engine.updateJob(moved.id, { session: 'b' });
    assert.deepEqual([after.session, after.status, after.waitingFor], ['b', 'pending', sessionLimit(1)]);
    assert.deepEqual((await engine.listJobs({ session: 'a' })).jobs.map(idOf), [inA.id]);
    assert.deepEqual((await engine.listJobs({ session: 'b' })).jobs.map(idOf), [moved.id, inB.id]);
    // The end of a job of its former session frees no place for it.
    await engine.sendInput(inA.id, { text: '\n' });
    await test.ended(inA);
    assert.equal((await engine.getJob(moved.id)).status, 'pending');
    await engine.sendInput(inB.id, { text: '\n' });
    await until('it runs', async () => (await engine.getJob(moved.id)).status === 'running' || undefined);
    // It has the slot of its new session, and the former one has none taken.
    const [next, free] = [
      await test.start({ ...untilTold, session: 'b' }),
      await test.start({ ...untilTold, session: 'a' }),
    ];
    assert.deepEqual(next.waitingFor, sessionLimit(1));
    await assert.rejects(engine.updateJob(moved.id, { session: 'a' }), failure('invalid_state', /while the job waits/));
    for (const job of [moved, free]) await engine.sendInput(job.id, { text: '\n' });
    await test.ended(moved);
    await until('the next runs', async () => (await engine.getJob(next.id)).status === 'running' || undefined);
    const { bySession } = await engine.getMetrics();
    assert.deepEqual([bySession['a']?.total, bySession['b']?.total], [2, 3]);
  });

  it('keeps the session of a held job that was moved, and that of an array', async () => {
    await using test = await EngineFixture.open();
    const { engine } = test;
    const held = await test.start({ held: true, session: 'a' });
    assert.equal((await engine.updateJob(held.id, { session: 'b' })).session, 'b');
    await engine.releaseJob(held.id);
    assert.equal((await test.ended(held)).session, 'b');
    const array = await test.start({ array: { tasks: '1-2' }, held: true });
    await assert.rejects(engine.updateJob(array.id, { session: 'b' }), failure('invalid_state', /array/));
  });

  it('rejects at once what does not want to wait', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobsPerSession: 1 });
    await test.start(untilTold);
    await assert.rejects(test.start({ ifFull: 'reject' }), failure('limit_reached', /session/));
    assert.equal((await test.engine.listJobs()).total, 1);
    // A held job takes no place, and another session has room.
    assert.equal((await test.start({ ifFull: 'reject', held: true })).status, 'held');
    await test.start({ ifFull: 'reject', session: 'other' });
  });

  it('never runs a job that was cancelled while it waited', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const first = await test.start(untilTold);
    const waiting = await test.sh('echo ran >ran');
    const { result, job } = await test.engine.killJob(waiting.id, { reason: 'changed my mind' });
    assert.deepEqual(
      [result, job.status, job.reason, job.reasonText, job.run, job.startedAt],
      ['cancelled', 'cancelled', 'user', 'changed my mind', null, null],
    );
    assert.ok(job.finishedAt);
    await test.engine.sendInput(first.id, { eof: true });
    await test.ended(first);
    await test.ended(await test.start());
    assert.equal(test.file('ran'), '');
    assert.equal((await test.engine.getJob(waiting.id)).runs.length, 0);
    assert.equal((await test.engine.getMetrics()).queueSize, 0);
  });

  it('starts what a raised limit lets start; no limit is 0', async () => {
    await using test = await EngineFixture.open();
    await test.engine.updateHost({ maxConcurrentJobs: 1 });
    const jobs: Job[] = [];
    for (let count = 0; count < 4; count++) jobs.push(await test.start({ ...untilTold, session: `s${count}` }));
    const running = async () => (await test.engine.listJobs({ status: 'running' })).total;
    assert.equal(await running(), 1);
    await test.engine.updateHost({ maxConcurrentJobs: 2 });
    assert.equal(await running(), 2);
    await test.engine.updateHost({ maxConcurrentJobs: 0 });
    assert.equal(await running(), 4);
    const { limits } = await test.engine.getHost();
    assert.deepEqual(limits, { maxConcurrentJobs: 0, maxConcurrentJobsPerSession: 5, sessionLimits: {} });
  });

  it('never runs more than the limits allow, however short the jobs are', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 3, maxConcurrentJobsPerSession: 2 });
    // Each makes its own folder and counts those that are there.
    const script = 'mkdir in/$0 && ls in | wc -l >>counts; rmdir in/$0';
    await test.ended(await test.sh('mkdir in'));
    const jobs: Job[] = [];
    for (let count = 0; count < 60; count++) {
      jobs.push(await test.start({ argv: ['sh', '-c', script, String(count)], session: `s${count % 2}` }));
    }
    for (const job of jobs) assert.equal((await test.ended(job)).status, 'completed');
    const counts = test.file('counts').trim().split('\n').map(Number);
    assert.equal(counts.length, 60);
    assert.ok(Math.max(...counts) <= 3, `${Math.max(...counts)} at once`);
  });

  it('frees a place at once, also of a job that ends or is killed before anybody looks', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    const first = await test.sh('sleep 60');
    const second = await test.sh('exit 1');
    const third = await test.sh('sleep 60');
    await test.engine.killJob(first.id);
    await test.reaches(third, 'running');
    assert.equal((await test.engine.getJob(second.id)).exitCode, 1);
    assert.equal((await test.engine.getMetrics()).concurrency.current, 1);
  });

  it('knows when it is idle', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    assert.equal(test.engine.isIdle(), true);
    const first = await test.start(untilTold);
    const second = await test.start();
    await test.start({ held: true });
    assert.equal(test.engine.isIdle(), false);
    const before = test.idleChanges;
    await test.engine.sendInput(first.id, { eof: true });
    await test.ended(second);
    assert.equal(test.engine.isIdle(), true);
    await until('it was told', () => (test.idleChanges > before ? true : undefined));
  });
});
