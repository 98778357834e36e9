import { type AgentEventPage, type AgentEventsQuery, agentEventsQuery } from '../api/codingAgent.ts';
import { type JobService, protocolVersion, type Started } from '../api/endpoints.ts';
import type { EventPage, EventsQuery, JobEvent } from '../api/events.ts';
import { type HostInfo, type Metrics, settingsUpdate, type SettingsUpdate } from '../api/host.ts';
import type { Inspection } from '../api/inspection.ts';
import { type Job, type JobList, type JobUpdate, jobUpdate, listQuery, type ListQuery, type Run } from '../api/job.ts';
import { type Chunk, type Output, outputQuery, type OutputQuery } from '../api/output.ts';
import type { StartRequest } from '../api/start.ts';
import { validate } from '../api/validate.ts';
import { isActive, isEnded, isWaiting } from '../api/values.ts';
import * as control from '../api/control.ts';
import { AgentEvents } from './queries/agentEvents.ts';
import { continuation } from './jobs/continuing.ts';
import { EngineParts, type EngineOptions } from './engineParts.ts';
import { listEvents, readEvents } from './queries/eventFeed.ts';
import { inspectJob } from './queries/inspectJob.ts';
import type { Run as LiveRun } from './runs/run.ts';
import { filterOf, findJob, findRun, parseCursor, parseEndedStatuses, wrongState } from './queries/lookup.ts';
import { readMetrics } from './queries/readMetrics.ts';
import { QueueControl } from './jobs/queueControl.ts';
import { isAgentsRequeue, Starter } from './jobs/starting.ts';
import type { JobRow } from '../store/jobTable.ts';
import { runView } from './queries/views.ts';
import { waitForJob } from './queries/waiting.ts';

/**
 * Owns the jobs of one store. A library: no editor, no HTTP. It can be killed at any moment and opened again on the same
 * store; only one may have a store open at a time, which is the host's business.
 */
export class Engine implements JobService {
  readonly #parts: EngineParts;
  readonly #starter: Starter;
  readonly #queue: QueueControl;
  readonly #agentEvents: AgentEvents;
  readonly #options: EngineOptions;
  readonly #openedAt = performance.now();

  private constructor(options: EngineOptions) {
    this.#options = options;
    this.#parts = new EngineParts(options);
    this.#starter = new Starter(this.#parts);
    this.#queue = new QueueControl(this.#parts);
    this.#agentEvents = new AgentEvents(this.#parts);
  }

