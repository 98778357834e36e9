import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobEvent } from '../../../src/api/events.ts';
import { isEnded, type JobStatus, mayFollow } from '../../../src/api/values.ts';
import { until } from '../../helpers/until.ts';
import { EngineFixture, failure } from '../../helpers/engine/engineFixture.ts';

/** Reads until it has all numbers up to the last one of the store; `pause` makes it a slow reader. */
function read(test: EngineFixture, since: number | undefined, pause = 0, job?: string) {
  const events: JobEvent[] = [];
  const enough = new AbortController();
  const reading = (async () => {
    const query = { ...(since !== undefined && { since }), ...(job !== undefined && { job }) };
    for await (const event of test.engine.events(query, enough.signal)) {
      events.push(event);
      if (pause) await sleep(pause);
    }
  })();
  const upTo = async (seq: number): Promise<JobEvent[]> => {
    await until(`event ${seq} is read`, () => ((events.at(-1)?.seq ?? 0) >= seq ? true : undefined));
    enough.abort();
    await reading;
    return events;
  };
  return { events, upTo };
}

const numbers = (events: readonly JobEvent[]): number[] => events.map(({ seq }) => seq);
const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe('the events of an engine', () => {
  it('tell of jobs in the queue that they wait because it is paused, and no longer', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 1 });
    await test.sh('sleep 600');
    const [mine, other] = [await test.sh('true'), await test.sh('true', { session: 'other' })];
    const { next } = await test.engine.getEvents();
    const told = async (): Promise<string[]> => {
      const { events } = await test.engine.getEvents({ since: next });
      return events.map(({ jobId, type }) => `${type} ${jobId}`).sort();
    };
    await test.engine.pauseQueue({ session: 'other' });
    assert.deepEqual(await told(), [`updated ${other.id}`]);
    await test.engine.pauseQueue();
    await test.engine.resumeQueue();
    const both = [mine, other].map(({ id }) => `updated ${id}`);
    assert.deepEqual(await told(), [`updated ${other.id}`, ...both, ...both].sort());
  });

  it('come to every reader without gap or repetition while 50 jobs run', async () => {
    await using test = await EngineFixture.open({ maxConcurrentJobs: 8, maxConcurrentJobsPerSession: 0 });
    const readers = [read(test, 0), read(test, 0, 1), read(test, undefined)];
    const jobs = [];
    for (let index = 0; index < 50; index++) {
      jobs.push(await test.sh(`echo ${index}; exit ${index}`, { priority: 1 + (index % 10) }));
      if (index === 20) readers.push(read(test, 0), read(test, 7));
    }
    for (const job of jobs) await test.ended(job);
    await test.engine.updateJob(jobs[0]!.id, { pinned: true });
    const last = Math.max(...jobs.flatMap((job) => test.events(job).map(({ seq }) => seq)));
    const [first, slow, live, late, behind] = await Promise.all(readers.map(({ upTo }) => upTo(last)));
    assert.deepEqual(numbers(first!), range(1, last));
    assert.deepEqual(numbers(slow!), range(1, last));
    assert.deepEqual(numbers(live!), range(1, last));
    assert.deepEqual(numbers(late!), range(1, last));
    assert.deepEqual(numbers(behind!), range(8, last));

    // Told one after the other, they are the history of every job.
    for (const [index, { id }] of jobs.entries()) {
      const moves = first!.filter(({ jobId, to }) => jobId === id && to !== null);
      let status: JobStatus | null = null;
      for (const { from, to } of moves) {
        assert.equal(from, status);
        assert.ok(to && (status === null || mayFollow(status, to)));
        status = to;
      }
      assert.equal(status, index === 0 ? 'completed' : 'failed');
      const end = moves.at(-1);
      assert.ok(end?.job && isEnded(end.job.status) && end.job.exitCode === index);
      assert.deepEqual([end.reason, end.run, end.session], ['exit', 1, 'default']);
    }
  });

  it('are replayed by the next engine on the store, which goes on with the numbers', async () => {
    await using test = await EngineFixture.open();
    const before = await test.ended(await test.start());
    await test.close();
    await test.open();
    const reader = read(test, 0);
    const after = await test.ended(await test.start());
    const last = test.events(after).at(-1)!.seq;
    const events = await reader.upTo(last);
    assert.deepEqual(numbers(events), range(1, last));
    assert.deepEqual([...new Set(events.map(({ jobId }) => jobId))], [before.id, after.id]);
  });

  it('show a job that is no more as gone', async () => {
    await using test = await EngineFixture.open();
    const job = await test.ended(await test.start());
    await test.engine.removeJob(job.id);
    const last = test.events(job).at(-1)!;
    const events = await read(test, 0).upTo(last.seq);
    assert.ok(events.every((event) => event.job === null));
    assert.equal(events.at(-1)?.type, 'removed');
  });

  it('can be asked for by the id of a job that is no more', async () => {
    await using test = await EngineFixture.open();
    const [job, other] = [await test.ended(await test.start()), await test.ended(await test.start())];
    const own = test.events(job).map(({ seq }) => seq);
    await test.engine.removeJob(job.id);
    await test.engine.removeJob(other.id);
    for (const id of [job.id, job.shortId.toUpperCase()]) {
      const { events } = await test.engine.getEvents({ since: 0, job: id });
      assert.deepEqual(numbers(events).slice(0, -1), own);
      assert.equal(events.at(-1)?.type, 'removed');
    }
    const following = await read(test, 0, 0, job.id).upTo(own.at(-1)!);
    assert.deepEqual([...new Set(following.map(({ jobId }) => jobId))], [job.id]);
  });

  it('are all told to who knows a number that this store has not reached', async () => {
    await using test = await EngineFixture.open();
    const job = await test.start({ held: true });
    const all = range(1, test.events(job).at(-1)!.seq);
    assert.deepEqual(numbers((await test.engine.getEvents({ since: 500 })).events), all);
    assert.deepEqual(numbers(await read(test, 500).upTo(all.length)), all);
  });

  it('end where a reader leaves, in the middle of many', async () => {
    await using test = await EngineFixture.open();
    await test.ended(await test.start());
    const leaving = new AbortController();
    const seen: number[] = [];
    for await (const { seq } of test.engine.events({ since: 0 }, leaving.signal)) {
      seen.push(seq);
      leaving.abort();
    }
    assert.deepEqual(seen, [1]);
  });

  it('come as pages too, which go on from one to the next', async () => {
    await using test = await EngineFixture.open();
    assert.deepEqual(await test.engine.getEvents(), { events: [], next: 0, more: false });
    assert.deepEqual(await test.engine.getEvents({ since: 0 }), { events: [], next: 0, more: false });
    const job = await test.ended(await test.start());
    const last = test.events(job).at(-1)!.seq;
    const all = await read(test, 0).upTo(last);
    const paged: JobEvent[] = [];
    let page = await test.engine.getEvents({ since: 0, limit: 2 });
    for (; page.more; page = await test.engine.getEvents({ since: page.next, limit: 2 })) {
      assert.equal(page.events.length, 2);
      assert.equal(page.next, page.events[1]?.seq);
      paged.push(...page.events);
    }
    assert.deepEqual([...paged, ...page.events], all);
    assert.equal(page.next, last);
    assert.deepEqual(await test.engine.getEvents(), { events: [], next: last, more: false });
    assert.deepEqual(await test.engine.getEvents({ since: last }), { events: [], next: last, more: false });
    await assert.rejects(test.engine.getEvents({ limit: 1001 }), failure('invalid_request', /limit/));
  });

  it('can be those of one job alone', async () => {
    await using test = await EngineFixture.open();
    const one = await test.ended(await test.start());
    const other = await test.start({ held: true });
    const reader = read(test, 0, 0, one.id.slice(0, 8));
    await test.engine.updateJob(other.id, { pinned: true });
    await test.engine.updateJob(one.id, { pinned: true });
    const last = test.events(one).at(-1)!.seq;
    const own = test.events(one).map(({ seq }) => seq);
    assert.deepEqual(numbers(await reader.upTo(last)), own);
    const page = await test.engine.getEvents({ since: 0, job: one.shortId, limit: own.length });
    assert.deepEqual([numbers(page.events), page.next, page.more], [own, last, false]);
    // What was looked at for another job need not be looked at again.
    const none = await test.engine.getEvents({ since: test.events(other).at(-1)!.seq, job: other.id });
    assert.deepEqual(none, { events: [], next: last, more: false });
    await assert.rejects(test.engine.getEvents({ job: 'nowhere' }), failure('job_not_found'));
    const bad = test.engine.events({ job: 'nowhere' }, new AbortController().signal);
    await assert.rejects(bad[Symbol.asyncIterator]().next(), failure('job_not_found'));
  });

  it('are told from the oldest that is kept on, where older ones were forgotten', async () => {
    await using test = await EngineFixture.open();
    const gone = await test.ended(await test.start());
    await test.engine.removeJob(gone.id);
    const kept = await test.start({ held: true });
    await test.close();
    const database = new DatabaseSync(test.path('jobs.db'));
    database.prepare('DELETE FROM events WHERE jobId = ?').run(gone.id);
    database.close();
    await test.open();
    const last = test.events(kept).at(-1)!.seq;
    const own = test.events(kept).map(({ seq }) => seq);
    assert.deepEqual(numbers(await read(test, 1).upTo(last)), own);
    const page = await test.engine.getEvents({ since: 1 });
    assert.deepEqual([numbers(page.events), page.next, page.more], [own, last, false]);
  });

  it('are not repeated to who knows the newest, where that was forgotten', async () => {
    await using test = await EngineFixture.open();
    await test.start({ held: true });
    const gone = await test.ended(await test.start());
    await test.engine.removeJob(gone.id);
    const { next } = await test.engine.getEvents();
    await test.close();
    const database = new DatabaseSync(test.path('jobs.db'));
    database.prepare('DELETE FROM events WHERE jobId = ?').run(gone.id);
    database.close();
    await test.open();
    assert.deepEqual(await test.engine.getEvents({ since: next }), { events: [], next, more: false });
    assert.equal((await test.engine.getEvents()).next, next);
  });

  it('keep a reader that is up to date waiting, until it leaves', async () => {
    await using test = await EngineFixture.open();
    const leaving = new AbortController();
    const next = test.engine.events({}, leaving.signal)[Symbol.asyncIterator]().next();
    leaving.abort();
    assert.deepEqual(await next, { done: true, value: undefined });
    assert.deepEqual(await test.engine.events({ since: 0 }, leaving.signal)[Symbol.asyncIterator]().next(), {
      done: true,
      value: undefined,
    });
    const bad = test.engine.events({ since: -1 }, new AbortController().signal);
    await assert.rejects(bad[Symbol.asyncIterator]().next(), failure('invalid_request', /since/));
  });
});
