import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openEngine, type Engine } from '../../../../src/engine/engine.ts';
import { BgJobsError } from '../../../../src/api/errors.ts';
import { FakeClock, settled } from '../../../helpers/engine/fakeClock.ts';
import { TemporaryFolder } from '../../../helpers/engine/temporaryFolder.ts';
import { hasRoom, sessionLimit } from '../../../../src/engine/queue/slots.ts';
import { FakeMachine, type Occupant } from './fakeMachine.ts';
import { Model } from './model.ts';
import {
  isEnded,
  isWaiting,
  mayDependOn,
  type Direction,
  type ModelEnd,
  type ModelJob,
  type ModelSpec,
} from './modelJob.ts';
import { requestOf } from './request.ts';
import { Sameness } from './sameness.ts';

/** Null: the session has no limit of its own any more. */
type Limits = Omit<Model['limits'], 'sessionLimits'> & { sessionLimits: Record<string, number | null> };

const [lookMs, hourMs] = [60_000, 3_600_000];

/** Cleaning would remove jobs when the clock goes forward by days. */
const settings = { keepFinishedMs: Number.MAX_SAFE_INTEGER, keepFinishedJobs: Number.MAX_SAFE_INTEGER };

/** The engine on a fake machine with a fake clock, and beside it the model: whatever happens, happens to both. */
export class World implements AsyncDisposable {
  readonly model: Model;
  readonly machine = new FakeMachine((running, next) => this.#checkPlace(running, next));
  readonly #folder = new TemporaryFolder();
  readonly #logged: string[] = [];
  readonly #sameness = new Sameness();
  #engine: Engine | undefined;
  /** While it is open, the store is left by an engine as it is left by a host that is killed: without a checkpoint. */
  #database: DatabaseSync | undefined;
  readonly #clock: FakeClock;

  static async open(begin: number): Promise<World> {
    const world = new World(begin);
    await world.#open();
    world.#database = new DatabaseSync(join(world.#folder.path, 'jobs.db'));
    return world;
  }

  private constructor(begin: number) {
    this.model = new Model(begin);
    this.#clock = new FakeClock(begin);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine?.close();
    this.#database?.close();
    this.#clock[Symbol.dispose]();
    this.#folder[Symbol.dispose]();
    assert.deepEqual(this.#logged, []);
  }

  async start(spec: ModelSpec): Promise<void> {
    const mayNeed = spec.dependsOn.every(({ on, condition }) => mayDependOn(on, condition));
    const done = await this.#try(() => this.engine.startJob(requestOf(spec, this.#folder.path)));
    assert.equal(done, mayNeed);
    if (done) this.model.start(spec);
  }

  async end(job: ModelJob, exitCode: number): Promise<void> {
    this.#exit(job, exitCode);
    await this.#ended(job);
    const status = exitCode === 0 ? 'completed' : 'failed';
    this.model.end(job, { status, exitCode, at: this.#clock.now });
    this.model.settle();
  }

  async kill(job: ModelJob, requeue: boolean): Promise<void> {
    const done = await this.#stop(job, () => this.engine.killJob(job.id, { requeue }));
    assert.equal(done, job.status !== 'held');
    if (job.status === 'running') {
      this.model.end(job, { status: 'killed', exitCode: null, at: this.#clock.now }, requeue ? 'pending' : undefined);
      this.model.settle();
    } else if (done && isWaiting(job)) this.model.cancel(job);
  }

  async terminate(job: ModelJob, requeue: boolean): Promise<void> {
    const done = await this.#stop(job, () => this.engine.terminateRun(`${job.id}.${job.run || 1}`, { requeue }));
    assert.equal(done, job.status === 'running');
    if (!done) return;
    this.model.end(job, { status: 'killed', exitCode: null, at: this.#clock.now }, requeue ? 'pending' : 'held');
    this.model.settle();
  }

  async restart(job: ModelJob): Promise<void> {
    const isRefused =
      isWaiting(job) ||
      this.model.hasCircle(
        job,
        job.spec.dependsOn.map(({ on }) => on),
      );
    const done = await this.#stop(job, () => this.engine.restartJob(job.id));
    assert.equal(done, !isRefused);
    if (!done) return;
    if (job.status === 'running') {
      this.model.end(job, { status: 'killed', exitCode: null, at: this.#clock.now }, 'pending');
      this.model.settle();
    } else this.model.restart(job);
  }

  async hold(job: ModelJob): Promise<void> {
    const done = await this.#try(() => this.engine.holdJob(job.id));
    assert.equal(done, isWaiting(job));
    if (done) this.model.hold(job);
  }

  async release(job: ModelJob): Promise<void> {
    const done = await this.#try(() => this.engine.releaseJob(job.id));
    assert.equal(done, job.status === 'held' || ['time', 'retry'].includes(this.model.waitsFor(job) ?? ''));
    if (done) this.model.release(job);
  }

  async change(job: ModelJob, change: Partial<Pick<ModelSpec, 'priority' | 'dependsOn'>>): Promise<void> {
    const { priority, dependsOn } = change;
    const needs = dependsOn ?? [];
    const isRefused =
      !isWaiting(job) ||
      !needs.every(({ on, condition }) => mayDependOn(on, condition)) ||
      this.model.hasCircle(
        job,
        needs.map(({ on }) => on),
      );
    const update = {
      ...(priority !== undefined && { priority }),
      ...(dependsOn && { dependsOn: dependsOn.map(({ on, condition }) => ({ job: on.id, condition })) }),
    };
    const done = await this.#try(() => this.engine.updateJob(job.id, update));
    assert.equal(done, !isRefused);
    if (done) this.model.change(job, change);
  }

  async move(job: ModelJob, to: Direction): Promise<void> {
    const done = await this.#try(() => this.engine.moveJob(job.id, { to }));
    assert.equal(done, this.model.isQueued(job));
    if (done) this.model.move(job, to);
  }

  async remove(job: ModelJob): Promise<void> {
    const done = await this.#try(() => this.engine.removeJob(job.id));
    assert.equal(done, isEnded(job) || job.status === 'held');
    if (done) this.model.remove(job);
  }

  async pause(session: string | undefined, isPaused: boolean): Promise<void> {
    const request = session === undefined ? {} : { session };
    if (session === undefined) this.model.isPaused = isPaused;
    else {
      const others = this.model.pausedSessions.filter((name) => name !== session);
      this.model.pausedSessions = isPaused ? [...others, session] : others;
    }
    if (isPaused) await this.engine.pauseQueue(request);
    else await this.engine.resumeQueue(request);
    this.model.settle();
  }

  async limit(limits: Limits): Promise<void> {
    const ofSessions = Object.entries({ ...this.model.limits.sessionLimits, ...limits.sessionLimits });
    const own = ofSessions.filter((entry): entry is [string, number] => entry[1] !== null);
    this.model.limits = { ...limits, sessionLimits: Object.fromEntries(own) };
    await this.engine.updateHost(limits);
    this.model.settle();
  }

  /** Time goes by, while the machine is awake. */
  async advance(ms: number): Promise<void> {
    const end = this.#clock.now + ms;
    // In steps: a timer that is set on the way has to fire at its time.
    while (this.#clock.now < end) {
      const due = this.model.nextDue;
      const to = Math.min(end, due > this.#clock.now ? due : end, this.#clock.now + lookMs);
      await this.#tick(to - this.#clock.now);
      if (this.#clock.now >= due) this.model.look();
    }
  }

  /** The clock jumps: forward while the machine sleeps, back when somebody sets it. Then it is looked at once. */
  async jump(ms: number): Promise<void> {
    this.#clock.jump(ms);
    await this.#tick(lookMs);
    if (ms < 0) this.model.step(ms);
    if (ms < -hourMs) this.model.reckonAnew();
    this.model.look();
  }

  /** The host is killed and another one opens the store. @param ended meanwhile; null: nobody knows how */
  async reopen(sleptMs: number, ended: ReadonlyMap<ModelJob, number | null>): Promise<void> {
    const lastEvent = await this.#lastEvent();
    await this.engine.close();
    const ends = new Map<ModelJob, ModelEnd>();
    for (const [job, code] of ended) {
      this.#exit(job, code);
      const at = this.#clock.now;
      if (code !== null) ends.set(job, { status: code === 0 ? 'completed' : 'failed', exitCode: code, at });
    }
    this.#clock.jump(sleptMs);
    for (const [job, code] of ended)
      if (code === null) ends.set(job, { status: 'lost', exitCode: null, at: this.#clock.now });
    this.model.now = this.#clock.now;
    await this.#open();
    this.model.reopen(ends, Math.min(0, sleptMs), this.#clock.now < lastEvent - hourMs);
    await this.#tick(1);
    this.model.look();
  }

  /** The engine and the model say the same of everything. */
  async check(): Promise<void> {
    await settled();
    await this.#sameness.check(this.engine, this.machine.started, this.model);
  }

  get engine(): Engine {
    return this.#engine ?? assert.fail();
  }

  /** When the engine recorded something for the last time. */
  async #lastEvent(): Promise<number> {
    const { next } = await this.engine.getEvents();
    const { events } = await this.engine.getEvents({ since: Math.max(0, next - 1) });
    return Date.parse(events.at(-1)?.time ?? '1970-01-01');
  }

  async #open(): Promise<void> {
    const log = (message: string): void => void this.#logged.push(message);
    const home = this.#folder.path;
    const { machine } = this;
    const onIdleChanged = (): void => undefined;
    this.#engine = await openEngine({ home, version: '1', settings, onIdleChanged, log, machine });
  }

  #exit(job: ModelJob, exitCode: number | null): void {
    this.machine.end(
      `${job.id}.${job.run}`,
      exitCode === null ? null : { exitCode, signal: null, at: this.#clock.now },
    );
  }

  async #try(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (error instanceof BgJobsError && error.code !== 'internal') return false;
      throw error;
    }
  }

  async #stop(job: ModelJob, work: () => Promise<unknown>): Promise<boolean> {
    const done = this.#try(work);
    await settled();
    // Refused, it runs on.
    const { status } = await this.engine.getJob(job.id);
    if (status === 'stopping') {
      this.machine.end(`${job.id}.${job.run}`, { exitCode: null, signal: 'SIGTERM', at: this.#clock.now });
    }
    return done;
  }

  async #ended({ id, run }: ModelJob): Promise<void> {
    for (let isRunning = true; isRunning;) {
      await settled();
      const job = await this.engine.getJob(id);
      isRunning = job.run === run && job.status === 'running';
    }
  }

  async #tick(ms: number): Promise<void> {
    this.#clock.tick(ms);
    this.model.now = this.#clock.now;
    await settled();
  }

  /** Told before a run takes its place: there must be one, whatever the model says. */
  #checkPlace(running: readonly Occupant[], { session, mutex }: Occupant): void {
    const { limits, isPaused, pausedSessions } = this.model;
    const inSession = running.filter((run) => run.session === session).length;
    assert.ok(!isPaused && !pausedSessions.includes(session), 'nothing is to start');
    assert.ok(hasRoom(limits.maxConcurrentJobs, running.length), 'the host is full');
    assert.ok(hasRoom(sessionLimit(limits, session), inSession), `session ${session} is full`);
    assert.ok(mutex === undefined || running.every((run) => run.mutex !== mutex), `${mutex} is taken`);
  }
}
