import * as z from 'zod';
import { agentEventPage, agentEventsQuery } from './codingAgent.ts';
import {
  cleanupRequest,
  cleanupResult,
  continueRequest,
  inputRequest,
  killManyRequest,
  killManyResult,
  killRequest,
  killResult,
  moveRequest,
  queue,
  queueRequest,
  releaseRequest,
  restartRequest,
  terminateRequest,
  terminateResult,
  waitQuery,
  waitResult,
} from './control.ts';
import { type Address, addresses } from './endpoints.ts';
import type { ErrorCode } from './errors.ts';
import { eventPage, eventsQuery } from './events.ts';
import { hostInfo, metrics, metricsQuery, settingsUpdate } from './host.ts';
import { inspection } from './inspection.ts';
import { job, jobList, jobUpdate, listQuery, run } from './job.ts';
import { output, outputQuery } from './output.ts';
import { startRequest } from './start.ts';

export interface Route extends Address {
  readonly summary: string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Of the answer that is one JSON document. */
  readonly response: z.ZodType;
  /** Media types besides JSON that the answer can have, and what it is then. */
  readonly also?: Readonly<Record<string, string>>;
  /** Of success; 200 where nothing is said. */
  readonly status?: number;
  /** Other statuses of success, under which the answer has the same shape, and what they mean. */
  readonly otherStatus?: Readonly<Record<number, string>>;
  /** What it can fail with, besides what any route with such a path and body can. */
  readonly errors?: readonly ErrorCode[];
}

const cursorHeaders =
  'Unless it follows, the headers bgjobs-next, bgjobs-more, bgjobs-dropped-bytes and bgjobs-status say what Output says';

