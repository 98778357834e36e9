import type { JobService } from '../api/endpoints.ts';
import { BgJobsError, type ErrorBody } from '../api/errors.ts';
import type { Job } from '../api/job.ts';
import { allJobs } from '../api/jobPages.ts';
import type { StartRequest } from '../api/options.ts';
import { isEnded } from '../api/values.ts';
import { choose, composeTags, fileTag, type Choice, type Project, type ProjectJob } from './project.ts';

/**
 * What became of a job. started: it was not running; kept: it runs or waits; changed: it runs as it was described before;
 * restarted: such a job was stopped and started anew; completed: a job that runs was started after it; failed: it could
 * not be started; skipped: a job that it depends on could not be started.
 */
export type Action = 'started' | 'kept' | 'changed' | 'restarted' | 'completed' | 'failed' | 'skipped';

export interface Outcome {
  name: string;
  action: Action;
  /** Null if there is none, or would be none. */
  job: Job | null;
  error: ErrorBody['error'] | null;
}

export interface UpOptions extends Choice {
  /** Stop running jobs whose description has changed, and start them anew. */
  restartChanged?: boolean;
  /** Only say what would be done. */
  dryRun?: boolean;
  /** What the caller adds to each request, such as its environment. */
  complete: (request: StartRequest) => StartRequest;
}

/**
 * Starts what does not run yet, each job after those that it depends on.
 * @throws BgJobsError as {@link choose}, and `invalid_request` if the session has jobs of these names from elsewhere
 */
export async function up(service: JobService, project: Project, options: UpOptions): Promise<Outcome[]> {
  const chosen = choose(project, options);
  const running = await activeJobs(service, project.file);
  await checkStrangers(service, project, chosen);
  const outcomes = new Map<string, Outcome>();
  for (const job of chosen) {
    const failed = job.needs.find((need) => outcomes.get(need.job)?.error);
    const known = running.get(job.name);
    const outcome = failed
      ? skipped(job.name, failed.job)
      : await upOne(service, job, outcomes, { ...options, known, running });
    outcomes.set(job.name, outcome);
  }
  return [...outcomes.values()];
}

interface One extends UpOptions {
  known: Job | undefined;
  running: ReadonlyMap<string, Job>;
}

async function upOne(
  service: JobService,
  { name, request, needs, definition }: ProjectJob,
  before: ReadonlyMap<string, Outcome>,
  { known, running, names = [], restartChanged, dryRun, complete }: One,
): Promise<Outcome> {
  const isSame = known?.tags[composeTags.definition] === definition;
  if (known && known.status !== 'stopping' && (isSame || !restartChanged)) {
    return { name, action: isSame ? 'kept' : 'changed', job: known, error: null };
  }
  if (!known && !names.includes(name)) {
    const completed = await completedFor(service, name, definition, running);
    if (completed) return { name, action: 'completed', job: completed, error: null };
  }
  const action = known && known.status !== 'stopping' ? 'restarted' : 'started';
  if (dryRun) return { name, action, job: null, error: null };
  try {
    if (action === 'restarted' && known) await service.killJob(known.id);
    else if (known) await service.waitForJob(known.id);
    const dependsOn = needs.flatMap(({ job, condition = 'succeeded' }) => {
      const needed = before.get(job)?.job;
      return needed ? { job: needed.id, condition } : [];
    });
    // Somebody else may have started it in the meantime.
    const { job } = await service.startJob(complete({ ...request, dependsOn, unlessRunning: true }));
    return { name, action, job, error: null };
  } catch (error) {
    if (!(error instanceof BgJobsError)) throw error;
    return { name, action: 'failed', job: null, error: error.toBody().error };
  }
}

function skipped(name: string, needed: string): Outcome {
  const error = new BgJobsError('invalid_state', `It depends on "${needed}", which was not started.`);
  return { name, action: 'skipped', job: null, error: error.toBody().error };
}

/** The job that has done its work for one that still runs or waits, so that it need not do it again. */
async function completedFor(
  service: JobService,
  name: string,
  definition: string,
  running: ReadonlyMap<string, Job>,
): Promise<Job | undefined> {
  const ids = [...running.values()].flatMap(({ dependsOn }) => dependsOn.map(({ job }) => job));
  const needed = await Promise.all([...new Set(ids)].map((id) => jobIfThere(service, id)));
  return needed.find(
    (job) => job?.name === name && job.status === 'completed' && job.tags[composeTags.definition] === definition,
  );
}

/** Undefined for a job that was removed. */
export async function jobIfThere(service: JobService, id: string): Promise<Job | undefined> {
  try {
    return await service.getJob(id);
  } catch (error) {
    if (error instanceof BgJobsError && error.code === 'job_not_found') return undefined;
    throw error;
  }
}

/** The jobs of the file that run or wait, by name. */
async function activeJobs(service: JobService, file: string): Promise<Map<string, Job>> {
  const jobs = await allJobs(service, { tag: `${composeTags.file}=${fileTag(file)}`, status: 'running,waiting' });
  // What a schedule has started is not the schedule. Of one name, the newest counts.
  const own = jobs.filter(({ schedule }) => schedule === null).reverse();
  return new Map(own.map((job) => [job.name ?? '', job]));
}

async function checkStrangers(service: JobService, project: Project, chosen: readonly ProjectJob[]): Promise<void> {
  const jobs = await allJobs(service, { session: project.session, status: 'running,waiting' });
  const stranger = jobs.find(
    (job) => chosen.some(({ name }) => name === job.name) && job.tags[composeTags.file] !== fileTag(project.file),
  );
  if (!stranger) return;
  const advice = 'Stop it, or give the file a session of its own (name: at the top of bgjobs.yaml).';
  throw new BgJobsError(
    'invalid_request',
    `The session "${project.session}" has a job "${stranger.name}" (${stranger.shortId}) that is not of ${project.file}. ${advice}`,
  );
}

/** The last job of each name that the file describes, whether it runs or has ended; null if there is none. */
export async function statusOf(
  service: JobService,
  project: Project,
): Promise<{ name: string; profiles: string[]; changed: boolean; job: Job | null }[]> {
  const running = await activeJobs(service, project.file);
  const { jobs: last } = await service.listJobs({ tag: `${composeTags.file}=${fileTag(project.file)}`, limit: 1000 });
  return project.jobs.map(({ name, profiles, definition }) => {
    const job = running.get(name) ?? last.find((one) => one.name === name && one.schedule === null) ?? null;
    const changed = job !== null && !isEnded(job.status) && job.tags[composeTags.definition] !== definition;
    return { name, profiles, changed, job };
  });
}
