import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Actor } from '../../api/options.ts';
import type { SignalName } from '../../api/signals.ts';
import { type EndReason, isElsewhere, isEnded } from '../../api/values.ts';
import type { DiskReserve } from '../../disk/diskReserve.ts';
import type { KillOutcome } from '../../processes/killTree.ts';
import type { ProcessTable, RunTarget } from '../../processes/runTree.ts';
import { clock, moment } from '../../store/clock.ts';
import { unlessFull } from '../../store/database.ts';
import type { Cause } from '../../store/arrays.ts';
import type { JobRow } from '../../store/jobTable.ts';
import { logFiles, logsOf, runFolder, runIdOf, type End, type RunRow, type StopRecord } from '../../store/runTable.ts';
import type { Store } from '../../store/store.ts';
import type { ActiveRun, ChosenHook, RunHook, RunKill } from '../hooks/hook.ts';
import type { RunExit, RunningProcess } from '../launch/runControl.ts';
import type { RemoteRunner, Runner } from '../launch/runner.ts';
import type { OutputTracker } from '../output/outputTracker.ts';
import { pauseRun, resumeRun } from './pausing.ts';
import { endOfKill, failToStart, hostStopping, killUnrecorded, naturalEnd, recordEnd, withdraw } from './runEnd.ts';

/** How long the supervisor may take to record the exit status once nothing else is left of the tree. */
const exitRecordMs = 3000;

export interface RunDeps {
  store: Store;
  disk: DiskReserve;
  table: ProcessTable;
  runner: Runner;
  /** For jobs that run elsewhere: loaded with the first of them. */
  remote: () => Promise<RemoteRunner>;
  tracker: OutputTracker;
  hooks: readonly ChosenHook[];
  /** The slots that running jobs take, and the queue for them. */
  slots: {
    took(job: JobRow): void;
    freed(job: JobRow): void;
    /** The job may wait for another attempt, or have been put back into the queue. */
    requeued(job: JobRow): void;
  };
  home: string;
  now: () => number;
  log: (message: string) => void;
  /** Keyed by job id. A run is here from its launch until its end is recorded. */
  live: Map<string, Run>;
  /** Writes the end of a run: at once or, with a full disk, as soon as there is room. */
  record: (runId: string, write: () => void) => void;
  /** Aborted when the engine closes. */
  closing: AbortSignal;
}

/** A run under way: its record, its processes, and all that can be done with it. Its hooks do the rest. */
export class Run implements ActiveRun {
  readonly id: string;
  readonly job: JobRow;
  readonly record: RunRow;
  readonly process: RunningProcess;
  readonly logs: ReturnType<typeof logsOf>;
  readonly target: RunTarget;
  /** Resolves when the main process has ended and, unless the run is being killed, that is recorded. */
  readonly ended: Promise<void>;
  resumedAt = -Infinity;
  pidKnown?: Promise<void>;
  maxMemory?: number;
  /** A full disk may keep that from being recorded. */
  hasEnded = false;
  readonly #deps: RunDeps;
  readonly #hooks: readonly RunHook[];
  /** Signals that were delivered without a request for the end, and by whom. */
  readonly #delivered = new Map<string, Actor>();
  /** Resolves when the tree is proven dead and the end is recorded. */
  #killing: Promise<KillOutcome> | undefined;

