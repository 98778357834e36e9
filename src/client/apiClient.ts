import type { HostRecord } from '../dataDir/hostRecord.ts';
import type { AgentEventPage, AgentEventsQuery } from '../api/codingAgent.ts';
import type {
  CleanupRequest,
  CleanupResult,
  ContinueRequest,
  InputRequest,
  KillManyRequest,
  KillManyResult,
  KillRequest,
  KillResult,
  MoveRequest,
  Queue,
  QueueRequest,
  ReleaseRequest,
  RestartRequest,
  TerminateRequest,
  TerminateResult,
  WaitQuery,
  WaitResult,
} from '../api/control.ts';
import type { JobService, Started } from '../api/endpoints.ts';
import type { EventPage, EventsQuery, JobEvent } from '../api/events.ts';
import type { HostInfo, Metrics, SettingsUpdate } from '../api/host.ts';
import type { Inspection } from '../api/inspection.ts';
import type { Job, JobList, JobUpdate, ListQuery, Run } from '../api/job.ts';
import type { Chunk, Output, OutputQuery } from '../api/output.ts';
import type { RouteName } from '../api/routes.ts';
import type { StartRequest } from '../api/start.ts';
import { acrossHosts } from './acrossHosts.ts';
import type { Call, Connection, ResponseOf } from './connection.ts';
import { followText } from './followLog.ts';
import { readChunks, readEvents, type EventComments } from './streams.ts';

export interface EventsOptions extends EventComments {
  /** Whether to start a host when there is none (as the client was set up). */
  readonly start?: boolean;
}

/** The job service of whichever host serves the home. Every method fails with a BgJobsError. */
export class ApiClient implements JobService {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Finds the host, or starts one, as the client was set up. Other methods do that by themselves. */
  open(): Promise<HostRecord> {
    return this.#connection.open();
  }

  getHost(): Promise<HostInfo> {
    return this.#value('getHost');
  }

  updateHost(update: SettingsUpdate): Promise<HostInfo> {
    return this.#value('updateHost', { body: update });
  }

  /** Settles when the host has answered, which is before it has left. */
  async stopHost(): Promise<void> {
    await this.#value('stopHost', { start: false });
  }

  async startJob(request: StartRequest): Promise<Started> {
    const { status, value } = await this.#connection.json('startJob', { body: request });
    return { job: value, created: status === 201 };
  }

  listJobs(query?: ListQuery): Promise<JobList> {
    return this.#value('listJobs', { query });
  }

  getJob(id: string): Promise<Job> {
    return this.#value('getJob', { id });
  }

  updateJob(id: string, update: JobUpdate): Promise<Job> {
    return this.#value('updateJob', { id, body: update });
  }

  removeJob(id: string): Promise<Job> {
    return this.#value('removeJob', { id });
  }

  inspectJob(id: string, signal?: AbortSignal): Promise<Inspection> {
    return this.#value('inspectJob', { id, signal });
  }

  getOutput(id: string, query?: OutputQuery): Promise<Output> {
    return this.#value('getOutput', { id, query: { ...query, format: 'json', follow: undefined } });
  }

  /** With text unless that is switched off: it is read from the log files then, where that is possible. */
  followOutput(id: string, query: OutputQuery, signal: AbortSignal): AsyncIterable<Chunk> {
    const follow = acrossHosts((...args) => this.#chunks(...args));
    const withText = query.text === undefined || query.text === 'true';
    return withText ? followText(this, follow, id, query, signal) : follow(id, query, signal);
  }

  killJob(id: string, request: KillRequest = {}): Promise<KillResult> {
    return this.#value('killJob', { id, body: request });
  }

  killJobs(request: KillManyRequest): Promise<KillManyResult> {
    return this.#value('killJobs', { body: request });
  }

  pauseJob(id: string): Promise<Job> {
    return this.#value('pauseJob', { id });
  }

  resumeJob(id: string): Promise<Job> {
    return this.#value('resumeJob', { id });
  }

  restartJob(id: string, request: RestartRequest = {}): Promise<Job> {
    return this.#value('restartJob', { id, body: request });
  }

  continueJob(id: string, request: ContinueRequest): Promise<Job> {
    return this.#value('continueJob', { id, body: request });
  }

  releaseJob(id: string, request: ReleaseRequest = {}): Promise<Job> {
    return this.#value('releaseJob', { id, body: request });
  }

  holdJob(id: string): Promise<Job> {
    return this.#value('holdJob', { id });
  }

  moveJob(id: string, request: MoveRequest): Promise<Job> {
    return this.#value('moveJob', { id, body: request });
  }

  getQueue(): Promise<Queue> {
    return this.#value('getQueue');
  }

  pauseQueue(request: QueueRequest = {}): Promise<Queue> {
    return this.#value('pauseQueue', { body: request });
  }

  resumeQueue(request: QueueRequest = {}): Promise<Queue> {
    return this.#value('resumeQueue', { body: request });
  }

  sendInput(id: string, request: InputRequest): Promise<Job> {
    return this.#value('sendInput', { id, body: request });
  }

  waitForJob(id: string, query?: WaitQuery, signal?: AbortSignal): Promise<WaitResult> {
    return this.#value('waitForJob', { id, query, signal });
  }

  getRun(runId: string): Promise<Run> {
    return this.#value('getRun', { id: runId });
  }

  getRunEvents(runId: string, query?: AgentEventsQuery): Promise<AgentEventPage> {
    return this.#value('getRunEvents', { id: runId, query });
  }

  terminateRun(runId: string, request: TerminateRequest = {}): Promise<TerminateResult> {
    return this.#value('terminateRun', { id: runId, body: request });
  }

  cleanUp(request: CleanupRequest = {}): Promise<CleanupResult> {
    return this.#value('cleanUp', { body: request });
  }

  getMetrics(): Promise<Metrics> {
    return this.#value('getMetrics');
  }

  /** From one host: fails when that goes away. eventStream.ts goes on with the next one. */
  async *events(query: EventsQuery, signal: AbortSignal, options: EventsOptions = {}): AsyncGenerator<JobEvent> {
    try {
      const asked = { ...query, format: 'stream' };
      const answer = await this.#connection.stream('getEvents', { query: asked, signal, start: options.start });
      yield* readEvents(answer, options);
    } catch (error) {
      if (!signal.aborted) throw this.#connection.toError(error);
    }
  }

  listEvents(query?: EventsQuery): Promise<EventPage> {
    return this.#value('getEvents', { query: { ...query, format: 'json' } });
  }

  /** Whatever is under way, and whatever is asked afterwards, fails with `host_unreachable`. */
  dispose(): void {
    this.#connection.dispose();
  }

  async #value<Name extends RouteName>(name: Name, call?: Call): Promise<ResponseOf<Name>> {
    return (await this.#connection.json(name, call)).value;
  }

  async *#chunks(id: string, query: OutputQuery, signal: AbortSignal): AsyncGenerator<Chunk> {
    const asked = { ...query, format: 'json', follow: 'true' };
    try {
      yield* readChunks(await this.#connection.stream('getOutput', { id, query: asked, signal }));
    } catch (error) {
      if (!signal.aborted) throw this.#connection.toError(error);
    }
  }
}
