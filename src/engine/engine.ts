import { type AgentEventPage, type AgentEventsQuery, agentEventsQuery } from '../api/codingAgent.ts';
import * as control from '../api/control.ts';
import { type JobService, protocolVersion, type Started } from '../api/endpoints.ts';
import type { EventPage, EventsQuery, JobEvent } from '../api/events.ts';
import { type HostInfo, type Metrics, settingsUpdate, type SettingsUpdate } from '../api/host.ts';
import type { Inspection } from '../api/inspection.ts';
import { type Job, type JobList, type JobUpdate, jobUpdate, listQuery, type ListQuery, type Run } from '../api/job.ts';
import { type Chunk, type Output, outputQuery, type OutputQuery } from '../api/output.ts';
import type { StartRequest } from '../api/options.ts';
import { validate } from '../api/validate.ts';
import { isWaiting } from '../api/values.ts';
import type { JobRow } from '../store/jobTable.ts';
import { listEvents, readEvents } from './queries/eventFeed.ts';
import { inspectJob } from './queries/inspectJob.ts';
import { type EngineOptions, wireEngine } from './wiring.ts';
import { findJob, findRun, listJobs } from './queries/lookup.ts';
import { readMetrics } from './queries/readMetrics.ts';
import { waitForJob } from './queries/waiting.ts';

/**
 * Owns the jobs of one store. A library without editor and HTTP; it can be killed at any moment and opened again on the
 * same store. Only one may have a store open at a time, which the host ensures. Imported by the host only. Each verb
 * stands in `jobs/` if it changes jobs and in `queries/` if it does not; `wiring.ts` puts the rooms together.
 */
export class Engine implements JobService {
  readonly #options: EngineOptions;
  readonly #deps: ReturnType<typeof wireEngine>;
  readonly #openedAt = performance.now();

  private constructor(options: EngineOptions) {
    this.#options = options;
    this.#deps = wireEngine(options);
  }

