import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { JobModel, type JobEnd, type ModelChange } from '../../../../src/extension/model/jobModel.ts';
import type { Job, JobList } from '../../../../src/api/job.ts';
import { jobRecord, statusEvent } from '../jobs.ts';

describe('JobModel', () => {
  /** Finished jobs in the host's store, newest first. */
  let store: Job[];
  let asked: (string | null)[];
  let changes: ModelChange[];
  let ends: JobEnd[];
  let model: JobModel;

  beforeEach(() => {
    store = [];
    asked = [];
    changes = [];
    ends = [];
    model = new JobModel((_session, cursor, limit) => Promise.resolve(pageOfStore(cursor, limit)), 2);
    model.onDidChange((change) => changes.push(change));
    model.onDidEnd((end) => ends.push(end));
  });

  function pageOfStore(cursor: string | null, limit: number): JobList {
    asked.push(cursor);
    const first = Number(cursor ?? 0);
    const next = first + limit;
    const cursorAfter = next < store.length ? String(next) : null;
    return { jobs: store.slice(first, next), total: store.length, cursor: cursorAfter };
  }

  function reset(jobs: Job[]): void {
    const count = (job: Job[]): number => job.length;
    const shop = {
      total: count(jobs) + count(store),
      running: 0,
      waiting: 0,
      finished: count(store),
      failed: count(store.filter(({ status }) => status === 'failed')),
    };
    model.reset({ jobs, bySession: { shop }, failures: [] });
  }

  it('puts every job into its session and group', async () => {
    const [running, paused, held] = [jobRecord('running'), jobRecord('paused', { session: 'cli' }), jobRecord('held')];
    reset([running, paused, held]);
    assert.deepEqual(model.sessions(), ['cli', 'shop']);
    assert.deepEqual(await model.page('shop', 'running'), { jobs: [running], more: 0 });
    assert.deepEqual(await model.page('cli', 'running'), { jobs: [paused], more: 0 });
    assert.deepEqual(await model.page('shop', 'waiting'), { jobs: [held], more: 0 });
    assert.deepEqual(model.counts(), { failed: 0, running: 2, waiting: 1, finished: 0 });
  });

  it('keeps the progress that was asked for when an event comes without it, until the run ends', () => {
    const [running, other] = [jobRecord('running'), jobRecord('running')];
    reset([running, other]);
    const drawn = changes.length;
    const progress = { percent: 45, done: null, total: null, text: '45%' };
    model.setProgress([{ ...running, progress, expectedEnd: running.createdAt }, jobRecord('running', { progress })]);
    assert.equal(changes.length, drawn, 'the next redraw shows it');
    assert.deepEqual(
      model.jobs().map((job) => job.progress),
      [progress, null],
    );
    model.apply(statusEvent('running', { ...running, pinned: true }, { type: 'updated', from: null, to: null }));
    assert.deepEqual(model.job(running.id), { ...running, pinned: true, progress, expectedEnd: running.createdAt });
    model.apply(statusEvent('running', { ...running, status: 'completed' }));
    model.setProgress([{ ...running, progress }]);
    assert.equal(model.job(running.id)?.progress, null, 'an answer that comes late counts no more');
  });

  it('follows a job that was moved into another session, and draws both', async () => {
    const [one, two] = [jobRecord('pending'), jobRecord('pending')];
    reset([one, two]);
    const moved = { ...one, session: 'cli' };
    model.apply(statusEvent('pending', moved, { type: 'updated', from: null, to: null }));
    assert.deepEqual(changes.at(-1), { all: true, sessions: new Set(['cli', 'shop']), jobs: new Set([one.id]) });
    assert.deepEqual(await model.page('shop', 'waiting'), { jobs: [two], more: 0 });
    assert.deepEqual(await model.page('cli', 'waiting'), { jobs: [moved], more: 0 });
    model.apply(statusEvent('pending', one, { type: 'updated', from: null, to: null }));
    assert.deepEqual(model.sessions(), ['shop']);
    assert.equal(changes.at(-1)?.all, true);
  });

  it('loads finished jobs by pages, and only when they are shown', async () => {
    store = [jobRecord('completed'), jobRecord('failed'), jobRecord('killed')].reverse();
    reset([]);
    assert.equal(model.total('shop', 'finished'), 3);
    assert.deepEqual(asked, []);
    assert.deepEqual(await model.page('shop', 'finished'), { jobs: store.slice(0, 2), more: 1 });
    model.wantMore('shop', 'finished');
    assert.deepEqual(await model.page('shop', 'finished'), { jobs: store, more: 0 });
    assert.deepEqual(asked, [null, '2']);
  });

  it('sends one request when two readers ask at the same time', async () => {
    store = [jobRecord('completed')];
    reset([]);
    await Promise.all([model.page('shop', 'finished'), model.page('shop', 'finished')]);
    assert.deepEqual(asked, [null]);
  });

  it('shows the newest first, and what waits in the order of its start', async () => {
    const [old, fresh] = [jobRecord('running'), jobRecord('running')];
    const [held, second, first] = [
      jobRecord('held', { priority: 9 }),
      jobRecord('pending'),
      jobRecord('pending', { priority: 9 }),
    ];
    model = new JobModel(() => Promise.reject(new Error('nothing is finished')), 10);
    reset([old, fresh, held, second, first]);
    assert.deepEqual((await model.page('shop', 'running')).jobs, [fresh, old]);
    assert.deepEqual((await model.page('shop', 'waiting')).jobs, [first, second, held]);
  });

  it('shows waiting jobs in the order of the queue, then those that are not in it, then held ones', async () => {
    const [held, a, b, fresh] = [jobRecord('held'), jobRecord('pending'), jobRecord('pending'), jobRecord('pending')];
    model = new JobModel(() => Promise.reject(new Error('nothing is finished')), 10);
    reset([held, fresh, a, b]);
    model.setQueue([b, a]);
    assert.deepEqual((await model.page('shop', 'waiting')).jobs, [b, a, fresh, held]);
  });

  it('shows new jobs before jobs that wait for others or for a time, as the queue does', async () => {
    const [held, later, a, fresh] = ['held', 'scheduled', 'pending', 'pending'].map((status) =>
      jobRecord(status as Job['status']),
    ) as [Job, Job, Job, Job];
    model = new JobModel(() => Promise.reject(new Error('nothing is finished')), 10);
    reset([held, later, a]);
    model.setQueue([a, later]);
    model.apply(statusEvent(null, fresh));
    assert.deepEqual((await model.page('shop', 'waiting')).jobs, [a, fresh, later, held]);
    changes.length = 0;
    model.setQueue([a, fresh, later]);
    assert.deepEqual(changes, []);
  });

  it('reports what changed in the queue: a session if the order changed, jobs if the reason changed', async () => {
    const [a, b] = [jobRecord('pending'), jobRecord('pending')];
    reset([a, b]);
    changes.length = 0;
    model.setQueue([a, b]);
    assert.deepEqual(changes, []);
    const paused = { ...a, waitingFor: { type: 'paused', scope: 'host' } } as const;
    model.setQueue([paused, b]);
    assert.deepEqual(changes.splice(0), [{ all: false, sessions: new Set(), jobs: new Set([a.id]) }]);
    assert.deepEqual(model.job(a.id), paused);
    model.setQueue([b, paused]);
    assert.deepEqual(changes, [{ all: false, sessions: new Set(['shop']), jobs: new Set() }]);
    assert.deepEqual((await model.page('shop', 'waiting')).jobs, [b, paused]);
  });

  it('does not take from the queue what is older than an event', () => {
    const job = jobRecord('pending');
    reset([job]);
    model.apply(statusEvent('pending', { ...job, status: 'running' }));
    model.setQueue([{ ...job, waitingFor: { type: 'paused', scope: 'host' } }]);
    assert.equal(model.job(job.id)?.status, 'running');
  });

  it('knows which jobs wait for a job', () => {
    const build = jobRecord('running');
    const test = jobRecord('pending', { dependsOn: [{ job: build.id, condition: 'succeeded' }] });
    const done = jobRecord('completed', { dependsOn: [{ job: build.id, condition: 'started' }] });
    reset([build, test, done]);
    assert.deepEqual(model.dependentsOf(build.id), [test]);
  });

  it('says that a job alone has changed when it stays in its place', () => {
    const job = jobRecord('running');
    reset([job]);
    changes.length = 0;
    model.apply(statusEvent('running', { ...job, status: 'paused' }));
    assert.deepEqual(changes, [{ all: false, sessions: new Set(), jobs: new Set([job.id]) }]);
  });

  it('says that the session has changed when a job goes to another group', async () => {
    const job = jobRecord('pending');
    reset([job]);
    changes.length = 0;
    const running: Job = { ...job, status: 'running' };
    model.apply(statusEvent('pending', running));
    assert.deepEqual(changes, [{ all: false, sessions: new Set(['shop']), jobs: new Set([job.id]) }]);
    assert.deepEqual(await model.page('shop', 'running'), { jobs: [running], more: 0 });
    assert.equal(model.total('shop', 'waiting'), 0);
  });

  it('says that everything has changed when a session comes or goes', () => {
    const job = jobRecord('completed', { session: 'agent' });
    model.apply(statusEvent(null, job));
    assert.equal(changes.at(-1)?.all, true);
    model.apply({ ...statusEvent('completed', job), type: 'removed', job: null });
    assert.equal(changes.at(-1)?.all, true);
    assert.deepEqual(model.sessions(), []);
  });

  it('tells the end of a job once, with the event that says how', () => {
    const job = jobRecord('running');
    reset([job]);
    model.apply(statusEvent('running', { ...job, status: 'stopping' }));
    const killed = statusEvent('stopping', { ...job, status: 'killed' });
    model.apply(killed);
    model.apply({ ...statusEvent('killed', { ...job, status: 'killed', pinned: true }), type: 'updated' });
    assert.deepEqual(
      ends.map(({ event }) => event),
      [killed],
    );
  });

  it('counts a finished job that it has not loaded when it is restarted or removed', async () => {
    const jobs = [jobRecord('completed'), jobRecord('completed'), jobRecord('completed')];
    store = [...jobs];
    reset([]);
    const [again, removed] = jobs as [Job, Job];
    model.apply(statusEvent('completed', { ...again, status: 'pending' }));
    model.apply({ ...statusEvent('completed', removed), type: 'removed', job: null });
    assert.equal(model.total('shop', 'finished'), 1);
    assert.equal(model.total('shop', 'waiting'), 1);
    store = [jobs[2]!];
    assert.deepEqual(await model.page('shop', 'finished'), { jobs: [jobs[2]], more: 0 });
  });

  it('leaves a finished job that it has not loaded where it is when it is pinned', () => {
    store = [jobRecord('completed')];
    reset([]);
    changes.length = 0;
    model.apply({ ...statusEvent('completed', { ...store[0]!, pinned: true }), type: 'updated' });
    assert.equal(model.total('shop', 'finished'), 1);
    assert.deepEqual(changes, []);
  });

  it('orders what has finished by its end, not by its creation', async () => {
    const slow = jobRecord('running');
    const quick = jobRecord('completed');
    store = [quick];
    reset([slow]);
    await model.page('shop', 'finished');
    const ended: Job = { ...slow, status: 'completed', finishedAt: new Date().toISOString() };
    model.apply(statusEvent('running', ended));
    assert.deepEqual((await model.page('shop', 'finished')).jobs, [ended, quick]);
  });

  it('shows twenty of a long queue, so that what has finished stays in sight', async () => {
    model = new JobModel(() => Promise.reject(new Error('nothing is finished')), 100);
    const jobs = Array.from({ length: 10_002 }, () => jobRecord('pending'));
    reset(jobs);
    const page = await model.page('shop', 'waiting');
    assert.deepEqual([page.jobs.length, page.more], [20, 9982]);
    assert.deepEqual([model.isShown(jobs[0]!.id), model.isShown(jobs[20]!.id)], [true, false]);
    model.wantMore('shop', 'waiting');
    assert.equal((await model.page('shop', 'waiting')).jobs.length, 120);
  });

  it('forgets a page that comes after the host was lost', async () => {
    store = [jobRecord('completed')];
    reset([]);
    const page = model.page('shop', 'finished');
    model.clear();
    await page;
    assert.deepEqual(model.jobs(), []);
    assert.deepEqual(model.sessions(), []);
  });

  it('stays quick with 10,000 finished jobs and 1,000 that run', async () => {
    model = new JobModel((_session, cursor, limit) => Promise.resolve(pageOfStore(cursor, limit)), 100);
    store = Array.from({ length: 10_000 }, () => jobRecord('completed')).reverse();
    reset(Array.from({ length: 1000 }, () => jobRecord('running')));
    const page = await model.page('shop', 'finished');
    assert.equal(page.jobs.length, 100);
    assert.equal(model.total('shop', 'finished'), 10_000);
    assert.equal(asked.length, 1);
    assert.equal((await model.page('shop', 'running')).jobs.length, 100);
  });
});
