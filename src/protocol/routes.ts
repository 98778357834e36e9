import * as z from 'zod';
import {
  cleanupRequest,
  cleanupResult,
  inputRequest,
  killManyRequest,
  killManyResult,
  killRequest,
  killResult,
  restartRequest,
  waitQuery,
  waitResult,
} from './control.ts';
import { eventsQuery, jobEvent } from './events.ts';
import { hostInfo, metrics, settingsUpdate } from './host.ts';
import { job, jobList, jobUpdate, listQuery, run } from './job.ts';
import { output, outputQuery } from './output.ts';
import { startRequest } from './start.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface Route {
  readonly method: Method;
  /** With `{id}` for a job's id or any unique prefix of it, `{runId}` for a run's id. */
  readonly path: string;
  readonly summary: string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Of one answer, or of one event of a stream. */
  readonly response: z.ZodType;
  /** `events`: server-sent events; `output`: JSON, text or bytes, as `format` and `follow` ask. */
  readonly stream?: 'events' | 'output';
  /** Of success; 200 where nothing is said. */
  readonly status?: number;
}

/** Every route of the job host: the server, the client and the documentation are held to this table. */
export const routes = {
  getHost: { method: 'GET', path: '/v1/host', summary: 'Version, process, limits and settings', response: hostInfo },
  updateHost: {
    method: 'PATCH',
    path: '/v1/host',
    summary: 'Change settings; they are kept',
    body: settingsUpdate,
    response: hostInfo,
  },
  stopHost: {
    method: 'POST',
    path: '/v1/host/stop',
    summary: 'Leave. Running jobs run on; the next host adopts them',
    response: z.object({ stopping: z.literal(true) }),
    status: 202,
  },
  startJob: {
    method: 'POST',
    path: '/v1/jobs',
    summary: 'Start a job (201), or get the one that has the same idempotency key (200)',
    body: startRequest,
    response: job,
    status: 201,
  },
  listJobs: { method: 'GET', path: '/v1/jobs', summary: 'Jobs, newest first', query: listQuery, response: jobList },
  killJobs: {
    method: 'POST',
    path: '/v1/kill',
    summary: 'Stop all jobs of a session, with a tag, or all',
    body: killManyRequest,
    response: killManyResult,
  },
  getJob: { method: 'GET', path: '/v1/jobs/{id}', summary: 'One job with its runs', response: job },
  updateJob: { method: 'PATCH', path: '/v1/jobs/{id}', summary: 'Pin or unpin', body: jobUpdate, response: job },
  removeJob: {
    method: 'DELETE',
    path: '/v1/jobs/{id}',
    summary: 'Remove a finished or held job with its logs',
    response: job,
  },
  getOutput: {
    method: 'GET',
    path: '/v1/jobs/{id}/output',
    summary: 'What the job has written',
    query: outputQuery,
    response: output,
    stream: 'output',
  },
  killJob: {
    method: 'POST',
    path: '/v1/jobs/{id}/kill',
    summary: 'Stop the whole tree, prove it dead',
    body: killRequest,
    response: killResult,
  },
  pauseJob: { method: 'POST', path: '/v1/jobs/{id}/pause', summary: 'Stop the tree for a while (STOP)', response: job },
  resumeJob: { method: 'POST', path: '/v1/jobs/{id}/resume', summary: 'Go on (CONT)', response: job },
  restartJob: {
    method: 'POST',
    path: '/v1/jobs/{id}/restart',
    summary: 'A new run; what runs is stopped first',
    body: restartRequest,
    response: job,
  },
  releaseJob: { method: 'POST', path: '/v1/jobs/{id}/release', summary: 'Let a held job start', response: job },
  sendInput: {
    method: 'POST',
    path: '/v1/jobs/{id}/input',
    summary: 'Write to the standard input of a job started with stdin pipe',
    body: inputRequest,
    response: job,
  },
  waitForJob: {
    method: 'GET',
    path: '/v1/jobs/{id}/wait',
    summary: 'Until it ends, starts, or prints a pattern',
    query: waitQuery,
    response: waitResult,
  },
  getRun: { method: 'GET', path: '/v1/runs/{runId}', summary: 'One run', response: run },
  cleanUp: {
    method: 'POST',
    path: '/v1/cleanup',
    summary: 'Remove finished jobs',
    body: cleanupRequest,
    response: cleanupResult,
  },
  getMetrics: { method: 'GET', path: '/v1/metrics', summary: 'Counts, queue, concurrency, load', response: metrics },
  getEvents: {
    method: 'GET',
    path: '/v1/events',
    summary: 'Every change of every job, from a number on, then live',
    query: eventsQuery,
    response: jobEvent,
    stream: 'events',
  },
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;
