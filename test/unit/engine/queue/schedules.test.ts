import assert from 'node:assert/strict';
import { openEngine, type Engine } from '../../../../src/engine/engine.ts';
import type { Job } from '../../../../src/api/job.ts';
import type { StartRequest } from '../../../../src/api/options.ts';
import { FakeClock, settled } from '../../../helpers/engine/fakeClock.ts';
import { FakeMachine } from '../history/fakeMachine.ts';
import { TemporaryFolder } from '../../../helpers/engine/temporaryFolder.ts';

const minute = 60_000;
const hour = 60 * minute;

/** An engine whose clock goes when the test says so, and whose runs end when it says so. */
class Scheduled implements AsyncDisposable {
  readonly clock: FakeClock;
  readonly #folder = new TemporaryFolder();
  readonly #machine = new FakeMachine(() => undefined);
  #engine: Engine | undefined;

  static async open(begin: string): Promise<Scheduled> {
    const test = new Scheduled(begin);
    await test.open();
    return test;
  }

  private constructor(begin: string) {
    this.clock = new FakeClock(Date.parse(begin));
  }

  get engine(): Engine {
    return this.#engine ?? assert.fail();
  }

  async open(): Promise<void> {
    const settings = { keepFinishedMs: Number.MAX_SAFE_INTEGER };
    const onIdleChanged = (): void => undefined;
    const parts = { home: this.#folder.path, version: '1', settings, onIdleChanged, machine: this.#machine };
    this.#engine = await openEngine({ ...parts, log: (message) => assert.fail(message) });
    this.clock.tick(1);
    await settled();
  }

  async start(request: Partial<StartRequest>): Promise<Job> {
    return (await this.engine.startJob({ argv: ['well'], cwd: this.#folder.path, ...request })).job;
  }

  /** Awake, so that every timer fires at its time. */
  async pass(ms: number, step = minute): Promise<void> {
    for (let left = ms; left > 0; left -= step) {
      this.clock.tick(Math.min(left, step));
      await settled();
    }
  }

  /** The machine sleeps, or somebody sets its clock. */
  async jump(ms: number): Promise<void> {
    this.clock.jump(ms);
    await this.pass(minute);
  }

  async made(): Promise<Job[]> {
    const { jobs } = await this.engine.listJobs({ limit: 1000 });
    return jobs.filter(({ schedule }) => schedule !== null).reverse();
  }

  /** When each job was made, in UTC. */
  async times(): Promise<string[]> {
    return (await this.made()).map(({ createdAt }) => createdAt.slice(0, 16));
  }

  async end({ id }: Job): Promise<void> {
    this.#machine.end(`${id}.1`, { exitCode: 0, signal: null, at: this.clock.now });
    await settled();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine?.close();
    this.clock[Symbol.dispose]();
    this.#folder[Symbol.dispose]();
  }
}

describe('a schedule on a clock', () => {
  const often = { ifOverlap: 'start', timeZone: 'UTC' } as const;

  it('makes one job each time, on both sides of a change of the year', async () => {
    await using test = await Scheduled.open('2026-12-31T23:57:30Z');
    await test.start({ cron: '*/2 * * * *', ...often });
    await test.pass(5 * minute, 30_000);
    assert.deepEqual(await test.times(), ['2026-12-31T23:58', '2027-01-01T00:00', '2027-01-01T00:02']);
  });

  for (const [zone, cron, begin, expected] of [
    ['Europe/Berlin', '30 2 * * *', '2027-03-27T12:00:00Z', ['2027-03-28T01:00', '2027-03-29T00:30']],
    ['Europe/Berlin', '30 2 * * *', '2026-10-24T12:00:00Z', ['2026-10-25T00:30', '2026-10-26T01:30']],
    ['America/New_York', '30 2 * * *', '2027-03-13T12:00:00Z', ['2027-03-14T07:00', '2027-03-15T06:30']],
    ['Australia/Lord_Howe', '15 2 * * *', '2026-10-02T20:00:00Z', ['2026-10-03T15:30', '2026-10-04T15:15']],
    ['Australia/Lord_Howe', '45 1 * * *', '2027-04-02T20:00:00Z', ['2027-04-03T14:45', '2027-04-04T15:15']],
  ] as const) {
    it(`makes one job a day when summer time begins or ends: ${zone} at ${begin.slice(0, 10)}`, async () => {
      await using test = await Scheduled.open(begin);
      await test.start({ cron, ifOverlap: 'start', timeZone: zone });
      await test.pass(46 * hour);
      assert.deepEqual(await test.times(), expected);
    });
  }

  it('makes nothing twice when the clock is set back by minutes', async () => {
    await using test = await Scheduled.open('2026-11-20T11:55:00Z');
    await test.start({ cron: '0 * * * *', ...often });
    await test.pass(10 * minute);
    await test.jump(-20 * minute);
    await test.pass(30 * minute);
    assert.deepEqual(await test.times(), ['2026-11-20T12:00']);
    await test.pass(hour);
    assert.deepEqual(await test.times(), ['2026-11-20T12:00', '2026-11-20T13:00']);
  });

  it('computes its next time again when the clock is set back by hours, also while no host runs', async () => {
    await using test = await Scheduled.open('2026-11-20T11:55:00Z');
    const { id } = await test.start({ cron: '0 * * * *', ...often });
    const dueAt = async (): Promise<string | null> => (await test.engine.getJob(id)).dueAt;
    await test.pass(10 * minute);
    await test.jump(-5 * hour);
    assert.equal(await dueAt(), '2026-11-20T08:00:00.000Z');
    await test.engine.close();
    test.clock.jump(-5 * hour);
    await test.open();
    assert.equal(await dueAt(), '2026-11-20T03:00:00.000Z');
    await test.pass(hour);
    assert.deepEqual(await test.times(), ['2026-11-20T12:00', '2026-11-20T03:00']);
  });

  for (const [what, sleep] of [
    ['the machine slept', (test: Scheduled) => test.jump(5 * hour)],
    [
      'there was no host',
      async (test: Scheduled) => {
        await test.engine.close();
        test.clock.jump(5 * hour);
        await test.open();
      },
    ],
  ] as const) {
    it(`makes up for what was missed once, or not at all, when ${what}`, async () => {
      await using test = await Scheduled.open('2026-11-20T11:55:00Z');
      const [once, skip] = [
        await test.start({ cron: '0 * * * *', ...often }),
        await test.start({ cron: '0 * * * *', ...often, ifMissed: 'skip' }),
      ];
      const at = '2026-11-20T13:00:00Z';
      const [late, never] = [await test.start({ at }), await test.start({ at, ifMissed: 'skip' })];
      await sleep(test);
      assert.deepEqual(
        (await test.made()).map(({ schedule }) => schedule),
        [once.id],
      );
      const { events } = await test.engine.getEvents({ since: 0, job: skip.id });
      assert.equal(events.findLast(({ type }) => type === 'fired')?.text, 'missed 2026-11-20T12:00:00.000Z');
      assert.equal((await test.engine.getJob(late.id)).status, 'running');
      const left = await test.engine.getJob(never.id);
      assert.deepEqual(
        [left.status, left.reason, left.reasonText],
        ['cancelled', 'missed', 'missed 2026-11-20T13:00:00.000Z'],
      );
      await test.pass(hour);
      assert.deepEqual((await test.made()).map(({ schedule }) => schedule).sort(), [once.id, once.id, skip.id].sort());
    });
  }

  it('gives the slot to the job with the higher priority, also when that job missed its time', async () => {
    await using test = await Scheduled.open('2026-11-20T11:55:00Z');
    await test.engine.updateHost({ maxConcurrentJobs: 1 });
    const missed = await test.start({ at: '2026-11-20T11:58:00Z', ifMissed: 'skip' });
    const high = await test.start({ priority: 9, dependsOn: [{ job: missed.id, condition: 'finished' }] });
    await test.start({ cron: '0 * * * *', ...often, priority: 1 });
    await test.jump(5 * hour);
    const [low] = await test.made();
    assert.deepEqual([(await test.engine.getJob(high.id)).status, low?.status], ['running', 'pending']);
  });

  it('skips a time, queues one job, or starts jobs in parallel, when the previous job has not ended', async () => {
    for (const [ifOverlap, statuses] of [
      ['skip', ['running']],
      ['queue', ['running', 'pending']],
      ['start', ['running', 'running', 'running', 'running']],
    ] as const) {
      await using test = await Scheduled.open('2026-11-20T11:59:30Z');
      const { id } = await test.start({ cron: '* * * * *', timeZone: 'UTC', ifOverlap });
      await test.pass(4 * minute);
      const made = await test.made();
      assert.deepEqual(
        made.map(({ status }) => status),
        statuses,
        ifOverlap,
      );
      // When the first has ended, the next one has its turn.
      await test.end(made[0]!);
      await test.pass(minute);
      await test.engine.killJob(id);
      const running = (await test.made()).filter(({ status }) => status === 'running').length;
      assert.equal(running, ifOverlap === 'start' ? 4 : 1, ifOverlap);
    }
  });

  it('continues at its own times after it was released early', async () => {
    await using test = await Scheduled.open('2026-11-20T11:30:00Z');
    const { id } = await test.start({ cron: '0 * * * *', ...often });
    const { status, dueAt } = await test.engine.releaseJob(id);
    assert.deepEqual([status, dueAt], ['scheduled', '2026-11-20T12:00:00.000Z']);
    await test.pass(hour);
    assert.deepEqual(await test.times(), ['2026-11-20T11:30', '2026-11-20T12:00']);
  });

  it('creates no jobs while it is held, and then waits for its next time', async () => {
    await using test = await Scheduled.open('2026-11-20T11:30:00Z');
    const { id } = await test.start({ cron: '0 * * * *', ...often });
    assert.equal((await test.engine.holdJob(id)).dueAt, null);
    await test.pass(3 * hour);
    assert.equal((await test.engine.releaseJob(id)).dueAt, '2026-11-20T15:00:00.000Z');
    assert.deepEqual(await test.times(), []);
  });
});