  /**
   * Spawns a run whose beginning is in the store, and records it as running. When it cannot start, that is recorded as its
   * failure. It has its slot meanwhile. Never rejects.
   */
  static async launch(deps: RunDeps, job: JobRow, record: RunRow, baseEnv: NodeJS.ProcessEnv): Promise<void> {
    const { store, runner, remote, home, slots, closing } = deps;
    const runId = runIdOf(job.id, record.number);
    const directory = runFolder(home, job.id, record.number);
    let process: RunningProcess | undefined;
    slots.took(job);
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const plan = { runId, jobId: job.id, directory, spec: job.spec, baseEnv, maxRunning: job.task?.maxRunning };
      const moreTasks = isElsewhere(job.spec) && job.task !== null && store.arrays.tasks.hasNext(job.task.row);
      const starting = isElsewhere(job.spec) ? (await remote()).start({ ...plan, moreTasks }) : runner.start(plan);
      process = starting instanceof Promise ? await starting : starting;
      if (closing.aborted) return process.dispose(); // The next host finds it.
      if (process.supervisor) store.runStarted(job, record, { ...process.supervisor, ...moment() });
      new Run(deps, job, record, process).#begin();
    } catch (error) {
      // It was spawned, and the disk was full just then: nothing may run that is not in the store.
      if (process) killUnrecorded(deps, job.id, process);
      failToStart(deps, job, record, error);
    }
  }

  /**
   * Follows a run that an earlier host launched.
   * @param isAlive whether its supervisor is: else nobody knows which process has its ids now
   */
  static adopt(deps: RunDeps, job: JobRow, record: RunRow, process: RunningProcess, isAlive: boolean): Run {
    deps.slots.took(job);
    return new Run(deps, job, record, process, isAlive ? {} : { justEnded: false }).#begin();
  }

  private constructor(
    deps: RunDeps,
    job: JobRow,
    record: RunRow,
    process: RunningProcess,
    known: Pick<RunTarget, 'justEnded'> = {},
  ) {
    this.#deps = deps;
    const isHere = !isElsewhere(job.spec);
    this.#hooks = deps.hooks.flatMap(({ hook, concerns, isAnywhere = isHere }) =>
      isAnywhere && concerns?.(job.spec) !== false ? hook : [],
    );
    this.id = runIdOf(job.id, record.number);
    this.job = job;
    this.record = record;
    this.process = process;
    this.logs = logsOf(deps.home, job, record);
    this.target = { runId: this.id, supervisor: process.supervisor, logs: logFiles(this.logs), ...known };
    this.ended = process.exited.then((exit) => this.#exited(exit));
  }

  get isBeingKilled(): boolean {
    return this.#killing !== undefined || this.record.stop !== null;
  }

  get isOver(): boolean {
    return this.#deps.live.get(this.job.id) !== this;
  }

  /**
   * Kills the run's tree and records the end when it is proven dead. A second request joins the first, whose reason stays;
   * with SIGKILL it does not wait for the grace time. Where the job goes afterwards is what the last request says.
   * @throws BgJobsError `host_stopping`: the next host goes on with it
   */
  async kill(how: RunKill): Promise<KillOutcome> {
    const { store, disk, now } = this.#deps;
    const request: StopRecord = { next: null, ...how, requestedAt: now(), awakeAt: clock.awake() };
    const { record } = this;
    // Where the job goes after a kill that is under way. Limits do not say.
    if (record.stop && request.next !== null && request.next !== record.stop.next) {
      const stop = (record.stop = { ...record.stop, next: request.next });
      unlessFull(() => disk.spend(() => store.runs.update(record.row, { stop }, 'stopping')));
    }
    if (this.#killing) {
      if (how.signal === 'SIGKILL') await this.process.stop({ signal: 'SIGKILL', graceMs: 0 });
      return this.#killing;
    }
    // One that was interrupted is taken up again, with its reason.
    if (record.stop) return this.resumeKill({ ...record.stop, signal: how.signal }, how.graceMs);
    // This very run may have filled the disk. It is killed all the same; the request is recorded with its end.
    unlessFull(() => disk.spend(() => store.setRunStatus(this.job, record, 'stopping', request)));
    return this.resumeKill(request, how.graceMs);
  }

  /** Goes on with a kill that is recorded. */
  resumeKill(request: StopRecord, graceMs: number): Promise<KillOutcome> {
    for (const hook of this.#hooks) hook.stopped?.(this);
    const killing = (this.#killing = this.#carryOut(request, graceMs));
    // Clear it so that the next request retries.
    killing.catch(() => (this.#killing = undefined));
    return killing;
  }

  expire(reason: EndReason, how: Partial<Pick<StopRecord, 'signal' | 'graceMs' | 'reasonText'>> = {}): void {
    const { graceMs } = this.job.spec;
    this.kill({ signal: 'SIGTERM', graceMs, reasonText: null, ...how, reason }).catch((error: unknown) =>
      this.#deps.log(`Run ${this.id} could not be killed: ${String(error)}`),
    );
  }

  pause(cause?: Cause): Promise<void> {
    return pauseRun(this.#deps, this, cause);
  }

  async resume(): Promise<void> {
    const { tracker } = this.#deps;
    tracker.observe(this.record.row);
    // Everything until now may be dropped: whoever resumes it had the time to look.
    Object.assign(this.logs.resumedAt, tracker.bytes(this.record.row));
    if (await resumeRun(this.#deps, this)) this.resumedAt = clock.awake();
  }

  async signal(signal: SignalName, actor: Actor): Promise<void> {
    const { store, disk } = this.#deps;
    this.#delivered.set(signal, actor);
    await this.process.signal(signal);
    // It is delivered, whether there is room for its event or not.
    unlessFull(() => disk.spend(() => store.note(this.job, 'signalled', signal)));
  }

  /** Writes to the standard input, and closes it with `eof`. @throws BgJobsError `invalid_state` when nobody reads it */
  async write(text: string | undefined, eof: boolean): Promise<void> {
    // Before the command runs, nobody reads.
    await this.pidKnown;
    if (text !== undefined) await this.process.input?.write(text);
    if (eof) await this.process.input?.end();
  }

  /** Only for a job with a terminal. */
  async resizeTerminal(columns: number, rows: number): Promise<void> {
    await this.process.input?.resize(columns, rows);
  }

  #begin(): this {
    const { live, tracker } = this.#deps;
    live.set(this.job.id, this);
    tracker.track(this.logs);
    if (this.record.status !== 'starting') this.#accompany();
    this.process.follow?.({ began: (at) => this.#began(at), changed: (remote) => this.#note({ remote }) });
    return this;
  }

  #accompany(): void {
    if (!this.isBeingKilled) for (const hook of this.#hooks) hook.started?.(this);
  }

  /** A run elsewhere has got its turn. */
  #began(at: number): void {
    const { store, disk } = this.#deps;
    if (this.isOver || this.record.status !== 'starting') return;
    if (unlessFull(() => disk.spend(() => store.runStarted(this.job, this.record, null, at)))) this.#accompany();
  }

  #note(known: Pick<RunRow, 'remote'>): void {
    if (this.isOver || isDeepStrictEqual(known.remote, this.record.remote)) return;
    unlessFull(() => this.#deps.disk.spend(() => this.#deps.store.setKnown(this.job, this.record, known)));
  }

  /** The main process has ended; with null, nobody saw how. */
  async #exited(exit: RunExit | null): Promise<void> {
    const { now, log } = this.#deps;
    if (exit?.isUnbegun && !this.isBeingKilled) return withdraw(this.#deps, this.job, this.record);
    let end = naturalEnd(this.#delivered, exit, now());
    for (const hook of this.#hooks) {
      // The kill records the end, when nothing of the tree is left.
      if (this.#killing) return;
      try {
        if (hook.beforeEnd) end = { ...end, ...(await hook.beforeEnd(this, end)) };
      } catch (error) {
        log(`At the end of run ${this.id}, ${hook.name} failed: ${String(error)}`);
      }
    }
    if (!this.#killing) this.#finish(end);
  }

  async #carryOut(request: StopRecord, graceMs: number): Promise<KillOutcome> {
    const { table, now, closing } = this.#deps;
    const { signal } = request;
    const outcome = await this.process.stop({ signal, graceMs, abort: closing }).catch((error: unknown) => {
      throw closing.aborted ? hostStopping() : error;
    });
    const exit: RunExit | null = await Promise.race([this.process.exited, sleep(exitRecordMs, null, { ref: false })]);
    // The process is dead, but the store is already closed.
    if (closing.aborted) throw hostStopping();
    this.#finish(endOfKill({ request, outcome, exit, table, now: now() }), request);
    return outcome;
  }

  /**
   * Records the end, with a full disk as soon as there is room. The run is under way until then.
   * @param request of the kill that ended it: recorded now if that was not possible when it began
   */
  #finish(found: End, request?: StopRecord): void {
    const { store, tracker, slots, live, now, record: recordNow } = this.#deps;
    const { job, record, maxMemory } = this;
    const end = maxMemory === undefined ? found : { ...found, maxMemory };
    if (this.isOver) return;
    this.hasEnded = true;
    for (const hook of this.#hooks) hook.stopped?.(this);
    recordNow(this.id, () => {
      if (this.isOver) return;
      // What an earlier attempt has recorded stays as it is.
      if (!isEnded(record.status)) {
        if (request && record.status !== 'stopping') store.setRunStatus(job, record, 'stopping', request);
        recordEnd({ store, tracker, now }, job, record, end);
      }
      live.delete(job.id);
      const { leftovers } = end;
      for (const hook of this.#hooks) {
        hook.ended?.(this);
        if (leftovers !== undefined) hook.left?.(this, leftovers);
      }
      slots.requeued(job);
      slots.freed(job);
    });
  }
}
