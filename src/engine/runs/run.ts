import { mkdirSync } from 'node:fs';
import { BgJobsError } from '../../api/errors.ts';
import type { Actor } from '../../api/options.ts';
import type { SignalName } from '../../api/signals.ts';
import { type EndReason, isEnded } from '../../api/values.ts';
import { killTree, type KillOutcome } from '../../processes/killTree.ts';
import type { RunTarget } from '../../processes/runTree.ts';
import { pauseTree, resumeTree, signalTree } from '../../processes/signaller.ts';
import type { ProcessTable } from '../../processes/snapshot.ts';
import { unlessFull } from '../../store/database.ts';
import type { JobRow } from '../../store/jobTable.ts';
import { runFolder, runIdOf, type End, type RunRow, type StopRecord } from '../../store/runTable.ts';
import type { Store } from '../../store/store.ts';
import type { ActiveRun, RunHook, RunKill } from '../hooks/hook.ts';
import { StartFailure, type ExitStatus, type Runner, type RunningProcess } from '../launch/runner.ts';
import type { OutputTracker } from '../output/outputTracker.ts';
import { logFiles, logsOf, type RunLogs } from '../output/runLogs.ts';
import { killedEnd, failureEnd, naturalEnd, recordEnd } from './runEnd.ts';

/** How long the supervisor may take to record the exit status once nothing else is left of the tree. */
const exitRecordMs = 3000;

export interface RunDeps {
  store: Store;
  table: ProcessTable;
  runner: Runner;
  tracker: OutputTracker;
  hooks: readonly RunHook[];
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
  readonly logs: RunLogs;
  readonly target: RunTarget;
  /** Resolves when the main process has ended and, unless the run is being killed, that is recorded. */
  readonly ended: Promise<void>;
  resumedAt = 0;
  pidKnown?: Promise<void>;
  maxMemory?: number;
  readonly #deps: RunDeps;
  /** Signals that were delivered without a request for the end, and by whom. */
  readonly #delivered = new Map<string, Actor>();
  /** Resolves when the tree is proven dead and the end is recorded. */
  #killing: Promise<KillOutcome> | undefined;

  /**
   * Spawns a run whose beginning is in the store, and records it as running. When it cannot start, that is recorded as its
   * failure. Synchronous, so that nothing happens between the spawn and its record.
   */
  static launch(deps: RunDeps, job: JobRow, record: RunRow, baseEnv: NodeJS.ProcessEnv): void {
    const { store, runner, home } = deps;
    const runId = runIdOf(job.id, record.number);
    const directory = runFolder(home, job.id, record.number);
    let process: RunningProcess | undefined;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      process = runner.start({ runId, jobId: job.id, directory, spec: job.spec, baseEnv });
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
    const run = new Run(deps, job, record, process, isAlive ? {} : { justEnded: false });
    run.#begin();
    return run;
  }

  private constructor(
    deps: RunDeps,
    job: JobRow,
    record: RunRow,
    process: RunningProcess,
    known: Pick<RunTarget, 'justEnded'> = {},
  ) {
    this.#deps = deps;
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
    this.#setNext(request.next);
    if (this.#killing) {
      if (how.signal === 'SIGKILL') await killTree(table, this.target, { signal: 'SIGKILL', graceMs: 0 });
      return this.#killing;
    }
    // One that was interrupted is taken up again, with its reason.
    if (this.record.stop) return this.resumeKill({ ...this.record.stop, signal: how.signal }, how.graceMs);
    // This very run may have filled the disk. It is killed all the same; the request is recorded with its end.
    unlessFull(() => store.setRunStatus(this.job, this.record, 'stopping', request));
    return this.resumeKill(request, how.graceMs);
  }

  /** Goes on with a kill that is recorded already. */
  resumeKill(request: StopRecord, graceMs: number): Promise<KillOutcome> {
    for (const hook of this.#deps.hooks) hook.stopped?.(this);
    const killing = this.#carryOut(request, graceMs);
    this.#killing = killing;
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

  /** Delivers a signal and requests nothing more. */
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
    if (text !== undefined) await this.process.write(text);
    if (eof) await this.process.endInput();
  }

  #begin(): void {
    const { live, tracker, hooks } = this.#deps;
    live.set(this.job.id, this);
    tracker.track(this.logs);
    for (const hook of hooks) hook.started?.(this);
  }

  /** The main process has ended; with null, nobody saw how. */
  async #exited(exit: ExitStatus | null): Promise<void> {
    const { hooks, now, log } = this.#deps;
    let end = naturalEnd(this.#delivered, exit, now());
    for (const hook of hooks) {
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
    const killing = killTree(table, this.target, { signal, graceMs, abort: closing });
    const outcome = await killing.catch((error: unknown) => {
      throw closing.aborted ? hostStopping() : error;
    });
    const exit = await Promise.race([this.process.exited, nothingAfter(exitRecordMs)]);
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

  /** Sets where the job goes after a kill that is under way. Limits do not say. */
  #setNext(next: StopRecord['next']): void {
    const { record } = this;
    if (!record.stop || next === null || next === record.stop.next) return;
    const stop = (record.stop = { ...record.stop, next });
    unlessFull(() => this.#deps.store.runs.update(record.row, { stop }, 'stopping'));
  }

  /**
   * Records the end, with a full disk as soon as there is room. The run is under way until then.
   * @param request of the kill that ended it: recorded now if that was not possible when it began
   */
  #finish(found: End, request?: StopRecord): void {
    const { store, tracker, hooks, live, record: recordNow } = this.#deps;
    const { job, record, maxMemory } = this;
    const end = maxMemory === undefined ? found : { ...found, maxMemory };
    if (this.isOver) return;
    for (const hook of hooks) hook.stopped?.(this);
    recordNow(this.id, () => {
      if (this.isOver) return;
      // What an earlier attempt has recorded stays as it is.
      if (!isEnded(record.status)) {
        if (request && record.status !== 'stopping') store.setRunStatus(job, record, 'stopping', request);
        recordEnd({ store, tracker }, job, record, end);
      }
      live.delete(job.id);
      for (const hook of hooks) hook.ended?.(this, end);
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

function failToStart({ store, tracker, hooks, now, log, record }: RunDeps, job: JobRow, run: RunRow, error: unknown) {
  const runId = runIdOf(job.id, run.number);
  if (!(error instanceof StartFailure)) log(`Run ${runId} could not be started: ${String(error)}`);
  record(runId, () => {
    recordEnd({ store, tracker }, job, run, failureEnd(error, now()));
    for (const hook of hooks) hook.notStarted?.(job);
  });
}

function hostStopping(): BgJobsError {
  return new BgJobsError('host_stopping', 'The job host is stopping. The next host continues to kill the job.');
}

/** Resolves with null after `ms`, without keeping the process alive for it. */
function nothingAfter(ms: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), ms).unref());
}
