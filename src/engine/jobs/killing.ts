import type * as z from 'zod';
import type { killRequest, KillResult, terminateRequest, TerminateResult } from '../../api/control.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { Job } from '../../api/job.ts';
import { deliversOnly, parseSignal, type SignalName } from '../../api/signals.ts';
import { isEnded, isWaiting } from '../../api/values.ts';
import type { Orphans } from '../hooks/orphans.ts';
import type { Run } from '../runs/run.ts';
import type { Runs } from '../runs/runs.ts';
import { runIdOf } from '../../store/runFolder.ts';
import type { Scheduler } from '../queue/scheduler.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { RunRow } from '../../store/runTable.ts';
import type { Store } from '../../store/store.ts';

export type KillOptions = z.output<typeof killRequest>;
export type TerminateOptions = z.output<typeof terminateRequest>;

export interface KillerParts {
  store: Store;
  scheduler: Scheduler;
  runs: Runs;
  orphans: Orphans;
  report: (error: unknown) => void;
  view: (job: JobRow) => Job;
}

/** What "kill" means in each state of a job. */
export class Killer {
  readonly #parts: KillerParts;

  constructor(parts: KillerParts) {
    this.#parts = parts;
  }

  /** @param jobs that run or wait @throws BgJobsError `unknown_signal` */
  async killAll(jobs: readonly JobRow[], options: KillOptions): Promise<KillResult[]> {
    const waiting = jobs.filter(({ status }) => isWaiting(status));
    const active = jobs.filter(({ status }) => !isWaiting(status));
    // Those that wait first: or they would start in the places of those that end.
    const meant = endsIt(options) ? [...waiting, ...active] : active;
    return Promise.all(meant.map((job) => this.kill(job, options)));
  }

  /**
   * @throws BgJobsError `unknown_signal`, `run_not_found`, `run_superseded`, `invalid_state` for a held job, and for one
   * that waits when nothing but a signal is asked for
   */
  async kill(job: JobRow, options: KillOptions): Promise<KillResult> {
    const signal = parseSignal(options.signal);
    checkRun(job, options.run);
    if (isWaiting(job.status) && (job.status === 'held' || !endsIt(options))) {
      const hint = job.status === 'held' ? 'Use release to start it or remove to delete it.' : 'Use TERM to cancel it.';
      throw new BgJobsError(
        'invalid_state',
        `Job ${job.id.slice(0, 8)} is ${job.status}: nothing of it runs, so there is nothing to signal. ${hint}`,
        { status: job.status },
      );
    }
    if (isWaiting(job.status)) return this.#cancel(job, options);
    if (isEnded(job.status)) return this.#endLeftovers(job, signal, options);
    const live = this.#parts.runs.get(job.id);
    if (!live) {
      throw new BgJobsError('invalid_state', 'The job is just being started or recorded. Try again in a moment.');
    }
    if (!endsIt(options)) {
      await live.signal(signal, options.actor);
      return this.#result(live.job, 'signalled', { signal });
    }
    const stopped = live.kill({
      signal,
      graceMs: options.graceMs ?? job.spec.graceMs,
      reason: options.actor,
      reasonText: options.reason ?? null,
      next: options.requeue ? 'pending' : 'ended',
    });
    if (!options.wait) {
      stopped.catch(this.#parts.report);
      return this.#result(live.job, 'stopping', { signal });
    }
    const { escalated, durationMs, survivors } = await stopped;
    return this.#result(live.job, 'killed', { signal, escalated, durationMs, survivors });
  }

  /**
   * Ends this run and no other. Its job waits again from the moment at which it is dead: in the queue, or held.
   * @throws BgJobsError `run_superseded`, `job_already_ended`, `invalid_state`
   */
  async terminate(job: JobRow, run: RunRow, { reason, requeue, actor }: TerminateOptions): Promise<TerminateResult> {
    const live = this.#terminable(job, run);
    const signal = 'SIGTERM';
    const { escalated, durationMs, survivors } = await live.kill({
      signal,
      graceMs: job.spec.graceMs,
      reason: actor,
      reasonText: reason ?? null,
      next: requeue ? 'pending' : 'held',
    });
    const ended = { result: 'killed', signal, escalated, durationMs, survivors } as const;
    return {
      ok: true,
      run_id: runIdOf(job.id, run.number),
      job_id: job.id,
      ...ended,
      job: this.#parts.view(live.job),
    };
  }

  #terminable(job: JobRow, run: RunRow): Run {
    const name = `Run ${run.number} of job ${job.id.slice(0, 8)}`;
    const details = { run: job.run, status: job.status };
    if (job.run !== run.number) {
      throw new BgJobsError('run_superseded', `${name} has ended; the current run is ${job.run}.`, details);
    }
    if (isEnded(run.status)) throw new BgJobsError('job_already_ended', `${name} has ended: ${run.status}.`, details);
    const live = this.#parts.runs.get(job.id);
    // With a full disk a stop is under way that could not be recorded yet.
    if (run.status === 'stopping' || live?.isBeingKilled) {
      throw new BgJobsError('invalid_state', `${name} is being stopped already. Wait for its end.`, details);
    }
    if (!live) throw new BgJobsError('invalid_state', `${name} is just being started. Try again in a moment.`, details);
    return live;
  }

  #cancel(job: JobRow, options: KillOptions): KillResult {
    const { scheduler, store } = this.#parts;
    const waiting = scheduler.get(job.id) ?? job;
    store.moveJob(waiting, 'cancelled', { reason: options.actor, text: options.reason ?? null });
    scheduler.remove(job.id);
    return this.#result(waiting, 'cancelled', {});
  }

  async #endLeftovers(job: JobRow, signal: SignalName, options: KillOptions): Promise<KillResult> {
    if (!endsIt(options)) return this.#result(job, 'already_terminated', {});
    const graceMs = options.graceMs ?? job.spec.graceMs;
    const { ended, survivors, durationMs, escalated } = await this.#parts.orphans.kill(job, signal, graceMs);
    const result = ended > 0 ? { signal, escalated, durationMs } : {};
    return this.#result(job, 'already_terminated', { ...result, survivors, leftoversEnded: ended });
  }

  #result(job: JobRow, result: KillResult['result'], detail: Partial<KillResult>): KillResult {
    return {
      result,
      signal: null,
      escalated: false,
      durationMs: 0,
      survivors: [],
      leftoversEnded: 0,
      ...detail,
      job: this.#parts.view(job),
    };
  }
}

/** Whether more is asked for than the delivery of a signal. @throws BgJobsError `unknown_signal` */
function endsIt({ signal, escalate }: KillOptions): boolean {
  return escalate ?? !deliversOnly(parseSignal(signal));
}

function checkRun(job: JobRow, run: number | undefined): void {
  // A job that waits again is on its way to a run that has no number yet.
  if (run === undefined || (run === job.run && !isWaiting(job.status))) return;
  const current = { run: job.run };
  if (job.run === null || run > job.run) {
    throw new BgJobsError('run_not_found', `Job ${job.id.slice(0, 8)} has no run ${run}.`, current);
  }
  const now = isWaiting(job.status) ? `the job is ${job.status}` : `the current run is ${job.run}`;
  throw new BgJobsError('run_superseded', `Run ${run} has ended; ${now}.`, current);
}