  /** Opens the store, adopts what runs, and starts what may start. */
  static async open(options: EngineOptions): Promise<Engine> {
    const engine = new Engine(options);
    try {
      await engine.#deps.adopt();
      return engine;
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  /** Nothing runs, and nothing waits to be started by itself. */
  isIdle(): boolean {
    return this.#deps.runs.isIdle && this.#deps.scheduler.waiting === 0;
  }

  /** Lets go of the store. Running jobs run on. */
  close(): Promise<void> {
    return this.#deps.close();
  }

  getHost(): Promise<HostInfo> {
    const { settings, warnings } = this.#deps;
    const current = settings();
    const { maxConcurrentJobs, maxConcurrentJobsPerSession, sessionLimits } = current;
    return Promise.resolve({
      version: this.#options.version,
      protocol: protocolVersion,
      pid: process.pid,
      uptimeMs: Math.round(performance.now() - this.#openedAt),
      home: this.#options.home,
      limits: { maxConcurrentJobs, maxConcurrentJobsPerSession, sessionLimits },
      settings: current,
      warnings: [...warnings],
    });
  }

  async updateHost(update: SettingsUpdate = {}): Promise<HostInfo> {
    this.#deps.updateSettings(validate(settingsUpdate, update));
    return await this.getHost();
  }

  startJob(request: StartRequest): Promise<Started> {
    return this.#deps.starter.startJob(request);
  }

  async continueJob(id: string, request: control.ContinueRequest): Promise<Job> {
    return await this.#deps.starter.continueJob(id, validate(control.continueRequest, request));
  }

  async restartJob(id: string, request: control.RestartRequest = {}): Promise<Job> {
    return await this.#deps.starter.restartJob(id, validate(control.restartRequest, request));
  }

  async releaseJob(id: string, request: control.ReleaseRequest = {}): Promise<Job> {
    return await this.#deps.starter.releaseJob(id, validate(control.releaseRequest, request).actor);
  }

  async killJob(id: string, request: control.KillRequest = {}): Promise<control.KillResult> {
    return await this.#deps.killer.killJob(id, validate(control.killRequest, request));
  }

  async killJobs(request: control.KillManyRequest): Promise<control.KillManyResult> {
    return { results: await this.#deps.killer.killJobs(validate(control.killManyRequest, request)) };
  }

  async terminateRun(runId: string, request: control.TerminateRequest = {}): Promise<control.TerminateResult> {
    return await this.#deps.killer.terminateRun(runId, validate(control.terminateRequest, request));
  }

  pauseJob(id: string): Promise<Job> {
    return this.#deps.runControl.pauseJob(id);
  }

  resumeJob(id: string): Promise<Job> {
    return this.#deps.runControl.resumeJob(id);
  }

  async sendInput(id: string, request: control.InputRequest): Promise<Job> {
    return await this.#deps.runControl.sendInput(id, validate(control.inputRequest, request));
  }

  async updateJob(id: string, update: JobUpdate): Promise<Job> {
    return await this.#deps.queue.updateJob(id, validate(jobUpdate, update));
  }

  holdJob(id: string): Promise<Job> {
    return promised(() => this.#deps.queue.holdJob(id));
  }

  moveJob(id: string, request: control.MoveRequest): Promise<Job> {
    return promised(() => this.#deps.queue.moveJob(id, validate(control.moveRequest, request).to));
  }

  getQueue(): Promise<control.Queue> {
    return promised(() => this.#deps.queue.getQueue());
  }

  pauseQueue(request: control.QueueRequest = {}): Promise<control.Queue> {
    return promised(() => this.#deps.queue.setPaused(request, true));
  }

  resumeQueue(request: control.QueueRequest = {}): Promise<control.Queue> {
    return promised(() => this.#deps.queue.setPaused(request, false));
  }

  removeJob(id: string): Promise<Job> {
    return this.#deps.cleaner.removeJob(id);
  }

  async cleanUp(request: control.CleanupRequest = {}): Promise<control.CleanupResult> {
    return await this.#deps.cleaner.cleanUp(validate(control.cleanupRequest, request));
  }

  listJobs(query: ListQuery = {}): Promise<JobList> {
    return promised(() => listJobs(this.#deps, validate(listQuery, query)));
  }

  async getJob(id: string): Promise<Job> {
    const job = this.#find(id);
    await this.#deps.orphans.refresh(job);
    return this.#deps.views.job(job);
  }

  getRun(runId: string): Promise<Run> {
    return promised(() => {
      const { job, run } = findRun(this.#deps.store, runId);
      return this.#deps.views.run(job, run);
    });
  }

  async getRunEvents(runId: string, query: AgentEventsQuery = {}): Promise<AgentEventPage> {
    const options = validate(agentEventsQuery, query);
    const { job, run } = findRun(this.#deps.store, runId);
    return await this.#deps.agentEvents.list(job, run, options);
  }

  async inspectJob(id: string, signal?: AbortSignal): Promise<Inspection> {
    return await inspectJob(this.#deps, this.#find(id), signal);
  }

  async getOutput(id: string, query: OutputQuery = {}): Promise<Output> {
    const options = validate(outputQuery, query);
    return await this.#deps.output.read(this.#find(id), options);
  }

  async *followOutput(id: string, query: OutputQuery, signal: AbortSignal): AsyncGenerator<Chunk> {
    const options = validate(outputQuery, query);
    const job = this.#find(id);
    if (isWaiting(job.status) && options.run === undefined) {
      await this.waitForJob(job.id, { for: 'started' }, signal);
    }
    yield* this.#deps.output.follow(this.#find(job.id), options, signal);
  }

  async waitForJob(id: string, query: control.WaitQuery = {}, signal?: AbortSignal): Promise<control.WaitResult> {
    const options = validate(control.waitQuery, query);
    const job = this.#find(id);
    const outcome = await waitForJob(this.#deps, job, options, signal);
    return { ...outcome, job: this.#deps.views.job(this.#find(job.id)) };
  }

  getMetrics(): Promise<Metrics> {
    return promised(() =>
      readMetrics(this.#deps.store, this.#deps.scheduler.running, this.#deps.settings().maxConcurrentJobs),
    );
  }

  events(query: EventsQuery, signal: AbortSignal): AsyncGenerator<JobEvent> {
    return readEvents(this.#deps, query, signal);
  }

  getEvents(query: EventsQuery = {}): Promise<EventPage> {
    return promised(() => listEvents(this.#deps, query));
  }

  #find(id: string): JobRow {
    return findJob(this.#deps.store, id);
  }
}

/** An exception of `work` becomes a rejection, as callers of a service expect. */
function promised<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}
