import { mkdirSync } from 'node:fs';
import { isEnded } from '../../api/values.ts';
import { isDiskFull } from '../../store/diskFull.ts';
import type { LeftoverScanner } from '../hooks/orphans.ts';
import { clearTimers, type LiveRun } from './liveRun.ts';
import { streamSizes } from '../../store/chunkIndex.ts';
import type { OutputTracker } from '../output/outputTracker.ts';
import { logFiles, type RunLogs } from '../output/runLogs.ts';
import { socketsBefore } from '../readiness/portClaim.ts';
import type { OomKills } from '../hooks/outOfMemory.ts';
import { endOf, naturalEnd, type End, afterRun } from './runEnd.ts';
import { logPaths, runFolder, runIdOf } from '../../store/runFolder.ts';
import { StartFailure, type ExitStatus, type Runner, type RunningProcess } from '../launch/runner.ts';
import type { ProcessTable } from '../../processes/snapshot.ts';
import type { RunTarget } from '../../processes/runTree.ts';
import { killTree } from '../../processes/killTree.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { AfterRun, Leftover, RunRow, StopRecord } from '../../store/runTable.ts';
import type { Store } from '../../store/store.ts';

/** How long to wait before an end that could not be recorded (disk full) is recorded again. */
const retryMs = 2000;

export interface ExecutorParts {
  store: Store;
  table: ProcessTable;
  runner: Runner;
  tracker: OutputTracker;
  leftovers: LeftoverScanner;
  oomKills: OomKills;
  home: string;
  now: () => number;
  log: (message: string) => void;
}

/** What the executor tells: each is called once per run. */
export interface ExecutorEvents {
  /** The run has its processes: limits on its time begin. */
  begun(live: LiveRun): void;
  /** Its end is recorded, its place is free. */
  ended(live: LiveRun): void;
  /** It could not be started; perhaps it will be tried again. */
  waits(job: JobRow): void;
}

/** Starts runs, takes over those of an earlier host, and records how they end. */
export class Executor {
  readonly #parts: ExecutorParts;
  readonly #events: ExecutorEvents;
  readonly #live = new Map<string, LiveRun>();
  readonly #retries = new Set<NodeJS.Timeout>();

  constructor(parts: ExecutorParts, events: ExecutorEvents) {
    this.#parts = parts;
    this.#events = events;
  }

  /** Nothing runs, and no end waits to be recorded. */
  get isIdle(): boolean {
    return this.#live.size === 0 && this.#retries.size === 0;
  }

  /** By job id. */
  get live(): ReadonlyMap<string, LiveRun> {
    return this.#live;
  }

