/**
 * The room of verbs that change jobs: one function per family returns them. Imported by the wiring only; imports every
 * other room of the engine.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { withoutNewSession } from '../../agents/coding/commandLine.ts';
import type { continueRequest, restartRequest, StartResults } from '../../api/control.ts';
import type { Started } from '../../api/endpoints.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { Job } from '../../api/job.ts';
import { agentSessionId, type Actor, type StartRequest } from '../../api/options.ts';
import { validate } from '../../api/validate.ts';
import { activeStatuses, isActive, isEnded, isWaiting, waitingStatuses } from '../../api/values.ts';
import type { JobRow, JobSpec } from '../../store/jobTable.ts';
import { newJobId } from '../../store/newJobId.ts';
import { agentOf, type agentEvents } from '../queries/agentEvents.ts';
import { fullQueue, fullText } from '../queue/quotaRules.ts';
import { findJob, noHook, waitsElsewhere, wrongState } from '../queries/lookup.ts';
import { checkReadyWhen } from '../readiness/outputProbes.ts';
import { socketsBefore } from '../readiness/portClaim.ts';
import { newArray, newSpecs, storedSpecs } from './newArray.ts';
import { checkCircle, checkPolicy, checkStart, resolveDependencies, type Parts } from './newJob.ts';

/** How long the answer to a start waits for the command's pid. The job runs on meanwhile. */
const pidWaitMs = 60;

interface StartParts extends Parts {
  agentEvents: ReturnType<typeof agentEvents>;
  /** Puts a running job back into the queue as soon as it is dead. @returns what the kill came to */
  killForRestart: (job: JobRow, actor: Actor) => Promise<string>;
}

