import * as z from 'zod';
import { addresses, type Address } from './addresses.ts';
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
import { eventPage, eventsQuery } from './events.ts';
import { hostInfo, metrics, settingsUpdate } from './host.ts';
import { job, jobList, jobUpdate, listQuery, run } from './job.ts';
import { output, outputQuery } from './output.ts';
import { startRequest } from './start.ts';

export interface Route extends Address {
  readonly summary: string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Of the answer that is one JSON document. */
  readonly response: z.ZodType;
  /** `events`: server-sent events or JSON, as `format` asks; `output`: JSON, text or bytes, as `format` and `follow` ask. */
  readonly stream?: 'events' | 'output';
  /** Of success; 200 where nothing is said. */
  readonly status?: number;
}

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
    summary: 'Start a job (201), or get the one that has the same idempotency key (200)',
    body: startRequest,
    response: job,
    status: 201,
  },
  listJobs: { ...addresses.listJobs, summary: 'Jobs, newest first', query: listQuery, response: jobList },
  killJobs: {
    ...addresses.killJobs,
    summary: 'Stop all jobs of a session, with a tag, or all',
    body: killManyRequest,
    response: killManyResult,
  },
  getJob: { ...addresses.getJob, summary: 'One job with its runs', response: job },
  updateJob: { ...addresses.updateJob, summary: 'Pin or unpin', body: jobUpdate, response: job },
  removeJob: {
    ...addresses.removeJob,
    summary: 'Remove a finished or held job with its logs',
    response: job,
  },
  getOutput: {
    ...addresses.getOutput,
    summary: 'What the job has written',
    query: outputQuery,
    response: output,
    stream: 'output',
  },
  killJob: {
    ...addresses.killJob,
    summary: 'Stop the whole tree, prove it dead',
    body: killRequest,
    response: killResult,
  },
  pauseJob: { ...addresses.pauseJob, summary: 'Stop the tree for a while (STOP)', response: job },
  resumeJob: { ...addresses.resumeJob, summary: 'Go on (CONT)', response: job },
  restartJob: {
    ...addresses.restartJob,
    summary: 'A new run; what runs is stopped first',
    body: restartRequest,
    response: job,
  },
  releaseJob: { ...addresses.releaseJob, summary: 'Let a held job start', response: job },
  sendInput: {
    ...addresses.sendInput,
    summary: 'Write to the standard input of a job started with stdin pipe',
    body: inputRequest,
    response: job,
  },
  waitForJob: {
    ...addresses.waitForJob,
    summary: 'Until it ends, starts, or prints a pattern',
    query: waitQuery,
    response: waitResult,
  },
  getRun: { ...addresses.getRun, summary: 'One run', response: run },
  cleanUp: {
    ...addresses.cleanUp,
    summary: 'Remove finished jobs',
    body: cleanupRequest,
    response: cleanupResult,
  },
  getMetrics: { ...addresses.getMetrics, summary: 'Counts, queue, concurrency, load', response: metrics },
  getEvents: {
    ...addresses.getEvents,
    summary: 'Every change of every job, from a number on, then live',
    query: eventsQuery,
    response: eventPage,
    stream: 'events',
  },
} as const satisfies Record<keyof typeof addresses, Route>;

export type RouteName = keyof typeof routes;
