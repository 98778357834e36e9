/**
 * The API of the job host: the only list of its verbs. The interface of a job service, the client, the handlers
 * of HTTP and the OpenAPI document are derived from it. Schemas are named and not imported: building them takes
 * longer than a request, and a client that has just been started would have to wait for it.
 */
import type * as z from 'zod';
import type * as codingAgent from './codingAgent.ts';
import type * as control from './control.ts';
import type * as events from './events.ts';
import type * as hooks from './hooks.ts';
import type * as host from './host.ts';
import type * as inspection from './inspection.ts';
import type * as job from './job.ts';
import type * as jobUpdate from './jobUpdate.ts';
import type * as output from './output.ts';
import type * as start from './options.ts';
import type { ErrorCode } from './errors.ts';

/** Raised when an older client would misunderstand a newer host, or vice versa. */
export const protocolVersion = 2;

type Schemas = typeof codingAgent &
  typeof control &
  typeof events &
  typeof hooks &
  typeof host &
  typeof inspection &
  typeof job &
  typeof jobUpdate &
  typeof output &
  typeof start;

/** The name of an exported schema of this room. */
type SchemaName = { [Name in keyof Schemas]: Schemas[Name] extends z.ZodType ? Name : never }[keyof Schemas];

/** A verb: a method of {@link JobService}, and a method and path of HTTP. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With `{id}` for a job's id, any unique prefix of it or its name, or `{runId}` for a run's id: the method's first argument. */
  readonly path: string;
  /** Schema of the query, which may be left out. */
  readonly query?: SchemaName;
  /** Schema of the JSON body. A question mark at the end: it may be left out. */
  readonly body?: SchemaName | `${SchemaName}?`;
  /** Schema of the answer that is one JSON document. */
  readonly answer: SchemaName;
  /** What the query has to contain for that answer, where the endpoint has others too. */
  readonly json?: Readonly<Record<string, string>>;
  /** The schemas where the body is a list: the method takes it under the name in the plural, and the status is 200. */
  readonly list?: { readonly body: SchemaName; readonly answer: SchemaName };
  /** The HTTP status of success, 200 unless given. */
  readonly status?: number;
  /** Whether the method takes a signal that ends it early. */
  readonly abortable?: true;
  /** Whether it changes settings of the host: followers of events are notified. */
  readonly changesSettings?: true;
}

export interface EndpointNotes {
  readonly summary: string;
  /** Media types of other answers than JSON, with what they are. */
  readonly also?: Readonly<Record<string, string>>;
  /** Other statuses of success, under which the answer has the same shape, with what they mean. */
  readonly otherStatus?: Readonly<Record<number, string>>;
  /** What the endpoint can fail with, besides what any endpoint with such a path and method can. */
  readonly errors?: readonly ErrorCode[];
}