/** Every route of the job host: the server, the client and the documentation are held to this table. */
export const routes = {
  getHost: { ...addresses.getHost, summary: 'Version, process, limits and settings', response: hostInfo },
  updateHost: {
    ...addresses.updateHost,
    summary: 'Change settings; they are kept',
    body: settingsUpdate,
    response: hostInfo,
  },
  stopHost: {
    ...addresses.stopHost,
    summary: 'Leave. Running jobs run on; the next host adopts them',
    response: z.object({ stopping: z.literal(true) }),
    status: 202,
  },
  startJob: {
    ...addresses.startJob,
    summary: 'Start a job, or get the one that has the same idempotency key',
    body: startRequest,
    response: job,
    status: 201,
    otherStatus: { 200: 'The job that has the same idempotency key already' },
    errors: ['cwd_not_found', 'policy_denied', 'limit_reached'],
  },
  listJobs: { ...addresses.listJobs, summary: 'Jobs, newest first', query: listQuery, response: jobList },
  killJobs: {
    ...addresses.killJobs,
    summary: 'Stop all jobs of a session, with a tag, or all',
    body: killManyRequest,
    response: killManyResult,
    errors: ['policy_denied', 'unknown_signal'],
  },
  getJob: { ...addresses.getJob, summary: 'One job with its runs', response: job },
  updateJob: {
    ...addresses.updateJob,
    summary: 'Pin or unpin; change priority or dependencies of a job that waits',
    body: jobUpdate,
    response: job,
    errors: ['policy_denied', 'invalid_state'],
  },
  removeJob: {
    ...addresses.removeJob,
    summary: 'Remove a finished or held job with its logs',
    response: job,
    errors: ['invalid_state'],
  },
  inspectJob: {
    ...addresses.inspectJob,
    summary: 'The live processes of the job: CPU, memory, threads, open files. Measures for half a second',
    response: inspection,
  },
  getOutput: {
    ...addresses.getOutput,
    summary: 'What the job has written',
    query: outputQuery,
    response: output,
    also: {
      'application/x-ndjson': 'With follow: one Chunk a line, as they come; a line with an Error is the last one',
      'text/plain': `With format=text. ${cursorHeaders}`,
      'application/octet-stream': `With format=raw. ${cursorHeaders}`,
    },
    errors: ['run_not_found'],
  },
  killJob: {
    ...addresses.killJob,
    summary: 'Stop the whole tree, prove it dead',
    body: killRequest,
    response: killResult,
    errors: ['policy_denied', 'unknown_signal', 'run_not_found', 'run_superseded', 'invalid_state'],
  },
  pauseJob: {
    ...addresses.pauseJob,
    summary: 'Stop the tree for a while (STOP)',
    response: job,
    errors: ['invalid_state'],
  },
  resumeJob: {
    ...addresses.resumeJob,
    summary: 'Go on (CONT)',
    response: job,
    errors: ['invalid_state'],
  },
  restartJob: {
    ...addresses.restartJob,
    summary: 'A new run; what runs is stopped first',
    body: restartRequest,
    response: job,
    errors: ['policy_denied', 'invalid_state'],
  },
  continueJob: {
    ...addresses.continueJob,
    summary: "Start a job that goes on with an ended coding agent's session",
    body: continueRequest,
    response: job,
    status: 201,
    errors: ['invalid_state', 'cwd_not_found', 'policy_denied'],
  },
  releaseJob: {
    ...addresses.releaseJob,
    summary: 'Let a held job start; one that waits for its time starts now',
    body: releaseRequest,
    response: job,
    errors: ['policy_denied', 'invalid_state'],
  },
  holdJob: {
    ...addresses.holdJob,
    summary: 'Take a job that waits out of the queue, until it is released',
    response: job,
    errors: ['invalid_state'],
  },
  moveJob: {
    ...addresses.moveJob,
    summary: "Change the place of a job that waits in its session's queue",
    body: moveRequest,
    response: job,
    errors: ['invalid_state'],
  },
  sendInput: {
    ...addresses.sendInput,
    summary: 'Write to the standard input of a job started with stdin pipe',
    body: inputRequest,
    response: job,
    errors: ['invalid_state'],
  },
  waitForJob: {
    ...addresses.waitForJob,
    summary: 'Until it ends, starts, is ready, or prints a pattern',
    query: waitQuery,
    response: waitResult,
  },
  getRun: { ...addresses.getRun, summary: 'One run', response: run },
  getRunEvents: {
    ...addresses.getRunEvents,
    summary: "What a coding agent's run has said and done: messages, commands, files, result",
    query: agentEventsQuery,
    response: agentEventPage,
    errors: ['invalid_state'],
  },
  terminateRun: {
    ...addresses.terminateRun,
    summary: 'End exactly this run, and put its job back into the queue',
    body: terminateRequest,
    response: terminateResult,
    errors: ['policy_denied', 'run_superseded', 'job_already_ended', 'invalid_state'],
  },
  getQueue: { ...addresses.getQueue, summary: 'What waits, in the order in which it would start now', response: queue },
  pauseQueue: {
    ...addresses.pauseQueue,
    summary: 'Start nothing more, in all or of one session. What runs is left alone',
    body: queueRequest,
    response: queue,
  },
  resumeQueue: { ...addresses.resumeQueue, summary: 'Start again what waits', body: queueRequest, response: queue },
  cleanUp: {
    ...addresses.cleanUp,
    summary: 'Remove finished jobs',
    body: cleanupRequest,
    response: cleanupResult,
  },
  getMetrics: {
    ...addresses.getMetrics,
    summary: 'Counts, queue, concurrency, load',
    query: metricsQuery,
    response: metrics,
    also: { 'text/plain': 'With format=prometheus or Accept: text/plain' },
  },
  getEvents: {
    ...addresses.getEvents,
    summary: 'Every change of every job, from a number on, then live; or a page of what there is',
    query: eventsQuery,
    response: eventPage,
    also: {
      'text/event-stream':
        'Unless format=json: server-sent events. id is the number, event the type, data an Event; first comes an id ' +
        'alone, behind which it begins; after a failure the last one is of the type error, with an Error as data. A ' +
        'Last-Event-ID header wins over since',
    },
    errors: ['job_not_found'],
  },
} as const satisfies Record<keyof typeof addresses, Route>;

export type RouteName = keyof typeof routes;
