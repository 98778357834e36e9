import type { AgentEventPage, AgentEventsQuery } from './codingAgent.ts';
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
} from './control.ts';
import type { EventPage, EventsQuery, JobEvent } from './events.ts';
import type { HostInfo, Metrics, SettingsUpdate } from './host.ts';
import type { Inspection } from './inspection.ts';
import type { Job, JobList, JobUpdate, ListQuery, Run } from './job.ts';
import type { Chunk, Output, OutputQuery } from './output.ts';
import type { StartRequest } from './start.ts';

/**
 * What a client needs of the protocol when it runs. No schemas are here: building them takes longer than a request, and
 * a client that has just been started would wait for it.
 */

/** Raised when an older client would misunderstand a newer host, or the other way round. */
export const protocolVersion = 2;

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface Address {
  readonly method: Method;
  /** With `{id}` for a job's id or any unique prefix of it, `{runId}` for a run's id. */
  readonly path: string;
}

/** Where every route is; routes.ts says what goes in and comes out. */
export const addresses = {
  getHost: { method: 'GET', path: '/v1/host' },
  updateHost: { method: 'PATCH', path: '/v1/host' },
  stopHost: { method: 'POST', path: '/v1/host/stop' },
  startJob: { method: 'POST', path: '/v1/jobs' },
  listJobs: { method: 'GET', path: '/v1/jobs' },
  killJobs: { method: 'POST', path: '/v1/kill' },
  getJob: { method: 'GET', path: '/v1/jobs/{id}' },
  updateJob: { method: 'PATCH', path: '/v1/jobs/{id}' },
  removeJob: { method: 'DELETE', path: '/v1/jobs/{id}' },
  inspectJob: { method: 'GET', path: '/v1/jobs/{id}/inspect' },
  getOutput: { method: 'GET', path: '/v1/jobs/{id}/output' },
  killJob: { method: 'POST', path: '/v1/jobs/{id}/kill' },
  pauseJob: { method: 'POST', path: '/v1/jobs/{id}/pause' },
  resumeJob: { method: 'POST', path: '/v1/jobs/{id}/resume' },
  restartJob: { method: 'POST', path: '/v1/jobs/{id}/restart' },
  continueJob: { method: 'POST', path: '/v1/jobs/{id}/continue' },
  releaseJob: { method: 'POST', path: '/v1/jobs/{id}/release' },
  holdJob: { method: 'POST', path: '/v1/jobs/{id}/hold' },
  moveJob: { method: 'POST', path: '/v1/jobs/{id}/move' },
  sendInput: { method: 'POST', path: '/v1/jobs/{id}/input' },
  waitForJob: { method: 'GET', path: '/v1/jobs/{id}/wait' },
  getRun: { method: 'GET', path: '/v1/runs/{runId}' },
  getRunEvents: { method: 'GET', path: '/v1/runs/{runId}/events' },
  terminateRun: { method: 'POST', path: '/v1/runs/{runId}/terminate' },
  getQueue: { method: 'GET', path: '/v1/queue' },
  pauseQueue: { method: 'POST', path: '/v1/queue/pause' },
  resumeQueue: { method: 'POST', path: '/v1/queue/resume' },
  cleanUp: { method: 'POST', path: '/v1/cleanup' },
  getMetrics: { method: 'GET', path: '/v1/metrics' },
  getEvents: { method: 'GET', path: '/v1/events' },
} as const satisfies Record<string, Address>;

/** `created` is false when the idempotency key was known: the job is the one that has it. */
export interface Started {
  job: Job;
  created: boolean;
}

/**
 * Everything that can be done with jobs. The engine does it, the client asks the host for it: a caller cannot tell.
 * An `id` is a job's UUID or any unique prefix of it. Every method fails with a BgJobsError.
 */
export interface JobService {
  getHost(): Promise<HostInfo>;
  updateHost(update: SettingsUpdate): Promise<HostInfo>;
  startJob(request: StartRequest): Promise<Started>;
  listJobs(query?: ListQuery): Promise<JobList>;
  getJob(id: string): Promise<Job>;
  updateJob(id: string, update: JobUpdate): Promise<Job>;
  removeJob(id: string): Promise<Job>;
  /** Measures for half a second. Fails when the signal is aborted. */
  inspectJob(id: string, signal?: AbortSignal): Promise<Inspection>;
  getOutput(id: string, query?: OutputQuery): Promise<Output>;
  /** What is there from `since` on and what comes, until the run has ended or the signal is aborted. */
  followOutput(id: string, query: OutputQuery, signal: AbortSignal): AsyncIterable<Chunk>;
  killJob(id: string, request?: KillRequest): Promise<KillResult>;
  killJobs(request: KillManyRequest): Promise<KillManyResult>;
  pauseJob(id: string): Promise<Job>;
  resumeJob(id: string): Promise<Job>;
  restartJob(id: string, request?: RestartRequest): Promise<Job>;
  /** A new job in the session of a coding agent whose job has ended. */
  continueJob(id: string, request: ContinueRequest): Promise<Job>;
  releaseJob(id: string, request?: ReleaseRequest): Promise<Job>;
  holdJob(id: string): Promise<Job>;
  moveJob(id: string, request: MoveRequest): Promise<Job>;
  sendInput(id: string, request: InputRequest): Promise<Job>;
  waitForJob(id: string, query?: WaitQuery, signal?: AbortSignal): Promise<WaitResult>;
  getRun(runId: string): Promise<Run>;
  /** What a coding agent's run has said and done. */
  getRunEvents(runId: string, query?: AgentEventsQuery): Promise<AgentEventPage>;
  /** Ends exactly this run, and puts its job back into the queue or holds it. */
  terminateRun(runId: string, request?: TerminateRequest): Promise<TerminateResult>;
  getQueue(): Promise<Queue>;
  pauseQueue(request?: QueueRequest): Promise<Queue>;
  resumeQueue(request?: QueueRequest): Promise<Queue>;
  cleanUp(request?: CleanupRequest): Promise<CleanupResult>;
  getMetrics(): Promise<Metrics>;
  /** `since` left out: live only. Ends when the signal is aborted. */
  events(query: EventsQuery, signal: AbortSignal): AsyncIterable<JobEvent>;
  /** A page of what there is. `since` left out: nothing but the number of the newest. */
  listEvents(query?: EventsQuery): Promise<EventPage>;
}
