import { setTimeout as sleep } from 'node:timers/promises';
import type * as z from 'zod';
import {
  type killManyRequest,
  killRequest,
  type KillResult,
  type terminateRequest,
  type TerminateResult,
} from '../../api/control.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { Actor } from '../../api/options.ts';
import { deliversOnly, parseSignal, type SignalName } from '../../api/signals.ts';
import { activeStatuses, isActive, isElsewhere, isEnded, isWaiting } from '../../api/values.ts';
import type { JobRow } from '../../store/jobTable.ts';
import { shortIdOf } from '../../store/newJobId.ts';
import { runIdOf, type RunRow } from '../../store/runTable.ts';
import { filterOf } from '../queries/listJobs.ts';
import { findJob, findRun, wrongState } from '../queries/lookup.ts';
import type { Run } from '../runs/run.ts';
import { checkPolicyAgain, type Parts } from './newJob.ts';

/** Between two looks whether a cluster answers (milliseconds). */
const lookMs = 500;

type KillOptions = z.output<typeof killRequest>;

/** What runs or waits, but not what is on hold. */
const killable = [...activeStatuses, 'scheduled', 'pending'] as const;

/** Kills jobs: what that means depends on the state of each. */
export function killing({ store, disk, settings, scheduler, runs, orphans, views, report }: Parts) {
  /**
   * @throws BgJobsError `job_not_found`, `unknown_signal`, `run_not_found`, `run_superseded`, `policy_denied`,
   * `invalid_state` for a held job, and for one that waits if only a signal is requested
   */
  async function killJob(id: string, options: KillOptions): Promise<KillResult> {
    if (isAgentsRequeue(options)) await checkPolicyAgain({ settings, store }, [findJob(store, id)]);
    return kill(findJob(store, id), options);
  }

  /** Puts a running job back into the queue as soon as it is dead. */
  async function killForRestart(job: JobRow, actor: Actor): Promise<KillResult['result']> {
    return (await kill(job, killRequest.parse({ actor, requeue: true }))).result;
  }

  /** All that run or wait, of those that are selected. @throws BgJobsError `unknown_signal`, `policy_denied` */
  async function killJobs(request: z.output<typeof killManyRequest>): Promise<KillResult[]> {
    const { session, tag, status, q, all: _all, ...options } = request;
    const asked = filterOf({ session, tag, status, q });
    const statuses = killable.filter((one) => asked.statuses?.includes(one) ?? true);
    const filter = { ...asked, statuses };
    const find = (): JobRow[] => store.read(store.jobs.list(filter, Number.MAX_SAFE_INTEGER));
    if (isAgentsRequeue(options)) await checkPolicyAgain({ settings, store }, find());
    const jobs = find();
    const active = jobs.filter(({ status }) => !isWaiting(status));
    // Waiting jobs first; otherwise they would start in the slots of those that end.
    const killed = isKill(options, parseSignal(options.signal))
      ? [...jobs.filter(({ status }) => isWaiting(status)), ...active]
      : active;
    return Promise.all(killed.map((job) => kill(job, options)));
  }

  /**
   * Kills this run and no other. Its job waits again as soon as it is dead: in the queue, or held.
   * @throws BgJobsError `run_not_found`, `run_superseded`, `job_already_ended`, `invalid_state`, `policy_denied`
   */
  async function terminateRun(runId: string, options: z.output<typeof terminateRequest>): Promise<TerminateResult> {
    const { reason, requeue, actor } = options;
    if (isAgentsRequeue(options)) await checkPolicyAgain({ settings, store }, [findRun(store, runId).job]);
    await runs.launched(findRun(store, runId).job.id);
    const { job, run } = findRun(store, runId);
    const live = terminable(job, run, runs.get(job.id));
    const signal = 'SIGTERM';
    const { escalated, durationMs, survivors } = await live.kill({
      signal,
      graceMs: job.spec.graceMs,
      reason: actor,
      reasonText: reason ?? null,
      next: requeue ? 'pending' : 'held',
    });
    const ended = { result: 'killed', signal, escalated, durationMs, survivors } as const;
    return { ok: true, run_id: runIdOf(job.id, run.number), job_id: job.id, ...ended, job: views.job(live.job) };
  }

  async function kill(job: JobRow, options: KillOptions): Promise<KillResult> {
    const signal = parseSignal(options.signal);
    const ends = isKill(options, signal);
    const graceMs = options.graceMs ?? job.spec.graceMs;
    checkRun(job, options.run);
    if (isWaiting(job.status)) return cancel(job, ends, options);
    if (job.spec.array) return killTasks(job, ends, options);
    if (isEnded(job.status)) {
      if (!ends) return result(job, 'already_terminated');
      const { ended, survivors, durationMs, escalated } = await orphans.kill(job, signal, graceMs);
      const detail = ended > 0 ? { signal, escalated, durationMs } : {};
      return result(job, 'already_terminated', { ...detail, survivors, leftoversEnded: ended });
    }
    const run = await runs.launched(job.id);
    if (!run) {
      const now = findJob(store, job.id);
      if (!isActive(now.status)) return kill(now, options);
      throw new BgJobsError('invalid_state', 'The job is being started or recorded. Try again in a moment.');
    }
    // A full disk keeps its end from being recorded, and it was not this request that ended it.
    if (run.hasEnded) return result(run.job, 'already_terminated');
    if (!ends) {
      await run.signal(signal, options.actor);
      return result(run.job, 'signalled', { signal });
    }
    const next = options.requeue ? 'pending' : 'ended';
    const killed = run.kill({ signal, graceMs, reason: options.actor, reasonText: options.reason ?? null, next });
    // A job that does not run again leaves nothing of its earlier runs either.
    const cleared = next === 'ended' ? orphans.kill(job, signal, graceMs) : undefined;
    const done = Promise.all([killed, cleared]);
    if (!options.wait || (await isUnanswered(run, done))) {
      done.catch(report);
      return result(run.job, 'stopping', { signal });
    }
    const [{ escalated, durationMs, survivors }, left] = await done;
    const all = [...survivors, ...(left?.survivors ?? [])];
    return result(run.job, 'killed', {
      ...{ signal, escalated, durationMs, survivors: all, leftoversEnded: left?.ended ?? 0 },
    });
  }

  function cancel(job: JobRow, ends: boolean, options: KillOptions): KillResult {
    if (job.status === 'held' || !ends) {
      const hint = job.status === 'held' ? 'Use release to start it or remove to delete it.' : 'Use TERM to cancel it.';
      throw wrongState(job, `It has no processes, so there is nothing to signal. ${hint}`);
    }
    const waiting = scheduler.get(job.id) ?? job;
    disk.spend(() => store.moveJob(waiting, 'cancelled', { reason: options.actor, text: options.reason ?? null }));
    scheduler.remove(job.id);
    if (job.spec.array) scheduler.tasksCancelled(job);
    else if (job.task) scheduler.tasksChanged(job.task);
    return result(waiting, 'cancelled');
  }

  /** Of an array: first the waiting ones, in one change, so that they do not start in the slots of those that end. */
  async function killTasks(array: JobRow, ends: boolean, options: KillOptions): Promise<KillResult> {
    const cause = { reason: options.actor, text: options.reason ?? null };
    const cancelled = ends && !options.requeue ? disk.spend(() => store.arrays.cancelWaiting(array, cause)) : 0;
    if (cancelled > 0) scheduler.tasksCancelled(array);
    const tasks = isEnded(array.status)
      ? store.arrays.tasks.withLeftovers(array.row)
      : store.jobs.list({ array: array.row, statuses: activeStatuses }, Number.MAX_SAFE_INTEGER);
    const results = await Promise.all(store.read(tasks).map((task) => kill(task, options)));
    const first = results.find(({ result }) => result !== 'already_terminated') ?? results[0];
    return result(findJob(store, array.id), first?.result ?? (cancelled > 0 ? 'cancelled' : 'already_terminated'), {
      signal: first?.signal ?? null,
      escalated: results.some(({ escalated }) => escalated),
      durationMs: Math.max(0, ...results.map(({ durationMs }) => durationMs)),
      survivors: results.flatMap(({ survivors }) => survivors),
      leftoversEnded: results.reduce((sum, { leftoversEnded }) => sum + leftoversEnded, 0),
    });
  }

  function result(job: JobRow, result: KillResult['result'], detail: Partial<KillResult> = {}): KillResult {
    const nothing = { signal: null, escalated: false, durationMs: 0, survivors: [], leftoversEnded: 0 };
    return { result, ...nothing, ...detail, job: views.job(job) };
  }

  return { killJob, killForRestart, killJobs, terminateRun };
}

