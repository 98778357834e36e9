import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as control from '../protocol/control.ts';
import { BgJobsError } from '../protocol/errors.ts';
import { eventsQuery, type EventsQuery, type JobEvent } from '../protocol/events.ts';
import { protocolVersion, settingsUpdate, type HostInfo, type Metrics, type SettingsUpdate } from '../protocol/host.ts';
import {
  jobUpdate,
  listQuery,
  type Job,
  type JobList,
  type JobUpdate,
  type ListQuery,
  type Run,
} from '../protocol/job.ts';
import { outputQuery, type Chunk, type Output, type OutputQuery } from '../protocol/output.ts';
import type { JobService, Started } from '../protocol/service.ts';
import type { StartRequest } from '../protocol/start.ts';
import { isActive, isEnded, isWaiting } from '../protocol/states.ts';
import { rethrowDiskFull } from './diskFull.ts';
import { EngineParts, type EngineOptions } from './engineParts.ts';
import { readEvents } from './eventFeed.ts';
import type { LiveRun } from './liveRun.ts';
import { filterOf, findJob, findRun, parseCursor, parseEndedStatuses } from './lookup.ts';
import { readMetrics } from './metrics.ts';
import { checkStart, validate } from './newJob.ts';
import type { JobRow } from './store/jobTable.ts';
import { runView } from './views.ts';
import { waitForJob } from './waiting.ts';

/** How long the answer to a start waits for the command's pid. The job runs on meanwhile. */
const pidWaitMs = 60;

/**
 * Owns the jobs of one store. A library: no editor, no HTTP. It can be killed at any moment and opened again on the same
 * store; only one may have a store open at a time, which is the host's business.
 */
export class Engine implements JobService {
  readonly #parts: EngineParts;
  readonly #options: EngineOptions;
  readonly #openedAt = performance.now();

  private constructor(options: EngineOptions) {
    this.#options = options;
    this.#parts = new EngineParts(options);
  }

  /** Opens the store, takes over what runs, and starts what may start. */
  static async open(options: EngineOptions): Promise<Engine> {
    const engine = new Engine(options);
    await engine.#parts.adopt();
    return engine;
  }

  /** Nothing runs and nothing waits to be started by itself. */
  isIdle(): boolean {
    const { executor, scheduler } = this.#parts;
    return executor.live.size === 0 && scheduler.waiting === 0;
  }

  /** Lets go of the store. Running jobs run on. */
  close(): Promise<void> {
    return this.#parts.close();
  }

