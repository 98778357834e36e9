import { BgJobsError } from '../../api/errors.ts';
import type { Actor } from '../../api/options.ts';
import type { SignalName } from '../../api/signals.ts';
import type { EndReason } from '../../api/values.ts';
import { isDiskFull } from '../../store/diskFull.ts';
import type { Executor } from './executor.ts';
import { clearTimers, type LiveRun } from './liveRun.ts';
import type { OutputTracker } from '../output/outputTracker.ts';
import { askedEnd } from './runEnd.ts';
import type { ExitStatus } from '../launch/runner.ts';
import { pauseTree, resumeTree, signalTree } from '../../processes/signalTree.ts';
import type { ProcessTable } from '../../processes/snapshot.ts';
import { killTree, type KillOutcome } from '../../processes/killTree.ts';
import type { StopRecord } from '../../store/runTable.ts';
import type { Store } from '../../store/store.ts';

/** How long the supervisor may take to record the status once nothing else is left. */
const recordMs = 3000;

export interface StopperParts {
  store: Store;
  table: ProcessTable;
  tracker: OutputTracker;
  executor: Executor;
  now: () => number;
  log: (message: string) => void;
}

/** Ends, pauses, resumes and signals runs, for whoever asks and when their time is up. */
export class Stopper {
  readonly #parts: StopperParts;
  readonly #closing = new AbortController();

  constructor(parts: StopperParts) {
    this.#parts = parts;
  }

  /**
   * Ends the run's tree and records the end when it is proven. A second request joins the first, whose reason stays;
   * with KILL it does not wait for the first one's grace time. Where the job goes then is what was asked for last.
   * @throws BgJobsError `host_stopping`: the next host goes on with it
   */
  async stop(live: LiveRun, record: StopRecord): Promise<KillOutcome> {
    const { table, store } = this.#parts;
    this.#decideNext(live, record);
    if (live.stop) {
      if (record.signal === 'SIGKILL') await killTree(table, live.target, { signal: 'SIGKILL', graceMs: 0 });
      return live.stop;
    }
    // One that broke off is taken up again: its reason stays.
    if (live.run.stop) return this.resumeStop(live, { ...live.run.stop, signal: record.signal }, record.graceMs);
    try {
      store.setRunStatus(live.job, live.run, 'stopping', record);
    } catch (error) {
      // Perhaps this very run has filled the disk. It is ended all the same, and recorded when there is room.
      if (!isDiskFull(error)) throw error;
    }
    return this.resumeStop(live, record, record.graceMs);
  }

  /** Goes on with a stop that is recorded already. */
  resumeStop(live: LiveRun, record: StopRecord, graceMs: number): Promise<KillOutcome> {
    clearTimers(live);
    const stop = this.#carryOut(live, record, graceMs);
    live.stop = stop;
    // Who asks next tries again.
    stop.catch(() => delete live.stop);
    return stop;
  }