  /** Opens the store, takes over what runs, and starts what may start. */
  static async open(options: EngineOptions): Promise<Engine> {
    const engine = new Engine(options);
    try {
      await engine.#parts.adopt();
      return engine;
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  /** Nothing runs and nothing waits to be started by itself. */
  isIdle(): boolean {
    const { runs, scheduler } = this.#parts;
    return runs.isIdle && scheduler.waiting === 0;
  }

  /** Lets go of the store. Running jobs run on. */
  close(): Promise<void> {
    return this.#parts.close();
  }

  getHost(): Promise<HostInfo> {
    const { settings, warnings } = this.#parts;
    const { maxConcurrentJobs, maxConcurrentJobsPerSession, sessionLimits } = settings.current;
    return Promise.resolve({
      version: this.#options.version,
      protocol: protocolVersion,
      pid: process.pid,
      uptimeMs: Math.round(performance.now() - this.#openedAt),
      home: this.#options.home,
      limits: { maxConcurrentJobs, maxConcurrentJobsPerSession, sessionLimits },
      settings: settings.current,
      warnings: [...warnings],
    });
  }

  async updateHost(update: SettingsUpdate = {}): Promise<HostInfo> {
    this.#parts.updateSettings(validate(settingsUpdate, update));
    return await this.getHost();
  }

  startJob(request: StartRequest): Promise<Started> {
    return this.#starter.start(request);
  }

  listJobs(query: ListQuery = {}): Promise<JobList> {
    return promised(() => {
      const { limit, cursor, ...filters } = validate(listQuery, query);
      const { store } = this.#parts;
      const filter = filterOf(filters);
      const page = cursor === undefined ? filter : { ...filter, before: parseCursor(cursor) };
      const found = store.jobs.list(page, limit + 1);
      const jobs = store.read(found.slice(0, limit));
      return {
        jobs: jobs.map((job) => this.#parts.view(job)),
        total: store.jobs.count(filter),
        cursor: found.length > limit ? String(found[limit - 1]?.row) : null,
      };
    });
  }

  async getJob(id: string): Promise<Job> {
    const job = this.#find(id);
    await this.#parts.orphans.refresh(job);
    return this.#parts.view(job);
  }

  async updateJob(id: string, update: JobUpdate): Promise<Job> {
    const changes = validate(jobUpdate, update);
    if (changes.actor === 'agent' && changes.dependsOn) await this.#starter.checkAgentMayRun([this.#find(id)]);
    return this.#queue.update(this.#find(id), changes);
  }

  async removeJob(id: string): Promise<Job> {
    const { orphans, cleaner, environments, scheduler } = this.#parts;
    const job = this.#find(id);
    if (!isEnded(job.status) && job.status !== 'held') {
      throw wrongState(job, 'Only finished and held jobs can be removed. Use kill first.');
    }
    const processes = await orphans.refresh(job);
    if (processes.length > 0) {
      throw wrongState(job, `${processes.length} of its processes are alive. Use kill to end them first.`);
    }
    const view = this.#parts.view(job);
    if (!(await cleaner.remove(job))) throw wrongState(this.#find(job.id), 'It has just changed. Try again.');
    environments.forget(job.id);
    scheduler.remove(job.id);
    return view;
  }

  async inspectJob(id: string, signal?: AbortSignal): Promise<Inspection> {
    return await inspectJob(this.#parts, this.#find(id), signal);
  }

  async getOutput(id: string, query: OutputQuery = {}): Promise<Output> {
    const options = validate(outputQuery, query);
    return this.#parts.output.read(this.#find(id), options);
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
    const options = validate(control.killRequest, request);
    if (isAgentsRequeue(options)) await this.#starter.checkAgentMayRun([this.#find(id)]);
    return this.#parts.killer.kill(this.#find(id), options);
  }

  async killJobs(request: control.KillManyRequest): Promise<control.KillManyResult> {
    const { store, killer } = this.#parts;
    const { session, tag, all, ...options } = validate(control.killManyRequest, request);
    const filter = filterOf({ status: 'running,scheduled,pending', session, tag });
    const found = (): JobRow[] => store.read(store.jobs.list(filter, Number.MAX_SAFE_INTEGER));
    if (isAgentsRequeue(options)) await this.#starter.checkAgentMayRun(found());
    return { results: await killer.killAll(found(), options) };
  }

  async pauseJob(id: string): Promise<Job> {
    const job = this.#find(id);
    if (job.status === 'running') await this.#live(job).pause();
    else if (job.status !== 'paused') throw wrongState(job, 'Only a running job can be paused.');
    return this.#parts.view(this.#find(job.id));
  }

  async resumeJob(id: string): Promise<Job> {
    const job = this.#find(id);
    // A running one too: what is stopped behind our back, or was when a host died, goes on as well.
    if (job.status !== 'paused' && job.status !== 'running') throw wrongState(job, 'Only a paused job can be resumed.');
    await this.#live(job).resume();
    return this.#parts.view(this.#find(job.id));
  }

  async restartJob(id: string, request: control.RestartRequest = {}): Promise<Job> {
    const options = validate(control.restartRequest, request);
    return this.#starter.restart(this.#find(id), options);
  }

  async continueJob(id: string, request: control.ContinueRequest): Promise<Job> {
    const options = validate(control.continueRequest, request);
    const start = await continuation(this.#find(id), this.#agentEvents, options);
    return (await this.#starter.start(start)).job;
  }

  async releaseJob(id: string, request: control.ReleaseRequest = {}): Promise<Job> {
    const { actor } = validate(control.releaseRequest, request);
    return this.#starter.release(this.#find(id), actor);
  }

  holdJob(id: string): Promise<Job> {
    return promised(() => this.#queue.hold(this.#find(id)));
  }

  moveJob(id: string, request: control.MoveRequest): Promise<Job> {
    const options = promised(() => validate(control.moveRequest, request));
    return options.then(({ to }) => this.#queue.move(this.#find(id), to));
  }

  getQueue(): Promise<control.Queue> {
    return promised(() => this.#queue.get());
  }

  pauseQueue(request: control.QueueRequest = {}): Promise<control.Queue> {
    return promised(() => this.#queue.setPaused(request, true));
  }

  resumeQueue(request: control.QueueRequest = {}): Promise<control.Queue> {
    return promised(() => this.#queue.setPaused(request, false));
  }

  async sendInput(id: string, request: control.InputRequest): Promise<Job> {
    const { text, eof } = validate(control.inputRequest, request);
    const job = this.#find(id);
    if (job.spec.stdin.type !== 'pipe') {
      throw wrongState(job, 'It takes no live input: that has to be asked for at the start, with stdin pipe.');
    }
    if (!isActive(job.status)) throw wrongState(job, 'Only a running job takes input.');
    await this.#live(job).write(text, eof);
    return this.#parts.view(job);
  }

  async waitForJob(id: string, query: control.WaitQuery = {}, signal?: AbortSignal): Promise<control.WaitResult> {
    const options = validate(control.waitQuery, query);
    const job = this.#find(id);
    const outcome = await waitForJob(this.#parts, job, options, signal);
    return { ...outcome, job: this.#parts.view(this.#find(job.id)) };
  }

  getRun(runId: string): Promise<Run> {
    return promised(() => {
      const { job, run } = findRun(this.#parts.store, runId);
      return runView(job, run, this.#parts.views);
    });
  }

  async getRunEvents(runId: string, query: AgentEventsQuery = {}): Promise<AgentEventPage> {
    const options = validate(agentEventsQuery, query);
    const { job, run } = findRun(this.#parts.store, runId);
    return await this.#agentEvents.list(job, run, options);
  }

  async terminateRun(runId: string, request: control.TerminateRequest = {}): Promise<control.TerminateResult> {
    const options = validate(control.terminateRequest, request);
    const { store, killer } = this.#parts;
    if (isAgentsRequeue(options)) await this.#starter.checkAgentMayRun([findRun(store, runId).job]);
    const { job, run } = findRun(store, runId);
    return killer.terminate(job, run, options);
  }

  async cleanUp(request: control.CleanupRequest = {}): Promise<control.CleanupResult> {
    const { status, dryRun, ...rule } = validate(control.cleanupRequest, request);
    const statuses = status === undefined ? undefined : parseEndedStatuses(status);
    return await this.#parts.cleaner.clean({ ...rule, statuses }, dryRun);
  }

  getMetrics(): Promise<Metrics> {
    const { store, scheduler, settings } = this.#parts;
    return Promise.resolve(readMetrics(store, scheduler.running, settings.current.maxConcurrentJobs));
  }

  events(query: EventsQuery, signal: AbortSignal): AsyncGenerator<JobEvent> {
    return readEvents(this.#parts, query, signal);
  }

  getEvents(query: EventsQuery = {}): Promise<EventPage> {
    return promised(() => listEvents(this.#parts, query));
  }

  #find(id: string): JobRow {
    return findJob(this.#parts.store, id);
  }

  #live(job: JobRow): LiveRun {
    const live = this.#parts.runs.get(job.id);
    if (!live || live.isBeingKilled) throw wrongState(job, 'It is just being started or stopped.');
    return live;
  }
}

/** What `work` throws is a rejection, as for every caller of a service. */
function promised<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}