  /** Starts a pending job. One that cannot start is recorded as failed, with the reason. */
  start(job: JobRow, baseEnv: NodeJS.ProcessEnv): void {
    const { store, runner, home } = this.#parts;
    const run = store.beginRun(job, socketsBefore(job.spec.readyWhen));
    const directory = runFolder(home, job.id, run.number);
    let process: RunningProcess | undefined;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const runId = runIdOf(job.id, run.number);
      process = runner.start({ runId, jobId: job.id, directory, spec: job.spec, baseEnv });
      store.runStarted(job, run, process.supervisor);
      this.#follow(job, run, process);
    } catch (error) {
      // Started, and the disk was full just then: nothing may run that is not in the store.
      if (process) this.#killUnrecorded(job, run, process);
      this.#failToStart(job, run, error);
    }
  }

  /** @param isAlive its supervisor is: else nobody knows who has its numbers now */
  adopt(job: JobRow, run: RunRow, process: RunningProcess, isAlive: boolean): LiveRun {
    return this.#follow(job, run, process, isAlive ? {} : { justEnded: false });
  }

  /**
   * Records an end; with a full disk, as soon as there is room. The run is under way until then.
   * @param processes that outlive the main process
   * @param stop what ended it: recorded now, where that was not possible at its beginning
   */
  finish(live: LiveRun, end: End, processes: Leftover[] = [], stop?: StopRecord): void {
    if (this.#live.get(live.job.id) !== live) return;
    const { store } = this.#parts;
    clearTimers(live);
    this.#record(live.target.runId, () => {
      // What an earlier try has recorded stays as it is.
      if (!isEnded(live.run.status)) {
        if (stop && live.run.status !== 'stopping') store.setRunStatus(live.job, live.run, 'stopping', stop);
        if (processes.length > 0) store.setLeftovers(live.job, live.run, processes);
        if (live.maxMemory !== undefined) store.runs.update(live.run.row, { maxMemory: live.maxMemory });
        this.#endRun(live.job, live.run, end);
      }
      this.#live.delete(live.job.id);
      this.#events.ended(live);
    });
  }

  /** For a run of an earlier host that has no processes. */
  finishUnseen(job: JobRow, run: RunRow, end: End): void {
    this.#parts.tracker.track(this.logsOf(job, run));
    this.#record(runIdOf(job.id, run.number), () => this.#endRun(job, run, end));
  }

  logsOf(job: JobRow, run: RunRow): RunLogs {
    const paths = logPaths(runFolder(this.#parts.home, job.id, run.number), job.spec.capture);
    const dropped = { stdout: run.stdoutDropped, stderr: run.stderrDropped };
    return { run: run.row, ...paths, maxLogBytes: job.spec.maxLogBytes, dropped };
  }

  /** Lets go of all runs without touching them. */
  dispose(): void {
    for (const timer of this.#retries) clearTimeout(timer);
    for (const live of this.#live.values()) {
      clearTimers(live);
      live.process.dispose();
    }
    this.#live.clear();
  }

  #endRun(job: JobRow, run: RunRow, end: End): void {
    const { tracker, store } = this.#parts;
    tracker.finish(run.row);
    const { stdout, stderr } = streamSizes(store.chunks.last(run.row));
    const next = run.stop?.next ?? this.#next(job, end);
    const isOver = next === 'ended';
    store.endRun(job, run, { ...end, stdoutBytes: stdout, stderrBytes: stderr }, isOver ? null : next);
  }

  #next(job: JobRow, end: End): AfterRun {
    const { retry, restart } = job.spec;
    return retry || restart ? afterRun(job, this.#parts.store.runs.ofJob(job.row), end, Math.random) : null;
  }

  #follow(job: JobRow, run: RunRow, process: RunningProcess, known: Pick<RunTarget, 'justEnded'> = {}): LiveRun {
    const logs = this.logsOf(job, run);
    const runId = runIdOf(job.id, run.number);
    const target = { runId, supervisor: process.supervisor, logs: logFiles(logs), ...known };
    const ended = process.exited.then((exit) => this.#exited(live, exit));
    const oomKills = this.#parts.oomKills.recent();
    const live: LiveRun = { job, run, process, logs, target, timers: new Set(), delivered: new Map(), oomKills, ended };
    this.#live.set(job.id, live);
    this.#parts.tracker.track(logs);
    this.#events.begun(live);
    return live;
  }

  async #exited(live: LiveRun, exit: ExitStatus | null): Promise<void> {
    // Whoever stops the run records its end, when nothing of the tree is left.
    if (live.stop) return;
    const { leftovers, oomKills, log } = this.#parts;
    const processes = await leftovers.atEnd(live.job, live.run, live.target).catch((error: unknown) => {
      log(`What run ${live.target.runId} has left could not be looked for: ${String(error)}`);
      return [];
    });
    await live.beforeEnd?.();
    if (live.stop) return;
    const end = naturalEnd(live, exit, this.#parts.now());
    this.finish(live, oomKills.explain(end, live.oomKills), processes);
  }

  #killUnrecorded(job: JobRow, run: RunRow, process: RunningProcess): void {
    const { table, log } = this.#parts;
    const target = { runId: runIdOf(job.id, run.number), supervisor: process.supervisor, logs: [] };
    process.dispose();
    killTree(table, target, { signal: 'SIGKILL', graceMs: 0 }).catch((error: unknown) => log(String(error)));
  }

  #failToStart(job: JobRow, run: RunRow, error: unknown): void {
    const { store, now, log } = this.#parts;
    if (!(error instanceof StartFailure)) log(`Run ${job.id}.${run.number} could not be started: ${String(error)}`);
    const failure = error instanceof StartFailure ? error : new StartFailure('spawn_failed', messageOf(error));
    const { code: errorCode, message: errorMessage } = failure;
    const end = { ...endOf('failed', null, now()), reason: 'spawn_error', errorCode, errorMessage } as const;
    const nothing = { stdoutBytes: 0, stderrBytes: 0 };
    this.#record(runIdOf(job.id, run.number), () => {
      store.endRun(job, run, { ...end, ...nothing }, this.#next(job, end));
      this.#events.waits(job);
    });
  }

  /** With a full disk, again and again until there is room. */
  #record(runId: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      this.#parts.log(`The end of run ${runId} could not be recorded yet: the disk is full.`);
      const timer = setTimeout(() => {
        this.#retries.delete(timer);
        this.#record(runId, work);
      }, retryMs);
      this.#retries.add(timer);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