/** Whatever puts a job into the queue on request: a start, a continuation, a restart, a release. */
export function starting({ agentEvents, killForRestart, ...parts }: StartParts) {
  const { store, disk, scheduler, settings, environments, runs, views } = parts;
  const { schedules } = scheduler;

  /** @throws BgJobsError `invalid_request`, `cwd_not_found`, `policy_denied`, `limit_reached`, `quota_exceeded`, `disk_full` */
  async function startJob(request: StartRequest): Promise<Started> {
    const { job, created } = await startOne(request);
    if (created) await pidKnown(job);
    return { job: views.job(job), created };
  }

  /** @throws BgJobsError `invalid_request` if it is no list of 1 to 1,000; what is wrong with a request is in its result */
  async function startJobs(requests: readonly StartRequest[]): Promise<StartResults> {
    validate(requestList, requests);
    const outcomes: (Awaited<ReturnType<typeof startOne>> | BgJobsError)[] = [];
    for (const request of requests) {
      try {
        outcomes.push(await startOne(request));
      } catch (error) {
        if (!(error instanceof BgJobsError)) throw error;
        outcomes.push(error);
      }
    }
    await Promise.all(outcomes.flatMap((one) => (one instanceof BgJobsError ? [] : pidKnown(one.job))));
    const results = outcomes.map((one) =>
      one instanceof BgJobsError
        ? { job: null, created: false, ...one.toBody() }
        : { job: views.job(one.job), created: one.created, error: null },
    );
    return { results };
  }

  /** @throws BgJobsError `quota_exceeded` if the job has to wait and may not @param isLater it waits for its time */
  function checkQuota(spec: JobSpec, isLater: boolean): void {
    const full = fullQueue(spec.session, settings.current, store.jobs);
    if (!full || (!isLater && scheduler.hasRoomFor(spec))) return;
    const { session = null, waiting, maximum } = full;
    const advice = 'Wait until some of them have started, cancel some, or raise the quota (bgjobs limits).';
    const details = { quota: 'waitingJobs', session, waiting, maximum };
    throw new BgJobsError('quota_exceeded', `The job was not started: ${fullText(full)}. ${advice}`, details);
  }

  function checkHook(name: string): void {
    const { hooks } = settings.current;
    if (!hooks.some((hook) => hook.name === name)) noHook(name, hooks);
  }

  async function startOne(request: StartRequest): Promise<{ job: JobRow; created: boolean }> {
    const { inheritEnv, ...given } = checkStart(request);
    const { spec: options, tasks } = newArray(given) ?? { spec: given, tasks: undefined };
    for (const name of options.notify ?? []) checkHook(name);
    if (options.readyWhen) await checkReadyWhen(options.readyWhen);
    if (options.actor === 'agent') await checkPolicy(settings, newSpecs(options, tasks), inheritEnv);
    const existing = existingJob(options);
    if (existing) return { job: existing, created: false };
    disk.check();
    const spec = { ...options, dependsOn: resolveDependencies(store, options.dependsOn) };
    const isTimed = !spec.held && (spec.at ?? spec.delayMs ?? spec.cron) !== undefined;
    const dueAt = isTimed ? schedules.firstTime(spec) : null;
    const limit = spec.held || dueAt !== null ? null : scheduler.limitFor(spec);
    if (limit && spec.ifFull === 'reject') {
      const text =
        limit.type === 'limit'
          ? `The limit of ${limit.maximum} running jobs for the ${limit.scope} is reached`
          : limit.type === 'quota'
            ? `The quota ${limit.quota} of ${limit.maximum} for the ${limit.scope} is used up until ${limit.until}`
            : `No job can start now because ${limit.text}`;
      throw new BgJobsError('limit_reached', `${text}, and ifFull is reject.`, { waitingFor: limit });
    }
    checkQuota(spec, dueAt !== null);
    const startsNow = !tasks && dueAt === null && scheduler.startsAtOnce(spec);
    const job = startsNow
      ? createAndLaunch(spec, inheritEnv)
      : tasks
        ? store.arrays.create(newJobId(), spec, tasks, dueAt)
        : store.createJob(newJobId(), spec, dueAt);
    if (!startsNow) {
      environments.keep(job.id, inheritEnv);
      scheduler.add(job);
    }
    // A job that could not be launched may be queued for another attempt by now.
    scheduler.startNext();
    return { job, created: true };
  }

  /** Starts a job that continues another one's session. @throws BgJobsError as {@link startJob}, `invalid_state` */
  async function continueJob(id: string, options: z.output<typeof continueRequest>): Promise<Job> {
    return (await startJob(await continuation(findJob(store, id), agentEvents, options))).job;
  }

  /** @throws BgJobsError `invalid_state` when it waits, `invalid_request`, `policy_denied`, `quota_exceeded`, `disk_full` */
  async function restartJob(id: string, request: z.output<typeof restartRequest>): Promise<Job> {
    const { inheritEnv, actor, failed } = request;
    const found = findJob(store, id);
    if (actor === 'agent') await checkPolicy(settings, storedSpecs(store, found), inheritEnv);
    disk.check();
    const job = findJob(store, found.id);
    if (isWaiting(job.status)) {
      const hint = job.status === 'held' || schedules.isLater(job) ? ' Use release to start it now.' : '';
      throw wrongState(job, `It is already waiting to start.${hint}`);
    }
    if (failed && !job.spec.array) throw wrongState(job, 'It is not an array, so it has no failed tasks to restart.');
    checkCircle(store, job.id, job.spec.dependsOn);
    environments.keep(job.id, inheritEnv);
    if (isEnded(job.status)) checkQuota(job.spec, job.spec.cron !== undefined);
    if (job.spec.array) return restartTasks(job, failed, actor);
    // It is never seen as ended: jobs that depend on it wait for its next end.
    const isKilled = isActive(job.status) && (await killForRestart(job, actor)) === 'killed';
    const killed = findJob(store, job.id);
    // One that was to be restarted and has ended was killed by somebody else meanwhile.
    if (isEnded(killed.status) && !isKilled) requeue(killed);
    await pidKnown(killed);
    return views.job(findJob(store, killed.id));
  }

  /** @throws BgJobsError `invalid_state`, `policy_denied`, `disk_full` */
  async function releaseJob(id: string, actor: Actor): Promise<Job> {
    const found = findJob(store, id);
    if (actor === 'agent') await checkPolicy(settings, storedSpecs(store, found));
    disk.check();
    const job = findJob(store, found.id);
    const waiting = scheduler.get(job.id) ?? job;
    const run = waitsElsewhere(job) ? await runs.launched(job.id) : undefined;
    if (run) await run.process.resume();
    else if (job.status === 'held') requeue(job);
    else if (schedules.isLater(waiting)) schedules.startNow(waiting);
    else throw wrongState(job, 'Only a held or scheduled job can be released.');
    await pidKnown(job);
    return views.job(findJob(store, job.id));
  }

  /** Those that run are killed first, each by itself; tasks that wait go on waiting. */
  async function restartTasks(array: JobRow, failed: boolean, actor: Actor): Promise<Job> {
    const running = failed
      ? []
      : store.jobs.list({ array: array.row, statuses: activeStatuses }, Number.MAX_SAFE_INTEGER);
    const count = store.arrays.restart(array, failed);
    if (count === 0 && running.length === 0) throw wrongState(array, 'None of its tasks has ended without completing.');
    scheduler.tasksChanged(array);
    scheduler.startNext();
    await Promise.all(store.read(running).map((task) => killForRestart(task, actor)));
    return views.job(findJob(store, array.id));
  }

  /** A slot is free and nothing else waits for it: job and run are stored in one transaction, then it is spawned. */
  function createAndLaunch(spec: JobSpec, inheritEnv: Record<string, string> | undefined): JobRow {
    const { job, run } = store.createAndBegin(newJobId(), spec, socketsBefore(spec.readyWhen));
    scheduler.startedAtOnce(job);
    environments.keep(job.id, inheritEnv);
    runs.launch(job, run, environments.of(job));
    return job;
  }

  /** A new run of a job that has ended or is held. A schedule goes on, and one held before it ran waits for its time. */
  function requeue(job: JobRow): void {
    const { at, delayMs, ...spec } = job.spec;
    const dueAt = schedules.firstTime(job.status === 'held' && job.run === null ? job.spec : spec);
    store.moveJob(job, dueAt === null ? 'pending' : 'scheduled', {}, dueAt);
    scheduler.add(job);
    scheduler.startNext();
  }

  /** The job that this start returns instead of a new one. */
  function existingJob(spec: JobSpec): JobRow | undefined {
    if (spec.idempotencyKey !== undefined) return store.read([store.jobs.byIdempotencyKey(spec.idempotencyKey)])[0];
    if (!spec.unlessRunning) return undefined;
    const filter = { statuses: [...activeStatuses, ...waitingStatuses], session: spec.session };
    return store.read(store.jobs.list(filter, Number.MAX_SAFE_INTEGER)).find((job) => isSame(job.spec, spec));
  }

  async function pidKnown(job: JobRow): Promise<void> {
    const live = await runs.launched(job.id);
    if (live) await Promise.race([live.pidKnown, sleep(pidWaitMs, undefined, { ref: false })]);
  }

  return { startJob, startJobs, continueJob, restartJob, releaseJob };
}

