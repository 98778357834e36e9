/**
 * The room of verbs that change jobs: one function per family returns them. Imported by the wiring only; imports every
 * other room of the engine.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type * as z from 'zod';
import { withoutNewSession } from '../../agents/coding/commandLine.ts';
import type { continueRequest, restartRequest } from '../../api/control.ts';
import type { Started } from '../../api/endpoints.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { Job } from '../../api/job.ts';
import { agentSessionId, type Actor, type StartRequest } from '../../api/options.ts';
import { activeStatuses, isActive, isEnded, isWaiting, waitingStatuses } from '../../api/values.ts';
import type { JobRow, JobSpec } from '../../store/jobTable.ts';
import { newJobId } from '../../store/newJobId.ts';
import { agentOf, type agentEvents } from '../queries/agentEvents.ts';
import { findJob, wrongState } from '../queries/jobs.ts';
import { checkReadyWhen } from '../readiness/outputProbes.ts';
import { socketsBefore } from '../readiness/portClaim.ts';
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
  const { store, scheduler, settings, environments, runs, views } = parts;
  const { schedules } = scheduler;

  /** @throws BgJobsError `invalid_request`, `cwd_not_found`, `policy_denied`, `limit_reached`, `disk_full` */
  async function startJob(request: StartRequest): Promise<Started> {
    const { inheritEnv, ...options } = checkStart(request);
    if (options.readyWhen) await checkReadyWhen(options.readyWhen);
    if (options.actor === 'agent') await checkPolicy(settings, options, inheritEnv);
    const existing = existingJob(options);
    if (existing) return { job: views.job(existing), created: false };
    const spec = { ...options, dependsOn: resolveDependencies(store, options.dependsOn) };
    const isTimed = !spec.held && (spec.at !== undefined || spec.cron !== undefined);
    const dueAt = isTimed ? schedules.firstTime(spec) : null;
    const limit = spec.held || dueAt !== null ? null : scheduler.limitFor(spec.session);
    if (limit && spec.ifFull === 'reject') {
      const text =
        limit.type === 'limit'
          ? `The limit of ${limit.maximum} running jobs for the ${limit.scope} is reached`
          : `No job can start now because ${limit.text}`;
      throw new BgJobsError('limit_reached', `${text}, and ifFull is reject.`, { waitingFor: limit });
    }
    const startsNow = dueAt === null && scheduler.startsAtOnce(spec);
    const job = startsNow ? createAndLaunch(spec, inheritEnv) : store.createJob(newJobId(), spec, dueAt);
    if (!startsNow) {
      environments.keep(job.id, inheritEnv);
      scheduler.add(job);
    }
    // A job that could not be launched may be queued for another attempt by now.
    scheduler.startNext();
    await pidKnown(job);
    return { job: views.job(job), created: true };
  }

  /** Starts a job that continues another one's session. @throws BgJobsError as {@link startJob}, `invalid_state` */
  async function continueJob(id: string, options: z.output<typeof continueRequest>): Promise<Job> {
    return (await startJob(await continuation(findJob(store, id), agentEvents, options))).job;
  }

  /** @throws BgJobsError `invalid_state` when it waits, `invalid_request`, `policy_denied`, `disk_full` */
  async function restartJob(id: string, { inheritEnv, actor }: z.output<typeof restartRequest>): Promise<Job> {
    const found = findJob(store, id);
    if (actor === 'agent') await checkPolicy(settings, found.spec, inheritEnv);
    const job = findJob(store, found.id);
    if (isWaiting(job.status)) {
      const hint = job.status === 'held' || schedules.isLater(job) ? ' Use release to start it now.' : '';
      throw wrongState(job, `It is already waiting to start.${hint}`);
    }
    checkCircle(store, job.id, job.spec.dependsOn);
    environments.keep(job.id, inheritEnv);
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
    if (actor === 'agent') await checkPolicy(settings, found.spec);
    const job = findJob(store, found.id);
    const waiting = scheduler.get(job.id) ?? job;
    if (job.status === 'held') requeue(job);
    else if (schedules.isLater(waiting)) schedules.startNow(waiting);
    else throw wrongState(job, 'Only a held or scheduled job can be released.');
    await pidKnown(job);
    return views.job(findJob(store, job.id));
  }

  /** A slot is free and nothing else waits for it: job and run are stored in one transaction, then it is spawned. */
  function createAndLaunch(spec: JobSpec, inheritEnv: Record<string, string> | undefined): JobRow {
    const { job, run } = store.createAndBegin(newJobId(), spec, socketsBefore(spec.readyWhen));
    scheduler.startedAtOnce(job);
    environments.keep(job.id, inheritEnv);
    runs.launch(job, run, environments.of(job.id));
    return job;
  }

  /** A new run of a job that has ended or is held. A schedule goes on, and one held before it ran waits for its time. */
  function requeue(job: JobRow): void {
    const { at, ...spec } = job.spec;
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
    const live = runs.get(job.id);
    if (live) await Promise.race([live.pidKnown, sleep(pidWaitMs, undefined, { ref: false })]);
  }

  return { startJob, continueJob, restartJob, releaseJob };
}

/** Whether an existing job does what is requested: compared by name or, without one, by command and folder. */
function isSame(a: JobSpec, b: JobSpec): boolean {
  // A schedule is not what it starts.
  if (a.cron !== b.cron) return false;
  if (b.name !== undefined) return a.name === b.name;
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
  const { dependsOn, ifDependencyFails, at, cron, timeZone, retry, restart, ...rest } = stays;
  return rest;
}
