import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type * as z from 'zod';
import { withoutNewSession } from '../../agents/coding/commandLine.ts';
import { killRequest, type restartRequest } from '../../api/control.ts';
import type { Started } from '../../api/endpoints.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { Job } from '../../api/job.ts';
import type { Actor } from '../../api/options.ts';
import type { StartRequest } from '../../api/start.ts';
import { activeStatuses, isActive, isEnded, isWaiting, waitingStatuses } from '../../api/values.ts';
import { checkAgentMayStart } from './agentPolicy.ts';
import { checkCircle, resolveDependencies, checkStart } from './newJob.ts';
import type { EngineParts } from '../engineParts.ts';
import type { JobSpec } from '../../store/jobSpec.ts';
import { findJob, wrongState } from '../queries/lookup.ts';
import { checkReadyWhen } from '../readiness/patternProbe.ts';
import type { JobRow } from '../../store/jobTable.ts';

/** How long the answer to a start waits for the command's pid. The job runs on meanwhile. */
const pidWaitMs = 60;

/** Whatever puts a job into the queue because somebody asks for it. */
export class Starter {
  readonly #parts: EngineParts;

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  async start(request: StartRequest): Promise<Started> {
    const { store, scheduler, schedules, environments } = this.#parts;
    const { inheritEnv, ...spec } = checkStart(request);
    await checkReadyWhen(spec.readyWhen);
    await this.#checkPolicy(spec.actor, spec, inheritEnv);
    const existing = this.#known(spec);
    if (existing) return { job: this.#parts.view(existing), created: false };
    const dependsOn = resolveDependencies(store, spec.dependsOn);
    const dueAt = schedules.firstTime(spec);
    const limit = spec.held || dueAt !== null ? null : scheduler.limitFor(spec.session);
    if (limit && spec.ifFull === 'reject') {
      const text =
        limit.type === 'limit'
          ? `The limit of ${limit.maximum} running jobs for the ${limit.scope} is reached`
          : `Nothing is started now, because ${limit.text}`;
      throw new BgJobsError('limit_reached', `${text}, and ifFull is reject.`, { waitingFor: limit });
    }
    const job = store.createJob(randomUUID(), { ...spec, dependsOn }, spec.held ? null : dueAt);
    environments.keep(job.id, inheritEnv);
    scheduler.add(job);
    scheduler.startNext();
    await this.#pidKnown(job);
    return { job: this.#parts.view(job), created: true };
  }

  async restart(found: JobRow, { inheritEnv, actor }: z.output<typeof restartRequest>): Promise<Job> {
    const { store, killer, environments, schedules } = this.#parts;
    await this.#checkPolicy(actor, found.spec, inheritEnv);
    const job = findJob(store, found.id);
    if (isWaiting(job.status)) {
      const hint = job.status === 'held' || schedules.isLater(job) ? ' Use release to start it now.' : '';
      throw wrongState(job, `It waits to be started already.${hint}`);
    }
    checkCircle(store, job.id, job.spec.dependsOn);
    environments.keep(job.id, inheritEnv);
    // No moment shows it as ended: those that need it wait for its next end.
    const stop = killRequest.parse({ actor, requeue: true });
    const isStopped = isActive(job.status) && (await killer.kill(job, stop)).result === 'killed';
    const stopped = findJob(store, job.id);
    // One that was stopped and has ended was killed meanwhile.
    if (isEnded(stopped.status) && !isStopped) this.#parts.requeue(stopped);
    await this.#pidKnown(stopped);
    return this.#parts.view(findJob(store, stopped.id));
  }

  async release(found: JobRow, actor: Actor): Promise<Job> {
    const { store, scheduler, schedules } = this.#parts;
    await this.#checkPolicy(actor, found.spec);
    const job = findJob(store, found.id);
    const waiting = scheduler.get(job.id) ?? job;
    if (job.status === 'held') this.#parts.requeue(job);
    else if (schedules.isLater(waiting)) schedules.startNow(waiting);
    else throw wrongState(job, 'Only a job that is held or waits for its time can be released.');
    await this.#pidKnown(job);
    return this.#parts.view(findJob(store, job.id));
  }

  /**
   * What an agent ends and puts back into the queue it restarts, and what need not wait for others any more it starts.
   * @throws BgJobsError `policy_denied`
   */
  async checkAgentMayRun(jobs: readonly JobRow[]): Promise<void> {
    for (const { spec, status } of jobs) if (!isEnded(status)) await this.#checkPolicy('agent', spec);
  }

  /** The job that this start gives back instead of a new one. */
  #known(spec: JobSpec): JobRow | undefined {
    const { store } = this.#parts;
    if (spec.idempotencyKey !== undefined) return store.read([store.jobs.byIdempotencyKey(spec.idempotencyKey)])[0];
    if (!spec.unlessRunning) return undefined;
    const filter = { statuses: [...activeStatuses, ...waitingStatuses], session: spec.session };
    return store.read(store.jobs.list(filter, Number.MAX_SAFE_INTEGER)).find((job) => isSame(job.spec, spec));
  }

  async #checkPolicy(actor: Actor, spec: JobSpec, inheritEnv: NodeJS.ProcessEnv = process.env): Promise<void> {
    if (actor !== 'agent') return;
    const env = { ...inheritEnv, ...(spec.env['SHELL'] && { SHELL: spec.env['SHELL'] }) };
    await checkAgentMayStart(spec, env, this.#parts.settings.current.agentDeny);
  }

  async #pidKnown(job: JobRow): Promise<void> {
    const live = this.#parts.runs.get(job.id);
    if (live) await Promise.race([live.pidKnown, sleep(pidWaitMs, undefined, { ref: false })]);
  }
}

/** Whether an agent ends what shall run again. */
export function isAgentsRequeue({ actor, requeue }: { actor: Actor; requeue: boolean }): boolean {
  return actor === 'agent' && requeue;
}

/** Whether a job that is there does what is asked for: by its name, without one by its command and folder. */
function isSame(a: JobSpec, b: JobSpec): boolean {
  // A schedule is not what it starts.
  if (a.cron !== b.cron) return false;
  if (b.name !== undefined) return a.name === b.name;
  const isSameArgv = isDeepStrictEqual(withoutNewSession(a), withoutNewSession(b));
  return a.command === b.command && isSameArgv && a.cwd === b.cwd;
}
