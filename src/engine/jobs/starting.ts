/**
 * The room of verbs that change jobs: one class per family, with a method named like the verb. Imported by the wiring only;
 * imports every other room of the engine.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type * as z from 'zod';
import { withoutNewSession } from '../../agents/coding/commandLine.ts';
import type { continueRequest, KillResult, restartRequest } from '../../api/control.ts';
import type { Started } from '../../api/endpoints.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { Job } from '../../api/job.ts';
import { agentSessionId, type Actor, type StartRequest } from '../../api/options.ts';
import { activeStatuses, isActive, isEnded, isWaiting, waitingStatuses } from '../../api/values.ts';
import type { JobRow, JobSpec } from '../../store/jobTable.ts';
import type { Store } from '../../store/store.ts';
import type { Environments } from '../launch/command.ts';
import { agentOf, type AgentEvents } from '../queries/agentEvents.ts';
import { findJob, wrongState } from '../queries/lookup.ts';
import type { Views } from '../queries/views.ts';
import type { Scheduler } from '../queue/scheduler.ts';
import type { Schedules } from '../queue/schedules.ts';
import { checkReadyWhen } from '../readiness/patternProbe.ts';
import { socketsBefore } from '../readiness/portClaim.ts';
import type { Runs } from '../runs/runs.ts';
import type { AgentPolicy } from './agentPolicy.ts';
import { checkCircle, checkStart, resolveDependencies } from './newJob.ts';

/** How long the answer to a start waits for the command's pid. The job runs on meanwhile. */
const pidWaitMs = 60;

interface Deps {
  store: Store;
  scheduler: Scheduler;
  schedules: Schedules;
  environments: Environments;
  runs: Runs;
  /** Puts a running job back into the queue as soon as it is dead. @returns what the kill came to */
  killForRestart: (job: JobRow, actor: Actor) => Promise<KillResult['result']>;
  agentEvents: AgentEvents;
  policy: AgentPolicy;
  views: Views;
}

/** Whatever puts a job into the queue on request: a start, a continuation, a restart, a release. */
export class Starter {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** @throws BgJobsError `invalid_request`, `cwd_not_found`, `policy_denied`, `limit_reached`, `disk_full` */
  async startJob(request: StartRequest): Promise<Started> {
    const { store, scheduler, schedules, policy, views } = this.#deps;
    const { inheritEnv, ...options } = checkStart(request);
    await checkReadyWhen(options.readyWhen);
    await policy.check(options.actor, options, inheritEnv);
    const existing = this.#existing(options);
    if (existing) return { job: views.job(existing), created: false };
    const spec = { ...options, dependsOn: resolveDependencies(store, options.dependsOn) };
    const dueAt = spec.held ? null : schedules.firstTime(spec);
    const limit = spec.held || dueAt !== null ? null : scheduler.limitFor(spec.session);
    if (limit && spec.ifFull === 'reject') {
      const text =
        limit.type === 'limit'
          ? `The limit of ${limit.maximum} running jobs for the ${limit.scope} is reached`
          : `No job can start now because ${limit.text}`;
      throw new BgJobsError('limit_reached', `${text}, and ifFull is reject.`, { waitingFor: limit });
    }
    const startsNow = dueAt === null && scheduler.startsAtOnce(spec);
    const job = startsNow ? this.#createAndLaunch(spec, inheritEnv) : this.#createAndQueue(spec, dueAt, inheritEnv);
    await this.#pidKnown(job);
    return { job: views.job(job), created: true };
  }

  /** Starts a job that continues another one's session. @throws BgJobsError as {@link startJob}, `invalid_state` */
  async continueJob(id: string, options: z.output<typeof continueRequest>): Promise<Job> {
    const start = await continuation(findJob(this.#deps.store, id), this.#deps.agentEvents, options);
    return (await this.startJob(start)).job;
  }

  /** @throws BgJobsError `invalid_state` when it waits, `invalid_request`, `policy_denied`, `disk_full` */
  async restartJob(id: string, { inheritEnv, actor }: z.output<typeof restartRequest>): Promise<Job> {
    const { store, killForRestart, environments, schedules, policy, views } = this.#deps;
    const found = findJob(store, id);
    await policy.check(actor, found.spec, inheritEnv);
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
    if (isEnded(killed.status) && !isKilled) this.#requeue(killed);
    await this.#pidKnown(killed);
    return views.job(findJob(store, killed.id));
  }

  /** @throws BgJobsError `invalid_state`, `policy_denied`, `disk_full` */
  async releaseJob(id: string, actor: Actor): Promise<Job> {
    const { store, scheduler, schedules, policy, views } = this.#deps;
    const found = findJob(store, id);
    await policy.check(actor, found.spec);
    const job = findJob(store, found.id);
    const waiting = scheduler.get(job.id) ?? job;
    if (job.status === 'held') this.#requeue(job);
    else if (schedules.isLater(waiting)) schedules.startNow(waiting);
    else throw wrongState(job, 'Only a held or scheduled job can be released.');
    await this.#pidKnown(job);
    return views.job(findJob(store, job.id));
  }

  /** A slot is free and nothing else waits for it: job and run are stored in one transaction, then it is spawned. */
  #createAndLaunch(spec: JobSpec, inheritEnv: Record<string, string> | undefined): JobRow {
    const { store, scheduler, environments, runs } = this.#deps;
    const { job, run } = store.createAndBegin(randomUUID(), spec, socketsBefore(spec.readyWhen));
    scheduler.startedAtOnce(job);
    environments.keep(job.id, inheritEnv);
    runs.launch(job, run, environments.of(job.id));
    // A job that could not be started may be queued for another attempt by now.
    scheduler.startNext();
    return job;
  }

  #createAndQueue(spec: JobSpec, dueAt: number | null, inheritEnv: Record<string, string> | undefined): JobRow {
    const { store, scheduler, environments } = this.#deps;
    const job = store.createJob(randomUUID(), spec, dueAt);
    environments.keep(job.id, inheritEnv);
    scheduler.add(job);
    scheduler.startNext();
    return job;
  }

  /** A new run of a job that has ended or is held. A schedule goes on, and one held before it ran waits for its time. */
  #requeue(job: JobRow): void {
    const { store, scheduler, schedules } = this.#deps;
    const { at, ...spec } = job.spec;
    const dueAt = schedules.firstTime(job.status === 'held' && job.run === null ? job.spec : spec);
    store.moveJob(job, dueAt === null ? 'pending' : 'scheduled', {}, dueAt);
    scheduler.add(job);
    scheduler.startNext();
  }

  /** The job that this start returns instead of a new one. */
  #existing(spec: JobSpec): JobRow | undefined {
    const { store } = this.#deps;
    if (spec.idempotencyKey !== undefined) return store.read([store.jobs.byIdempotencyKey(spec.idempotencyKey)])[0];
    if (!spec.unlessRunning) return undefined;
    const filter = { statuses: [...activeStatuses, ...waitingStatuses], session: spec.session };
    return store.read(store.jobs.list(filter, Number.MAX_SAFE_INTEGER)).find((job) => isSame(job.spec, spec));
  }

  async #pidKnown(job: JobRow): Promise<void> {
    const live = this.#deps.runs.get(job.id);
    if (live) await Promise.race([live.pidKnown, sleep(pidWaitMs, undefined, { ref: false })]);
  }
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
  events: AgentEvents,
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
