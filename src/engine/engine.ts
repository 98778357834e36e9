import type * as z from 'zod';
import { agentEventsQuery } from '../api/codingAgent.ts';
import * as control from '../api/control.ts';
import { type JobService, protocolVersion } from '../api/endpoints.ts';
import { type HostInfo, settingsUpdate, type SettingsUpdate } from '../api/host.ts';
import { listQuery } from '../api/job.ts';
import { jobUpdate } from '../api/jobUpdate.ts';
import { type Chunk, outputQuery, type OutputQuery } from '../api/output.ts';
import { validate } from '../api/validate.ts';
import { isWaiting } from '../api/values.ts';
import { unlessFull } from '../store/database.ts';
import { manyJobs } from './jobs/manyJobs.ts';
import type { JobRow } from '../store/jobTable.ts';
import { listEvents, readEvents } from './queries/eventFeed.ts';
import { inspectJob, readMetrics } from './queries/usage.ts';
import { type EngineOptions, wireEngine } from './wiring.ts';
import { listJobs } from './queries/listJobs.ts';
import { checkNoArray, findJob, findRun, noHook } from './queries/lookup.ts';
import { waitForJob } from './queries/jobOutput.ts';

/** The service, and what its host needs besides. */
export interface Engine extends JobService {
  /** Records what became of a message to a hook, unless the job was removed meanwhile. */
  noteDelivery(jobId: string, text: string): void;
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
  const { store, disk, settings, scheduler, runs, orphans, views, output, agentEvents, progress, close, attention } =
    parts;
  const { starter, killer, jobs, cleaner } = parts;
  const openedAt = performance.now();
  const find = (id: string): JobRow => findJob(store, id);
  /** The id of the job that is meant now: a name may mean another one a moment later. */
  const idOf = (reference: string): string => find(reference).id;
  const runIdOf = (reference: string): string => {
    const { job, run } = findRun(store, reference);
    return `${job.id}.${run.number}`;
  };

  /** A verb of one job, see {@link verb}. */
  function jobVerb<Schema extends z.ZodType, Result>(
    schema: Schema,
    work: (id: string, request: z.output<Schema>) => Result | Promise<Result>,
    none?: z.input<Schema>,
  ) {
    return verb(schema, (reference, request) => work(idOf(reference), request), none);
  }

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
      warnings: parts.currentWarnings(),
    });
  }

  async function updateHost(update: SettingsUpdate = {}): Promise<HostInfo> {
    const changes = validate(settingsUpdate, update);
    disk.spend(() => settings.update(changes));
    cleaner.schedule();
    scheduler.startNext();
    return await getHost();
  }

  async function waitFor(id: string, query: control.WaitQuery = {}, signal?: AbortSignal): Promise<control.WaitResult> {
    const options = validate(control.waitQuery, query);
    const job = find(id);
    const outcome = await attention.until(waitForJob(parts, job, options, signal));
    await orphans.settle([job]);
    return { ...outcome, job: await progress.withProgress(views.job(find(job.id))) };
  }

  async function* followOutput(id: string, query: OutputQuery, signal: AbortSignal): AsyncGenerator<Chunk> {
    const options = validate(outputQuery, query);
    const job = find(id);
    const isComing = job.status === 'starting' || (isWaiting(job.status) && options.run === undefined);
    if (isComing) await waitFor(job.id, { for: 'started' }, signal);
    yield* attention.during(output.follow(find(job.id), options, signal));
  }

  const engine: Engine = {
    isIdle: () => runs.isIdle && scheduler.waiting === 0,
    close,
    getHost,
    updateHost,
    testHook: (name) => promised(() => noHook(name, settings.current.hooks)),
    noteDelivery: (jobId, text) => {
      const [job] = store.read([store.jobs.byId(jobId)]);
      if (job) unlessFull(() => store.note(job, 'notified', text));
    },
    startJob: starter.startJob,
    startJobs: starter.startJobs,
    continueJob: jobVerb(control.continueRequest, starter.continueJob),
    restartJob: jobVerb(control.restartRequest, starter.restartJob, {}),
    releaseJob: jobVerb(control.releaseRequest, (id, { actor }) => starter.releaseJob(id, actor), {}),
    killJob: jobVerb(control.killRequest, killer.killJob, {}),
    killJobs: async (request) => ({ results: await killer.killJobs(validate(control.killManyRequest, request)) }),
    terminateRun: verb(control.terminateRequest, (id, request) => killer.terminateRun(runIdOf(id), request), {}),
    pauseJob: async (id) => await jobs.pauseJob(idOf(id)),
    resumeJob: async (id) => await jobs.resumeJob(idOf(id)),
    sendInput: jobVerb(control.inputRequest, jobs.sendInput),
    resizeTerminal: jobVerb(control.resizeRequest, jobs.resizeTerminal),
    updateJob: jobVerb(jobUpdate, jobs.updateJob),
    holdJob: async (id) => await jobs.holdJob(idOf(id)),
    moveJob: jobVerb(control.moveRequest, (id, { before, ...place }) =>
      jobs.moveJob(id, before === undefined ? place : { before: idOf(before) }),
    ),
    removeJob: async (id) => await cleaner.removeJob(idOf(id)),
    cleanUp: async (request = {}) => await cleaner.cleanUp(validate(control.cleanupRequest, request)),
    getQueue: () => promised(jobs.getQueue),
    pauseQueue: (request = {}) => promised(() => jobs.setPaused(request, true)),
    resumeQueue: (request = {}) => promised(() => jobs.setPaused(request, false)),
    getJob: async (id) => {
      attention.look();
      const job = find(id);
      await orphans.refresh(job);
      return progress.withProgress(views.job(job));
    },
    listJobs: async (query = {}) => {
      attention.look();
      const options = validate(listQuery, query);
      const list = listJobs(parts, options);
      const isOld = await orphans.settle(list.jobs);
      return await progress.withAll(isOld ? listJobs(parts, options) : list);
    },
    getRun: async (runId) => {
      const id = runIdOf(runId);
      await orphans.settle([findRun(store, id).job]);
      return views.run(findRun(store, id));
    },
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
    events: (query, signal) => attention.during(readEvents(parts, query, signal)),
    getEvents: (query = {}) => promised(() => listEvents(parts, query)),
    changeJobs: async (request) => await many().changeJobs(validate(control.changeManyRequest, request)),
    waitForJobs: async (request, signal) =>
      await many().waitForJobs(validate(control.waitManyRequest, request), signal),
  };
  const many = (): ReturnType<typeof manyJobs> => manyJobs(store, engine);
  return engine;
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