const lengthError = 'a list must have 1 to 1000 requests';
/** Each request is validated by itself. */
const requestList = z.array(z.unknown()).min(1, lengthError).max(1000, lengthError);

/** Whether an existing job does what is requested: compared by name or, without one, by command and folder. */
function isSame(a: JobSpec, b: JobSpec): boolean {
  // A schedule is not what it starts.
  if (a.cron !== b.cron) return false;
  if (b.name !== undefined) return a.name === b.name;
  if (!isDeepStrictEqual(a.array, b.array)) return false;
  const isSameArgv = isDeepStrictEqual(withoutNewSession(a), withoutNewSession(b));
  return a.command === b.command && isSameArgv && a.cwd === b.cwd;
}

/**
 * The request for a job that continues another one's session: the same agent, folder, environment and limits, and a new
 * prompt.
 * @throws BgJobsError `invalid_state` when it has not ended, or no session is known
 */
async function continuation(
  job: JobRow,
  events: StartParts['agentEvents'],
  { prompt, model, arguments: more, actor, inheritEnv }: z.output<typeof continueRequest>,
): Promise<StartRequest> {
  const agent = agentOf(job);
  if (!isEnded(job.status)) {
    throw wrongState(job, 'Its session can be continued only after it has ended. Use wait or kill.');
  }
  const sessionId = agentSessionId.safeParse(await events.sessionId(job)).data;
  if (sessionId === undefined) {
    throw wrongState(job, 'It reported no session id that can be continued. Start a new job instead.');
  }
  const chosen = model ?? agent.model;
  return {
    ...carriedOver(job),
    codingAgent: {
      name: agent.name,
      prompt,
      ...(chosen !== undefined && { model: chosen }),
      arguments: more ?? agent.arguments,
      sessionId,
      continues: job.id,
    },
    ...(inheritEnv && { inheritEnv }),
    actor,
  };
}

/** Leaves out when and how often it runs, and what identifies it. */
function carriedOver({ spec }: JobRow): Omit<StartRequest, 'codingAgent'> {
  const { argv, codingAgent, idempotencyKey, unlessRunning, held, readyWhen, ...stays } = spec;
  const { dependsOn, ifDependencyFails, at, delayMs, cron, timeZone, retry, restart, afterReboot, ...rest } = stays;
  return rest;
}