  getHost(): Promise<HostInfo> {
    const { settings, warnings } = this.#parts;
    const { current } = settings;
    const { maxConcurrentJobs, maxConcurrentJobsPerSession } = current;
    return Promise.resolve({
      version: this.#options.version,
      protocol: protocolVersion,
      pid: process.pid,
      uptimeMs: Math.round(performance.now() - this.#openedAt),
      home: this.#options.home,
      limits: { maxConcurrentJobs, maxConcurrentJobsPerSession },
      settings: current,
      warnings: [...warnings],
    });
  }

  updateHost(update: SettingsUpdate): Promise<HostInfo> {
    this.#parts.settings.update(validate(settingsUpdate, update));
    this.#parts.scheduler.startNext();
    return this.getHost();
  }

  async startJob(request: StartRequest): Promise<Started> {
    const { store, scheduler, environments, executor } = this.#parts;
    const { inheritEnv, ...spec } = checkStart(request);
    const known = spec.idempotencyKey === undefined ? undefined : store.jobs.byIdempotencyKey(spec.idempotencyKey);
    const [existing] = store.read([known]);
    if (existing) return { job: this.#parts.view(existing), created: false };
    const limit = spec.held ? null : scheduler.waitingFor(spec.session);
    if (limit && spec.ifFull === 'reject') {
      const text = `The limit of ${limit.maximum} running jobs for the ${limit.scope} is reached, and ifFull is reject.`;
      throw new BgJobsError('limit_reached', text, { waitingFor: limit });
    }
    const job = this.#stored(() => store.createJob(randomUUID(), spec));
    environments.keep(job.id, inheritEnv);
    if (!spec.held) {
      scheduler.add(job);
      scheduler.startNext();
    }
    const live = executor.live.get(job.id);
    if (live) await this.#pidKnown(live);
    return { job: this.#parts.view(job), created: true };
  }

  listJobs(query: ListQuery = {}): Promise<JobList> {
    const { store } = this.#parts;
    const { status, session, tag, limit, cursor } = validate(listQuery, query);
    const filter = filterOf({ status, session, tag });
    const page = cursor === undefined ? filter : { ...filter, before: parseCursor(cursor) };
    const jobs = store.read(store.jobs.list(page, limit));
    const last = jobs.at(-1);
    return Promise.resolve({
      jobs: jobs.map((job) => this.#parts.view(job)),
      total: store.jobs.count(filter),
      cursor: last && jobs.length === limit ? String(last.row) : null,
    });
  }

  async getJob(id: string): Promise<Job> {
    const job = this.#find(id);
    await this.#parts.leftovers.refresh(job);
    return this.#parts.view(job);
  }

  updateJob(id: string, update: JobUpdate): Promise<Job> {
    const { pinned } = validate(jobUpdate, update);
    const job = this.#find(id);
    this.#stored(() => this.#parts.store.setPinned(job, pinned));
    return Promise.resolve(this.#parts.view(job));
  }

  async removeJob(id: string): Promise<Job> {
    const { leftovers, cleaner, environments } = this.#parts;
    const job = this.#find(id);
    if (!isEnded(job.status) && job.status !== 'held') {
      throw wrongState(job, 'Only finished and held jobs can be removed. Use kill first.');
    }
    const processes = await leftovers.refresh(job);
    if (processes.length > 0) {
      throw wrongState(job, `${processes.length} of its processes are alive. Use kill to end them first.`);
    }
    const view = this.#parts.view(job);
    environments.forget(job.id);
    await cleaner.remove(job);
    return view;
  }

  async getOutput(id: string, query: OutputQuery = {}): Promise<Output> {
    return this.#parts.output.read(this.#find(id), validate(outputQuery, query));
  }

  async *followOutput(id: string, query: OutputQuery, signal: AbortSignal): AsyncGenerator<Chunk> {
    const options = validate(outputQuery, query);
    const job = this.#find(id);
    if (isWaiting(job.status) && options.run === undefined) {
      await this.waitForJob(job.id, { for: 'started' }, signal);
    }
    yield* this.#parts.output.follow(this.#find(job.id), options, signal);
  }

  async killJob(id: string, request: control.KillRequest = {}): Promise<control.KillResult> {
    return this.#parts.killer.kill(this.#find(id), validate(control.killRequest, request));
  }

  async killJobs(request: control.KillManyRequest): Promise<control.KillManyResult> {
    const { store, killer } = this.#parts;
    const { session, tag, all, ...options } = validate(control.killManyRequest, request);
    const filter = filterOf({ status: 'running,pending', session, tag });
    const jobs = store.read(store.jobs.list(filter, Number.MAX_SAFE_INTEGER));
    // Those that wait first: or they would start in the places of those that end.
    jobs.sort((a, b) => Number(isActive(a.status)) - Number(isActive(b.status)));
    return { results: await Promise.all(jobs.map((job) => killer.kill(job, options))) };
  }

  async pauseJob(id: string): Promise<Job> {
    const job = this.#find(id);
    if (job.status === 'running') await this.#parts.stopper.pause(this.#live(job));
    else if (job.status !== 'paused') throw wrongState(job, 'Only a running job can be paused.');
    return this.#parts.view(this.#find(job.id));
  }

  async resumeJob(id: string): Promise<Job> {
    const job = this.#find(id);
    if (job.status === 'paused') await this.#parts.stopper.resume(this.#live(job));
    else if (job.status !== 'running') throw wrongState(job, 'Only a paused job can be resumed.');
    return this.#parts.view(this.#find(job.id));
  }

  async restartJob(id: string, request: control.RestartRequest = {}): Promise<Job> {
    const { inheritEnv, actor } = validate(control.restartRequest, request);
    const job = this.#find(id);
    if (isWaiting(job.status)) throw wrongState(job, 'It has not started yet. Use release for a held job.');
    if (isActive(job.status)) await this.#parts.killer.kill(job, control.killRequest.parse({ actor }));
    const ended = this.#find(job.id);
    // Somebody else has restarted it meanwhile.
    if (!isEnded(ended.status)) return this.#parts.view(ended);
    this.#parts.environments.keep(ended.id, inheritEnv);
    this.#stored(() => this.#parts.requeue(ended));
    const live = this.#parts.executor.live.get(ended.id);
    if (live) await this.#pidKnown(live);
    return this.#parts.view(this.#find(ended.id));
  }

  async releaseJob(id: string): Promise<Job> {
    const job = this.#find(id);
    if (job.status !== 'held') throw wrongState(job, 'Only a held job can be released.');
    this.#stored(() => this.#parts.requeue(job));
    const live = this.#parts.executor.live.get(job.id);
    if (live) await this.#pidKnown(live);
    return this.#parts.view(job);
  }

  async sendInput(id: string, request: control.InputRequest): Promise<Job> {
    const { text, eof } = validate(control.inputRequest, request);
    const job = this.#find(id);
    if (job.spec.stdin.type !== 'pipe') {
      throw wrongState(job, 'It takes no live input: that has to be asked for at the start, with stdin pipe.');
    }
    if (!isActive(job.status)) throw wrongState(job, 'Only a running job takes input.');
    const { process } = this.#live(job);
    if (text !== undefined) await process.write(text);
    if (eof) await process.endInput();
    return this.#parts.view(job);
  }

  async waitForJob(id: string, query: control.WaitQuery = {}, signal?: AbortSignal): Promise<control.WaitResult> {
    const job = this.#find(id);
    const options = validate(control.waitQuery, query);
    const { timedOut, match } = await waitForJob(this.#parts, job, options, signal);
    return { timedOut, match, job: this.#parts.view(this.#find(job.id)) };
  }

  getRun(runId: string): Promise<Run> {
    const { job, run } = findRun(this.#parts.store, runId);
    return Promise.resolve(runView(job, run, this.#parts.views));
  }

  cleanUp(request: control.CleanupRequest = {}): Promise<control.CleanupResult> {
    const { status, dryRun, ...rule } = validate(control.cleanupRequest, request);
    const statuses = status === undefined ? undefined : parseEndedStatuses(status);
    return this.#parts.cleaner.clean({ ...rule, statuses }, dryRun);
  }

  getMetrics(): Promise<Metrics> {
    const { store, scheduler, settings } = this.#parts;
    return Promise.resolve(readMetrics(store, scheduler.running, settings.current.maxConcurrentJobs));
  }

  events(query: EventsQuery, signal: AbortSignal): AsyncGenerator<JobEvent> {
    const { store } = this.#parts;
    const { since } = validate(eventsQuery, query);
    const view = (jobId: string): Job | null => {
      const [job] = store.read([store.jobs.byId(jobId)]);
      return job ? this.#parts.view(job) : null;
    };
    return readEvents(store, view, since, signal);
  }

  #find(id: string): JobRow {
    return findJob(this.#parts.store, id);
  }

  #live(job: JobRow): LiveRun {
    const live = this.#parts.executor.live.get(job.id);
    if (!live || live.stop) throw wrongState(job, 'It is just being started or stopped.');
    return live;
  }

  async #pidKnown(live: LiveRun): Promise<void> {
    await Promise.race([live.pidKnown, sleep(pidWaitMs, undefined, { ref: false })]);
  }

  #stored<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      return rethrowDiskFull(error, this.#options.home);
    }
  }
}

function wrongState(job: JobRow, text: string): BgJobsError {
  return new BgJobsError('invalid_state', `Job ${job.id.slice(0, 8)} is ${job.status}. ${text}`, {
    status: job.status,
  });
}
