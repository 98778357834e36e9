import { watch, type FSWatcher } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { BgJobsError } from '../../api/errors.ts';
import type { Remote } from '../../api/remote.ts';
import type { SignalName } from '../../api/signals.ts';
import type { KillOutcome, KillTreeOptions } from '../../processes/killTree.ts';
import type { RunExit, RunningProcess, RunWatch } from '../launch/runControl.ts';
import type { RunPlan } from '../launch/runner.ts';
import type { Controls } from './slurmControls.ts';
import type { Followed, Poller } from './poller.ts';
import type { Beginning, RunDirectory, Ticket } from './runDirectory.ts';
import { endedStates, timeOf, waitingStates, type SlurmJob } from './squeue.ts';
import { needsReason, recordedEnd, unrecordedEnd } from './verdict.ts';

/** How long a record may take to become visible here, and Slurm to say why a job ended (milliseconds). */
const lagMs = 10_000;
/** Between two attempts to end it (milliseconds). */
const againMs = 3000;

interface Deps {
  poller: Poller;
  controls: Controls;
  report: (error: unknown) => void;
}

/**
 * A run in Slurm: what its folder and squeue show, put together. Its end is what the supervisor has recorded; else what
 * Slurm says, after the time that a record may take to appear; else it is lost.
 */
export class SlurmRun implements RunningProcess, Followed {
  readonly supervisor = null;
  readonly exited: Promise<RunExit | null>;
  readonly plan: Pick<RunPlan, 'runId' | 'directory' | 'spec'>;
  readonly directory: RunDirectory;
  ticket: Ticket;
  isGivenUp = false;
  readonly #deps: Deps;
  readonly #settle: (exit: RunExit | null) => void;
  #isSettled = false;
  #watch: RunWatch | undefined;
  #watcher: FSWatcher | undefined;
  #beginning: Beginning | undefined;
  #hasTold = false;
  #job: SlurmJob | undefined;
  /** Since when it seems to be over and its record, or Slurm's word for it, is missing. */
  #overSince: number | undefined;
  #missed = 0;
  #remote: Remote = { ...nothingKnown };

  constructor(
    deps: Deps,
    plan: Pick<RunPlan, 'runId' | 'directory' | 'spec'>,
    directory: RunDirectory,
    ticket: Ticket,
  ) {
    this.#deps = deps;
    this.plan = plan;
    this.directory = directory;
    this.ticket = ticket;
    const { promise, resolve } = Promise.withResolvers<RunExit | null>();
    this.exited = promise;
    this.#settle = resolve;
    this.#remote.id = ticket.key;
  }