  async pause(live: LiveRun): Promise<void> {
    await pauseTree(this.#parts.table, live.target);
    if (live.run.status === 'running') this.#parts.store.setRunStatus(live.job, live.run, 'paused');
  }

  async resume(live: LiveRun): Promise<void> {
    await resumeTree(this.#parts.table, live.target);
    if (live.run.status !== 'paused') return;
    this.#parts.store.setRunStatus(live.job, live.run, 'running');
    live.resumedAt = this.#parts.now();
  }

  /** Delivers a signal and asks for nothing more. */
  async signal(live: LiveRun, signal: SignalName, actor: Actor): Promise<void> {
    live.delivered.set(signal, actor);
    await signalTree(this.#parts.table, live.target, signal);
    this.#parts.store.signalled(live.job, signal);
  }

  /** Arms the limits on the run's time. Counted from its start, so that a host's restart does not lengthen them. */
  limitTime(live: LiveRun, defaultTimeoutMs: number): void {
    const { spec } = live.job;
    const timeoutMs = spec.timeoutMs ?? defaultTimeoutMs;
    const { now, tracker } = this.#parts;
    if (timeoutMs > 0) this.#after(live, live.run.startedAt + timeoutMs - now(), () => this.expire(live, 'timeout'));
    const { idleTimeoutMs } = spec;
    if (idleTimeoutMs === undefined) return;
    const look = (): void => {
      tracker.observe(live.run.row);
      const quietSince = Math.max(tracker.lastGrowth(live.run.row), live.run.startedAt, live.resumedAt ?? 0);
      // Who is paused cannot write.
      const left = live.run.status === 'paused' ? idleTimeoutMs : quietSince + idleTimeoutMs - now();
      if (left > 0) this.#after(live, left, look);
      else this.expire(live, 'idle_timeout');
    };
    this.#after(live, 0, look);
  }

  /** A limit of its own is reached. */
  expire(live: LiveRun, reason: EndReason): void {
    this.#end(live, { signal: 'SIGTERM', graceMs: live.job.spec.graceMs, reason, reasonText: null });
  }

  /** It holds more memory than it may. There is no time to be polite: it goes on taking more. */
  exceededMemory(live: LiveRun, reasonText: string): void {
    this.#end(live, { signal: 'SIGKILL', graceMs: 0, reason: 'out_of_memory', reasonText });
  }

  /** Breaks off what it waits for. What was signalled stays signalled. */
  dispose(): void {
    this.#closing.abort();
  }

  /** Who was the last to say where the job goes from a stop that is under way decides. A limit does not say it. */
  #decideNext({ run }: LiveRun, { next }: StopRecord): void {
    if (!run.stop || next === null || next === run.stop.next) return;
    run.stop = { ...run.stop, next };
    try {
      this.#parts.store.runs.update(run.row, { stop: run.stop }, 'stopping');
    } catch (error) {
      if (!isDiskFull(error)) throw error;
    }
  }

  #after(live: LiveRun, ms: number, work: () => void): void {
    const timer = setTimeout(
      () => {
        live.timers.delete(timer);
        work();
      },
      Math.max(0, ms),
    );
    live.timers.add(timer);
  }

  #end(live: LiveRun, how: Pick<StopRecord, 'signal' | 'graceMs' | 'reason' | 'reasonText'>): void {
    const { now, log } = this.#parts;
    this.stop(live, { ...how, requestedAt: now(), next: null }).catch((error: unknown) =>
      log(`Run ${live.target.runId} could not be stopped: ${String(error)}`),
    );
  }

  async #carryOut(live: LiveRun, record: StopRecord, graceMs: number): Promise<KillOutcome> {
    const { table, executor, now } = this.#parts;
    const abort = this.#closing.signal;
    const stopping = killTree(table, live.target, { signal: record.signal, graceMs, abort });
    const outcome = await stopping.catch((error: unknown) => {
      throw abort.aborted ? leaving() : error;
    });
    const exit = await Promise.race([live.process.exited, nothingAfter(recordMs)]);
    // It is dead, but the store in which to say so has been let go of.
    if (abort.aborted) throw leaving();
    // Without a record the supervisor was killed together with the tree, by the last signal that was sent.
    const known: ExitStatus = exit ?? {
      exitCode: null,
      signal: outcome.escalated ? 'SIGKILL' : record.signal,
      at: now(),
    };
    const survivors = outcome.survivors.flatMap(({ pid, command }) => {
      const identity = table.identify(pid);
      return identity ? [{ ...identity, command }] : [];
    });
    executor.finish(live, askedEnd(record, { ...known, at: now() }, now()), survivors, record);
    return outcome;
  }
}

function leaving(): BgJobsError {
  return new BgJobsError('host_stopping', 'The job host is leaving. The next one goes on stopping the job.');
}

/** Null after that long, without keeping the process up for it. */
function nothingAfter(ms: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), ms).unref());
}