export const endpoints = {
  getHost: { method: 'GET', path: '/v1/host', answer: 'hostInfo' },
  updateHost: { method: 'PATCH', path: '/v1/host', body: 'settingsUpdate?', answer: 'hostInfo', changesSettings: true },
  testHook: { method: 'POST', path: '/v1/hooks/{name}/test', answer: 'hookTest' },
  stopHost: { method: 'POST', path: '/v1/host/stop', answer: 'stopAnswer', status: 202 },
  startJob: {
    method: 'POST',
    path: '/v1/jobs',
    body: 'startRequest',
    answer: 'job',
    list: { body: 'startRequests', answer: 'startResults' },
    status: 201,
  },
  listJobs: { method: 'GET', path: '/v1/jobs', query: 'listQuery', answer: 'jobList' },
  killJobs: { method: 'POST', path: '/v1/kill', body: 'killManyRequest', answer: 'killManyResult' },
  changeJobs: { method: 'POST', path: '/v1/change', body: 'changeManyRequest', answer: 'changeManyResult' },
  waitForJobs: { method: 'POST', path: '/v1/wait', body: 'waitManyRequest', answer: 'waitManyResult', abortable: true },
  getJob: { method: 'GET', path: '/v1/jobs/{id}', answer: 'job' },
  updateJob: { method: 'PATCH', path: '/v1/jobs/{id}', body: 'jobUpdate', answer: 'job' },
  removeJob: { method: 'DELETE', path: '/v1/jobs/{id}', answer: 'job' },
  inspectJob: { method: 'GET', path: '/v1/jobs/{id}/inspect', answer: 'inspection', abortable: true },
  getOutput: {
    method: 'GET',
    path: '/v1/jobs/{id}/output',
    query: 'outputQuery',
    answer: 'output',
    json: { format: 'json', follow: 'false' },
  },
  killJob: { method: 'POST', path: '/v1/jobs/{id}/kill', body: 'killRequest?', answer: 'killResult' },
  pauseJob: { method: 'POST', path: '/v1/jobs/{id}/pause', answer: 'job' },
  resumeJob: { method: 'POST', path: '/v1/jobs/{id}/resume', answer: 'job' },
  restartJob: { method: 'POST', path: '/v1/jobs/{id}/restart', body: 'restartRequest?', answer: 'job' },
  continueJob: { method: 'POST', path: '/v1/jobs/{id}/continue', body: 'continueRequest', answer: 'job', status: 201 },
  releaseJob: { method: 'POST', path: '/v1/jobs/{id}/release', body: 'releaseRequest?', answer: 'job' },
  holdJob: { method: 'POST', path: '/v1/jobs/{id}/hold', answer: 'job' },
  moveJob: { method: 'POST', path: '/v1/jobs/{id}/move', body: 'moveRequest', answer: 'job' },
  sendInput: { method: 'POST', path: '/v1/jobs/{id}/input', body: 'inputRequest', answer: 'job' },
  resizeTerminal: { method: 'POST', path: '/v1/jobs/{id}/resize', body: 'resizeRequest', answer: 'job' },
  waitForJob: { method: 'GET', path: '/v1/jobs/{id}/wait', query: 'waitQuery', answer: 'waitResult', abortable: true },
  getRun: { method: 'GET', path: '/v1/runs/{runId}', answer: 'run' },
  getRunEvents: { method: 'GET', path: '/v1/runs/{runId}/events', query: 'agentEventsQuery', answer: 'agentEventPage' },
  terminateRun: {
    method: 'POST',
    path: '/v1/runs/{runId}/terminate',
    body: 'terminateRequest?',
    answer: 'terminateResult',
  },
  getQueue: { method: 'GET', path: '/v1/queue', answer: 'queue' },
  pauseQueue: {
    method: 'POST',
    path: '/v1/queue/pause',
    body: 'queueRequest?',
    answer: 'queue',
    changesSettings: true,
  },
  resumeQueue: {
    method: 'POST',
    path: '/v1/queue/resume',
    body: 'queueRequest?',
    answer: 'queue',
    changesSettings: true,
  },
  cleanUp: { method: 'POST', path: '/v1/cleanup', body: 'cleanupRequest?', answer: 'cleanupResult' },
  getMetrics: {
    method: 'GET',
    path: '/v1/metrics',
    query: 'metricsQuery',
    answer: 'metrics',
    json: { format: 'json' },
  },
  getEvents: { method: 'GET', path: '/v1/events', query: 'eventsQuery', answer: 'eventPage', json: { format: 'json' } },
} as const satisfies Record<string, Endpoint>;

export type Verb = keyof typeof endpoints;

/** What a caller may write where a schema is given by its name. */
type Input<Name> = Name extends SchemaName ? z.input<Schemas[Name]> : never;

export type Answer<Of extends Verb> = z.output<Schemas[(typeof endpoints)[Of]['answer']]>;

/** The arguments of a verb's method: the id, the query or the body, the signal, each where the verb has one. */
type Arguments<Row extends Endpoint> = [
  ...(Row['path'] extends `${string}{${string}` ? [id: string] : []),
  ...(Row extends { readonly query: infer Name } ? [query?: Input<Name>] : []),
  ...(Row extends { readonly body: `${infer Name}?` }
    ? [request?: Input<Name>]
    : Row extends { readonly body: infer Name }
      ? [request: Input<Name>]
      : []),
  ...(Row extends { readonly abortable: true } ? [signal?: AbortSignal] : []),
];

type Verbs = {
  readonly [Of in Exclude<Verb, 'startJob' | 'stopHost'>]: (
    ...args: Arguments<(typeof endpoints)[Of]>
  ) => Promise<Answer<Of>>;
};

/**
 * Everything that can be done with jobs. The engine does it, the client sends it to the host: a caller cannot tell.
 * An `id` is a job's UUID, any unique prefix of it, its name, `@last` or `@failed`; with a colon and a number behind it,
 * that task of the array. Every method fails with a BgJobsError.
 */
export interface JobService extends Verbs {
  startJob(request: start.StartRequest): Promise<Started>;
  /** At most 1,000, in their order. Each fails by itself: the method only fails if the list itself is wrong. */
  startJobs(requests: readonly start.StartRequest[]): Promise<control.StartResults>;
  /** What is there from `since` on and what comes, until the run has ended or the signal is aborted. */
  followOutput(id: string, query: output.OutputQuery, signal: AbortSignal): AsyncIterable<output.Chunk>;
  /** `since` left out: live only. Ends when the signal is aborted. */
  events(query: events.EventsQuery, signal: AbortSignal): AsyncIterable<events.JobEvent>;
}

/** `created` is false when the idempotency key was known: the job is the one that has it. */
export interface Started {
  readonly job: job.Job;
  readonly created: boolean;
}

