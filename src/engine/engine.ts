import type * as z from 'zod';
import { agentEventsQuery } from '../api/codingAgent.ts';
import * as control from '../api/control.ts';
import { type JobService, protocolVersion } from '../api/endpoints.ts';
import { type HostInfo, settingsUpdate, type SettingsUpdate } from '../api/host.ts';
import { jobUpdate, listQuery } from '../api/job.ts';
import { type Chunk, outputQuery, type OutputQuery } from '../api/output.ts';
import { validate } from '../api/validate.ts';
import { isWaiting } from '../api/values.ts';
import type { JobRow } from '../store/jobTable.ts';
import { listEvents, readEvents } from './queries/eventFeed.ts';
import { inspectJob, readMetrics } from './queries/usage.ts';
import { type EngineOptions, wireEngine } from './wiring.ts';
import { listJobs } from './queries/jobs.ts';
import { checkNoArray, findJob, findRun } from './queries/lookup.ts';
import { waitForJob } from './queries/jobOutput.ts';

/** The service, and what its host needs besides. */
export interface Engine extends JobService {
  /** Nothing runs, and nothing waits to be started by itself. */
  isIdle(): boolean;
  /** Lets go of the store. Running jobs run on. */
  close(): Promise<void>;
}

/**
 * Opens a store, adopts what runs, and starts what may start. The engine owns the jobs of the store: a library without
 * editor and HTTP; it can be killed at any moment and opened again on the same store. Only one may have a store open at a
 * time, which the host ensures. Imported by the host only. Each verb stands in `jobs/` if it changes jobs and in
 * `queries/` if it does not; `wiring.ts` puts the rooms together.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const parts = wireEngine(options);
  try {
    await parts.adopt();
    return engineOf(options, parts);
  } catch (error) {
    await parts.close();
    throw error;
  }
}

function engineOf({ home, version }: EngineOptions, parts: ReturnType<typeof wireEngine>): Engine {
  const { store, settings, scheduler, runs, orphans, views, output, agentEvents, progress, warnings, close } = parts;
  const { starter, killer, jobs, cleaner } = parts;
  const openedAt = performance.now();
  const find = (id: string): JobRow => findJob(store, id);

  function getHost(): Promise<HostInfo> {
    const { maxConcurrentJobs, maxConcurrentJobsPerSession, sessionLimits } = settings.current;
    return Promise.resolve({
      version,
      protocol: protocolVersion,
      pid: process.pid,
      uptimeMs: Math.round(performance.now() - openedAt),
      home,
      limits: { maxConcurrentJobs, maxConcurrentJobsPerSession, sessionLimits },
      settings: settings.current,
      warnings: [...warnings],
    });
  }

  async function updateHost(update: SettingsUpdate = {}): Promise<HostInfo> {
    settings.update(validate(settingsUpdate, update));
    cleaner.schedule();
    scheduler.startNext();
    return await getHost();
  }

  async function waitFor(id: string, query: control.WaitQuery = {}, signal?: AbortSignal): Promise<control.WaitResult> {
    const options = validate(control.waitQuery, query);
    const job = find(id);
    const outcome = await waitForJob(parts, job, options, signal);
    return { ...outcome, job: await progress.withProgress(views.job(find(job.id))) };
  }

  async function* followOutput(id: string, query: OutputQuery, signal: AbortSignal): AsyncGenerator<Chunk> {
    const options = validate(outputQuery, query);
    const job = find(id);
    if (isWaiting(job.status) && options.run === undefined) await waitFor(job.id, { for: 'started' }, signal);
    yield* output.follow(find(job.id), options, signal);
  }

  return {
    isIdle: () => runs.isIdle && scheduler.waiting === 0,
    close,
    getHost,
    updateHost,
    startJob: starter.startJob,
    startJobs: starter.startJobs,
    continueJob: verb(control.continueRequest, starter.continueJob),
    restartJob: verb(control.restartRequest, starter.restartJob, {}),
    releaseJob: verb(control.releaseRequest, (id, { actor }) => starter.releaseJob(id, actor), {}),
    killJob: verb(control.killRequest, killer.killJob, {}),
    killJobs: async (request) => ({ results: await killer.killJobs(validate(control.killManyRequest, request)) }),
    terminateRun: verb(control.terminateRequest, killer.terminateRun, {}),
    pauseJob: jobs.pauseJob,
    resumeJob: jobs.resumeJob,
    sendInput: verb(control.inputRequest, jobs.sendInput),
    updateJob: verb(jobUpdate, jobs.updateJob),
    holdJob: (id) => promised(() => jobs.holdJob(id)),
    moveJob: verb(control.moveRequest, (id, { to }) => jobs.moveJob(id, to)),
    removeJob: cleaner.removeJob,
    cleanUp: async (request = {}) => await cleaner.cleanUp(validate(control.cleanupRequest, request)),
    getQueue: () => promised(jobs.getQueue),
    pauseQueue: (request = {}) => promised(() => jobs.setPaused(request, true)),
    resumeQueue: (request = {}) => promised(() => jobs.setPaused(request, false)),
    getJob: async (id) => {
      const job = find(id);
      await orphans.refresh(job);
      return progress.withProgress(views.job(job));
    },
    listJobs: async (query = {}) => {
      const list = listJobs(parts, validate(listQuery, query));
      return { ...list, jobs: await progress.allWithProgress(list.jobs) };
    },
    getRun: (runId) => promised(() => views.run(findRun(store, runId))),
    getRunEvents: verb(agentEventsQuery, (runId, query) => agentEvents.list(findRun(store, runId), query), {}),
    getOutput: verb(outputQuery, (id, query) => output.read(find(id), query), {}),
    followOutput,
    inspectJob: async (id, signal) => {
      const job = find(id);
      checkNoArray(job);
      return await inspectJob(parts, job, signal);
    },
    waitForJob: waitFor,
    getMetrics: () => promised(() => readMetrics(store, scheduler.running, settings.current.maxConcurrentJobs)),
    events: (query, signal) => readEvents(parts, query, signal),
    getEvents: (query = {}) => promised(() => listEvents(parts, query)),
  };
}

/** A method that validates its request. @param none the request if none is given; without it there must be one */
function verb<Schema extends z.ZodType, Result>(
  schema: Schema,
  work: (id: string, request: z.output<Schema>) => Result | Promise<Result>,
  none?: z.input<Schema>,
) {
  return async (id: string, request: z.input<Schema> | undefined = none): Promise<Result> =>
    await work(id, validate(schema, request));
}

/** An exception of `work` becomes a rejection, as callers of a service expect. */
function promised<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}