/** Whether the cluster of a run does not answer: the kill goes on until it does, which may take hours. */
async function isUnanswered(run: Run, done: Promise<unknown>): Promise<boolean> {
  if (!isElsewhere(run.job.spec)) return false;
  const isDone = done.then(
    () => true,
    () => true,
  );
  while (run.record.remote?.silentSince === null || !run.record.remote) {
    if (await Promise.race([isDone, sleep(lookMs, false)])) return false;
  }
  return true;
}

/** The run if it is under way and not being killed. */
function terminable(job: JobRow, run: RunRow, live: Run | undefined): Run {
  const name = `Run ${run.number} of job ${shortIdOf(job)}`;
  const details = { run: job.run, status: job.status };
  if (job.run !== run.number) {
    throw new BgJobsError('run_superseded', `${name} has ended; the current run is ${job.run}.`, details);
  }
  if (isEnded(run.status)) throw new BgJobsError('job_already_ended', `${name} has ended: ${run.status}.`, details);
  // With a full disk a kill can be under way that could not be recorded yet.
  if (run.status === 'stopping' || live?.isBeingKilled) {
    throw new BgJobsError('invalid_state', `${name} is already being stopped. Wait for it to end.`, details);
  }
  if (!live) throw new BgJobsError('invalid_state', `${name} is being started. Try again in a moment.`, details);
  return live;
}

/** Whether an agent kills a job that is to run again. */
function isAgentsRequeue({ actor, requeue }: Pick<KillOptions, 'actor' | 'requeue'>): boolean {
  return actor === 'agent' && requeue;
}

/** Whether more is requested than the delivery of a signal. */
function isKill({ escalate }: KillOptions, signal: SignalName): boolean {
  return escalate ?? !deliversOnly(signal);
}

function checkRun(job: JobRow, run: number | undefined): void {
  // The next run of a job that waits again has no number yet.
  if (run === undefined || (run === job.run && !isWaiting(job.status))) return;
  const current = { run: job.run };
  if (job.run === null || run > job.run) {
    throw new BgJobsError('run_not_found', `Job ${shortIdOf(job)} has no run ${run}.`, current);
  }
  const now = isWaiting(job.status) ? `the job is ${job.status}` : `the current run is ${job.run}`;
  throw new BgJobsError('run_superseded', `Run ${run} has ended; ${now}.`, current);
}