/** What the OpenAPI document says besides. It stands apart so that clients need not carry it. */
export const endpointNotes: Readonly<Record<Verb, EndpointNotes>> = {
  getHost: { summary: 'Get the version, process, limits and settings of the job host' },
  updateHost: { summary: 'Change settings and store them' },
  testHook: {
    summary: 'Send a test message to a hook',
    errors: ['hook_not_found'],
  },
  stopHost: { summary: 'Stop the job host. Running jobs keep running; the next host adopts them' },
  startJob: {
    summary:
      'Start a job, or get the one that has the same idempotency key. With a list of requests, start several jobs',
    otherStatus: { 200: 'The existing job with the same idempotency key; for a list, the result of each request' },
    errors: ['cwd_not_found', 'policy_denied', 'limit_reached', 'quota_exceeded'],
  },
  listJobs: { summary: 'List jobs, newest first' },
  killJobs: {
    summary: 'Kill all jobs of a session, with a tag or a status, that match a query, or all jobs',
    errors: ['policy_denied', 'unknown_signal'],
  },
  changeJobs: { summary: 'Pause, resume, restart, hold, release or remove several jobs' },
  waitForJobs: {
    summary: 'Wait for several jobs, or for the first of them, as for one',
    errors: ['job_not_found'],
  },
  getJob: { summary: 'Get a job with its runs' },
  updateJob: {
    summary:
      'Pin, unpin or rename a job, change the priority or dependencies of a waiting job, or edit the command, folder, ' +
      'environment, tags and limits of a job that has not started',
    errors: ['policy_denied', 'invalid_state', 'cwd_not_found'],
  },
  removeJob: { summary: 'Remove a finished or held job with its logs', errors: ['invalid_state'] },
  inspectJob: {
    summary:
      'Get the CPU, memory, threads and open files of the live processes of a job. Measuring takes half a second',
  },
  getOutput: {
    summary: 'Get the output of a job',
    also: {
      'application/x-ndjson':
        'With follow: one Chunk per line, as output arrives. After a failure, the last line is an Error',
      'text/plain':
        'With format=text. Without follow, the headers bgjobs-next, bgjobs-more, bgjobs-dropped-bytes and ' +
        'bgjobs-status have the values of the same fields of Output',
      'application/octet-stream': 'With format=raw, with the same headers',
    },
    errors: ['run_not_found'],
  },
  killJob: {
    summary: 'Kill the whole process tree and verify that it is dead',
    errors: ['policy_denied', 'unknown_signal', 'run_not_found', 'run_superseded', 'invalid_state'],
  },
  pauseJob: { summary: 'Pause the process tree (SIGSTOP)', errors: ['invalid_state'] },
  resumeJob: { summary: 'Resume the process tree (SIGCONT)', errors: ['invalid_state'] },
  restartJob: {
    summary: 'Start a new run; a current run is killed first',
    errors: ['policy_denied', 'invalid_state', 'quota_exceeded'],
  },
  continueJob: {
    summary: 'Start a job that continues the session of a coding agent whose job has ended',
    errors: ['invalid_state', 'cwd_not_found', 'policy_denied', 'quota_exceeded'],
  },
  releaseJob: {
    summary: 'Release a held job, or start a scheduled job now',
    errors: ['policy_denied', 'invalid_state'],
  },
  holdJob: { summary: 'Hold a waiting job until it is released', errors: ['invalid_state'] },
  moveJob: { summary: 'Move a waiting job in the queue of its session', errors: ['invalid_state'] },
  sendInput: {
    summary: 'Write to the standard input of a job that was started with stdin of type pipe or with tty',
    errors: ['invalid_state'],
  },
  resizeTerminal: {
    summary: 'Set the size of the terminal of a job that was started with tty',
    errors: ['invalid_state'],
  },
  waitForJob: { summary: 'Wait until a job ends, starts, is ready, or prints a line that matches a pattern' },
  getRun: { summary: 'Get a run' },
  getRunEvents: {
    summary: "List the events of a coding agent's run: messages, commands, files, result",
    errors: ['invalid_state'],
  },
  terminateRun: {
    summary: 'Kill exactly this run, and put its job back in the queue',
    errors: ['policy_denied', 'run_superseded', 'job_already_ended', 'invalid_state'],
  },
  getQueue: { summary: 'List the waiting jobs in the order in which they would start now' },
  pauseQueue: { summary: 'Pause the queue, or the queue of one session. Running jobs keep running' },
  resumeQueue: { summary: 'Resume the queue, or the queue of one session' },
  cleanUp: { summary: 'Remove finished jobs' },
  getMetrics: {
    summary: 'Get job counts, queue size, concurrency and system load',
    also: { 'text/plain': 'With format=prometheus or Accept: text/plain' },
  },
  getEvents: {
    summary: 'Stream the changes of all jobs, past and live, or get one page of past events',
    also: {
      'text/event-stream':
        'Unless format=json: server-sent events. id is the number, event the type, data an Event. The first event is ' +
        'connected; its id is the number after which the stream begins. The event settings reports that settings ' +
        'have changed. After a failure, the last event is error, with an Error as data. A Last-Event-ID header takes ' +
        'precedence over since',
    },
    errors: ['job_not_found'],
  },
};