  /** Looks at its folder from now on, and asks Slurm for it if its key is known. */
  begin(): void {
    if (this.#isSettled) return;
    try {
      this.#watcher ??= watch(this.directory.path, () => this.#look());
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      // There are no watches left: the polls have to do.
    }
    if (this.ticket.key !== null) this.#deps.poller.add(this);
    this.#look();
  }

  follow(to: RunWatch): void {
    this.#watch = to;
    this.#tell({});
    this.#look();
  }

  dispose(): void {
    this.#watcher?.close();
    this.#deps.poller.remove(this);
  }

  named(ticket: Ticket): void {
    this.#setTicket(ticket);
  }

  accepted(key: string): void {
    this.#setTicket({ key });
    // It was ended while it was being submitted.
    if (this.#isSettled) return void this.#deps.controls.cancel(this.ticket).catch(this.#deps.report);
    this.#tell({ id: key, silentSince: null });
    this.#deps.poller.add(this);
  }

  refused(why: string): void {
    const errorMessage = `Slurm refused the job: ${why.replace(/\.$/, '')}.`;
    const failed = {
      status: 'failed',
      reason: 'spawn_error',
      reasonText: null,
      errorCode: 'submission_refused',
    } as const;
    this.#end({ exitCode: null, signal: null, at: Date.now(), why: { ...failed, errorMessage } });
  }

  silent(): void {
    this.#tell({ silentSince: this.#remote.silentSince ?? new Date().toISOString() });
  }

  /** It was never handed over: the job can wait again. */
  unbegun(): void {
    if (this.directory.prevent()) this.#end({ exitCode: null, signal: null, at: Date.now(), isUnbegun: true });
    else this.#look();
  }

  verified(submitted: string): void {
    this.#setTicket({ submitted });
  }

  unanswered(since: number): void {
    this.#tell({ silentSince: new Date(since).toISOString() });
    this.#look();
  }

  seen(job: SlurmJob | undefined): void {
    this.#missed = job ? 0 : this.#missed + 1;
    if (job) this.#job = job;
    else if (this.#missed > 1) this.#job = undefined;
    const isWaiting = job !== undefined && waitingStates.has(job.state);
    const seen = job && {
      state: job.state,
      reason: job.reason,
      partition: job.partition,
      submittedAt: timeOf(job.submitted),
      node: job.node ?? this.#remote.node,
      expectedStart: isWaiting ? this.#steady(timeOf(job.start)) : null,
    };
    this.#tell({ ...seen, silentSince: null });
    // A second run of it would do nothing but end.
    if (isWaiting && this.#beginning && !this.#isSettled)
      this.#deps.controls.cancel(this.ticket).catch(this.#deps.report);
    this.#look();
  }

  async signal(signal: SignalName): Promise<void> {
    await this.#send(signal);
  }

  /** One that waits is held there, and does not begin; one that runs is stopped. */
  async pause(): Promise<void> {
    this.#look();
    if (this.#beginning) await this.#send('SIGSTOP');
    else await this.#deps.controls.hold(this.ticket);
    this.#deps.poller.poke();
  }

  async resume(): Promise<void> {
    this.#look();
    if (this.#beginning) await this.#send('SIGCONT');
    else await this.#deps.controls.release(this.ticket);
    this.#deps.poller.poke();
  }

  /**
   * One that waits is canceled. One that runs gets the signal; after the grace time all that has its mark is killed by a
   * step in its allocation. In both cases the supervisor on the node proves that nothing is left, before it records the end.
   */
  async stop({ signal, graceMs, abort }: KillTreeOptions): Promise<KillOutcome> {
    const { controls, poller, report } = this.#deps;
    const startedAt = performance.now();
    const deadline = startedAt + (signal === 'SIGKILL' ? 0 : graceMs);
    this.directory.askToStop(signal === 'SIGKILL' ? 0 : graceMs);
    this.isGivenUp = true;
    let [isAsked, escalated] = [false, false];
    while (!this.#isSettled) {
      this.#look();
      if (this.#isSettled) break;
      if (this.ticket.key === null) this.unbegun();
      else if (!this.#beginning) await this.#withdraw().catch(report);
      else if (signal !== 'SIGKILL' && !isAsked && performance.now() < deadline) {
        await controls.send(this.ticket, this.#beginning, this.directory, signal).catch(report);
        isAsked = true;
      } else if (performance.now() >= deadline) {
        escalated = signal !== 'SIGKILL';
        await controls.kill(this.ticket, this.#beginning, this.directory).catch(report);
      }
      poller.poke();
      const left = deadline - performance.now();
      const pause = left > 0 && this.#beginning ? Math.min(left, againMs) : againMs;
      await Promise.race([this.exited, sleep(pause, undefined, abort && { signal: abort })]);
    }
    const left = this.directory.exit()?.isClear === false;
    const survivors = left
      ? [{ pid: 0, command: `processes on ${this.#remote.node ?? 'a node'} that could not be ended` }]
      : [];
    const ended = this.#beginning && !left ? 1 : 0;
    return { escalated, durationMs: Math.round(performance.now() - startedAt), survivors, ended };
  }

  /** One that waits: first it can never begin, then Slurm forgets it. */
  async #withdraw(): Promise<void> {
    if (!this.directory.prevent()) return this.#look();
    await this.#deps.controls.cancel(this.ticket);
    this.#end(unrecordedEnd({ state: 'CANCELLED', reason: 'None' }, undefined, this.plan.spec, Date.now()));
  }

  async #send(signal: NodeJS.Signals): Promise<void> {
    this.#look();
    if (this.#beginning) return this.#deps.controls.send(this.ticket, this.#beginning, this.directory, signal);
    throw new BgJobsError('invalid_state', 'It waits in Slurm, so it has no processes that a signal could reach.');
  }

  #setTicket(change: Partial<Ticket>): void {
    this.ticket = { ...this.ticket, ...change };
    this.directory.writeTicket(this.ticket);
  }

  /** The expectation moves with every round of the scheduler: small moves are not told. */
  #steady(time: string | null): string | null {
    const before = this.#remote.expectedStart;
    const isNear = time !== null && before !== null && Math.abs(Date.parse(time) - Date.parse(before)) < 60_000;
    return isNear ? before : time;
  }

  #tell(change: Partial<Remote>): void {
    this.#remote = { ...this.#remote, ...change };
    if (!this.#isSettled) this.#watch?.changed(this.#remote);
  }

  /** What its folder shows now. */
  #look(): void {
    if (this.#isSettled) return;
    this.#beginning ??= this.directory.beginning();
    if (this.#beginning && !this.#hasTold && this.#watch) {
      this.#hasTold = true;
      this.#watch.began(this.#beginning.at);
      const isOld = this.#remote.state !== null && waitingStates.has(this.#remote.state);
      this.#tell({
        node: this.#beginning.node,
        expectedStart: null,
        ...(isOld && { state: 'RUNNING', reason: 'None' }),
      });
    }
    const record = this.#beginning && this.directory.exit();
    const isKnown = this.#job !== undefined && endedStates.has(this.#job.state);
    if (record) {
      if (isKnown || !needsReason(record) || this.isGivenUp || this.#isLate()) {
        this.#end(recordedEnd(record, isKnown ? this.#job : undefined, this.plan.spec));
      }
    } else if (isKnown || this.#missed > 1) {
      const isCancelled = !this.#beginning && this.#job?.state === 'CANCELLED' && this.directory.prevent();
      if (isCancelled || this.#isLate()) {
        this.#end(unrecordedEnd(this.#job, this.#beginning, this.plan.spec, Date.now()));
      }
    } else this.#overSince = undefined;
  }

  #isLate(): boolean {
    if (this.#overSince === undefined) {
      this.#overSince = performance.now();
      this.#deps.poller.poke();
      setTimeout(() => this.#look(), lagMs + 100).unref();
    }
    return performance.now() - this.#overSince >= lagMs;
  }

  #end(exit: RunExit): void {
    if (this.#isSettled) return;
    // It is not asked for the last word, and the one before is not true any more.
    const last = this.#job && endedStates.has(this.#job.state) ? this.#job : undefined;
    this.#tell({ state: last?.state ?? null, reason: last?.reason ?? null, expectedStart: null, silentSince: null });
    this.#isSettled = true;
    this.dispose();
    this.#settle(exit);
  }
}

const nothingKnown: Remote = {
  id: null,
  state: null,
  reason: null,
  node: null,
  partition: null,
  submittedAt: null,
  expectedStart: null,
  silentSince: null,
};
