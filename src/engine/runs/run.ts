import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { BgJobsError } from '../../api/errors.ts';
import type { Actor } from '../../api/options.ts';
import type { SignalName } from '../../api/signals.ts';
import { type EndReason, isEnded } from '../../api/values.ts';
import { killTree, pauseTree, resumeTree, signalTree, type KillOutcome } from '../../processes/killTree.ts';
import type { RunTarget, ProcessTable } from '../../processes/runTree.ts';
import { unlessFull } from '../../store/database.ts';
import type { JobRow } from '../../store/jobTable.ts';
import { logFiles, logsOf, runFolder, runIdOf, type End, type RunRow, type StopRecord } from '../../store/runTable.ts';
import type { Store } from '../../store/store.ts';
import type { ActiveRun, ChosenHook, RunHook, RunKill } from '../hooks/hook.ts';
import { StartFailure } from '../launch/command.ts';
import type { ExitStatus } from '../launch/supervisor.ts';
import type { Runner, RunningProcess } from '../launch/runner.ts';
import type { OutputTracker } from '../output/outputTracker.ts';
import { killedEnd, failureEnd, naturalEnd, recordEnd } from './runEnd.ts';

/** How long the supervisor may take to record the exit status once nothing else is left of the tree. */
const exitRecordMs = 3000;

export interface RunDeps {
  store: Store;
  table: ProcessTable;
  runner: Runner;
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
  resumedAt = 0;
  pidKnown?: Promise<void>;
  maxMemory?: number;
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
    const { store, runner, home, slots, closing } = deps;
    const runId = runIdOf(job.id, record.number);
    const directory = runFolder(home, job.id, record.number);
    let process: RunningProcess | undefined;
    slots.took(job);
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const starting = runner.start({ runId, jobId: job.id, directory, spec: job.spec, baseEnv });
      process = starting instanceof Promise ? await starting : starting;
      // The next host finds it.
      if (closing.aborted) return process.dispose();
      store.runStarted(job, record, process.supervisor);
      new Run(deps, job, record, process).#begin();
    } catch (error) {
      // It was spawned, and the disk was full just then: nothing may run that is not in the store.
      if (process) killUnrecorded(deps, runId, process);
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
    this.#hooks = deps.hooks.flatMap(({ hook, concerns }) => (concerns?.(job.spec) === false ? [] : hook));
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
    const { store, table, now } = this.#deps;
    const request: StopRecord = { next: null, ...how, requestedAt: now() };
    const { record } = this;
    // Where the job goes after a kill that is under way. Limits do not say.
    if (record.stop && request.next !== null && request.next !== record.stop.next) {
      const stop = (record.stop = { ...record.stop, next: request.next });
      unlessFull(() => store.runs.update(record.row, { stop }, 'stopping'));
    }
    if (this.#killing) {
      if (how.signal === 'SIGKILL') await killTree(table, this.target, { signal: 'SIGKILL', graceMs: 0 });
      return this.#killing;
    }
    // One that was interrupted is taken up again, with its reason.
    if (record.stop) return this.resumeKill({ ...record.stop, signal: how.signal }, how.graceMs);
    // This very run may have filled the disk. It is killed all the same; the request is recorded with its end.
    unlessFull(() => store.setRunStatus(this.job, record, 'stopping', request));
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

  async pause(): Promise<void> {
    const { table, store } = this.#deps;
    await pauseTree(table, this.target);
    if (this.record.status === 'running') store.setRunStatus(this.job, this.record, 'paused');
  }

  async resume(): Promise<void> {
    const { table, store, now } = this.#deps;
    await resumeTree(table, this.target);
    if (this.record.status !== 'paused') return;
    store.setRunStatus(this.job, this.record, 'running');
    this.resumedAt = now();
  }

  async signal(signal: SignalName, actor: Actor): Promise<void> {
    const { table, store } = this.#deps;
    this.#delivered.set(signal, actor);
    await signalTree(table, this.target, signal);
    store.signalled(this.job, signal);
  }

  /** Writes to the standard input, and closes it with `eof`. @throws BgJobsError `invalid_state` when nobody reads it */
  async write(text: string | undefined, eof: boolean): Promise<void> {
    // Before the command runs, nobody reads.
    await this.pidKnown;
    if (text !== undefined) await this.process.input?.write(text);
    if (eof) await this.process.input?.end();
  }

  #begin(): this {
    const { live, tracker } = this.#deps;
    live.set(this.job.id, this);
    tracker.track(this.logs);
    if (!this.isBeingKilled) for (const hook of this.#hooks) hook.started?.(this);
    return this;
  }

  /** The main process has ended; with null, nobody saw how. */
  async #exited(exit: ExitStatus | null): Promise<void> {
    const { now, log } = this.#deps;
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
    const outcome = await killTree(table, this.target, { signal, graceMs, abort: closing }).catch((error: unknown) => {
      throw closing.aborted ? hostStopping() : error;
    });
    const exit = await Promise.race([this.process.exited, sleep(exitRecordMs, null, { ref: false })]);
    // The process is dead, but the store is already closed.
    if (closing.aborted) throw hostStopping();
    // Without a record the supervisor was killed together with the tree, by the last signal that was sent.
    const known = exit ?? { exitCode: null, signal: outcome.escalated ? 'SIGKILL' : signal };
    const survivors = outcome.survivors.flatMap(({ pid, command }) => {
      const identity = table.identify(pid);
      return identity ? [{ ...identity, command }] : [];
    });
    const end = killedEnd(request, { ...known, at: now() }, now());
    this.#finish(survivors.length > 0 ? { ...end, leftovers: survivors } : end, request);
    return outcome;
  }

  /**
   * Records the end, with a full disk as soon as there is room. The run is under way until then.
   * @param request of the kill that ended it: recorded now if that was not possible when it began
   */
  #finish(found: End, request?: StopRecord): void {
    const { store, tracker, slots, live, record: recordNow } = this.#deps;
    const { job, record, maxMemory } = this;
    const end = maxMemory === undefined ? found : { ...found, maxMemory };
    if (this.isOver) return;
    for (const hook of this.#hooks) hook.stopped?.(this);
    recordNow(this.id, () => {
      if (this.isOver) return;
      // What an earlier attempt has recorded stays as it is.
      if (!isEnded(record.status)) {
        if (request && record.status !== 'stopping') store.setRunStatus(job, record, 'stopping', request);
        recordEnd({ store, tracker }, job, record, end);
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

function killUnrecorded({ table, live, log }: RunDeps, runId: string, process: RunningProcess): void {
  const [jobId = ''] = runId.split('.');
  live.delete(jobId);
  process.dispose();
  const target = { runId, supervisor: process.supervisor, logs: [] };
  killTree(table, target, { signal: 'SIGKILL', graceMs: 0 }).catch((error: unknown) => log(String(error)));
}

function failToStart({ store, tracker, slots, now, log, record }: RunDeps, job: JobRow, run: RunRow, error: unknown) {
  const runId = runIdOf(job.id, run.number);
  if (!(error instanceof StartFailure)) log(`Run ${runId} could not be started: ${String(error)}`);
  record(runId, () => {
    recordEnd({ store, tracker }, job, run, failureEnd(error, now()));
    slots.requeued(job);
    slots.freed(job);
  });
}

function hostStopping(): BgJobsError {
  return new BgJobsError('host_stopping', 'The job host is stopping. The next host continues to kill the job.');
}
