import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { parseEnv } from 'node:util';
import { agentStart } from '../../agents/coding/commandLine.ts';
import { BgJobsError } from '../../api/errors.ts';
import { startRequest, type Dependency, type StartOptions, type StartRequest } from '../../api/options.ts';
import { validate } from '../../api/validate.ts';
import { isEnded } from '../../api/values.ts';
import { missingFolder } from '../launch/command.ts';
import { checkCron, isMissed } from '../queue/cron.ts';
import { findJob } from '../queries/lookup.ts';
import { findCircle } from '../queue/dependencies.ts';
import type { Store } from '../../store/store.ts';

/**
 * Checks a request before anything is stored: shapes, folder, files. The envFile is read now and becomes part
 * of `env`, so that the job does not change with the file.
 * @throws BgJobsError `invalid_request`, `cwd_not_found`
 */
export function checkStart(request: StartRequest): StartOptions {
  const { envFile, ...given } = validate(startRequest, request);
  const options = { ...given, ...(given.codingAgent && agentStart(given.codingAgent, randomUUID())) };
  checkFolder(options.cwd);
  if (options.cron !== undefined) checkCron(options.cron, options.timeZone, Date.now());
  checkDelays(request, options);
  const at = options.at === undefined ? undefined : checkTime(options.at);
  if (options.stdin.type === 'file') checkInputFile(options.stdin.path);
  const env = envFile === undefined ? options.env : { ...readEnvFile(envFile), ...options.env };
  return { ...options, env, ...(at !== undefined && { at }) };
}

/** A delay that would be cut to its maximum is not what was requested. */
function checkDelays(request: StartRequest, options: StartOptions): void {
  for (const name of ['retry', 'restart'] as const) {
    const [delayMs = 0, maxDelayMs = 0] = [request[name]?.delayMs, options[name]?.maxDelayMs];
    if (delayMs <= maxDelayMs) continue;
    const message = `${name}: delayMs ${delayMs} is more than maxDelayMs ${maxDelayMs}. Give a maxDelayMs that is at least as long.`;
    throw new BgJobsError('invalid_request', message);
  }
}

/** @returns the time in UTC */
function checkTime(at: string): string {
  if (isMissed(Date.parse(at), Date.now())) {
    throw new BgJobsError('invalid_request', `at: ${at} is in the past. Give a time in the future, or omit it.`);
  }
  return new Date(at).toISOString();
}

function checkFolder(cwd: string): void {
  if (!isAbsolute(cwd)) throw new BgJobsError('invalid_request', `cwd: "${cwd}" must be an absolute path`);
  const missing = missingFolder(cwd);
  if (missing !== undefined) throw new BgJobsError('cwd_not_found', missing, { cwd });
}

function checkInputFile(path: string): void {
  if (isAbsolute(path) && statSync(path, { throwIfNoEntry: false })?.isFile()) return;
  throw new BgJobsError('invalid_request', `stdin: ${path} must be the absolute path of a file that exists`);
}

function readEnvFile(path: string): Record<string, string> {
  if (!isAbsolute(path)) throw new BgJobsError('invalid_request', `envFile: "${path}" must be an absolute path`);
  try {
    // This decoder drops a byte order mark, which would be a part of the first name.
    return parseEnv(new TextDecoder().decode(readFileSync(path))) as Record<string, string>;
  } catch (error) {
    throw new BgJobsError('invalid_request', `envFile: ${path} cannot be read: ${(error as Error).message}`);
  }
}

/**
 * The dependencies with whole ids, each checked: it must be there, be able to come true, and lead to no circle.
 * @param asked the job they are of, when it is there already
 * @throws BgJobsError `invalid_request`
 */
export function resolveDependencies(store: Store, dependencies: readonly Dependency[], asked?: string): Dependency[] {
  const resolved = dependencies.map(({ job: id, condition }) => ({ job: resolve(store, id, condition), condition }));
  if (asked !== undefined) checkCircle(store, asked, resolved);
  return resolved;
}

/** @throws BgJobsError `invalid_request` when the job would wait for itself */
export function checkCircle(store: Store, jobId: string, dependsOn: readonly Dependency[]): void {
  // Of those that run as well: they may be tried again, or put back.
  const needsOf = (id: string): string[] => {
    const [job] = store.read([store.jobs.byId(id)]);
    return job && !isEnded(job.status) ? namesOf(job.spec.dependsOn) : [];
  };
  const cycle = findCircle(jobId, namesOf(dependsOn), needsOf);
  if (!cycle) return;
  const way = cycle.map((id) => id.slice(0, 8)).join(' → ');
  throw new BgJobsError('invalid_request', `dependsOn: the jobs would wait for each other: ${way}.`, { cycle });
}

function namesOf(dependsOn: readonly Dependency[]): string[] {
  return dependsOn.map(({ job }) => job);
}

function resolve(store: Store, id: string, condition: Dependency['condition']): string {
  const job = find(store, id);
  const name = `job ${job.id.slice(0, 8)}`;
  if (job.spec.cron !== undefined) {
    throw new BgJobsError(
      'invalid_request',
      `dependsOn: ${name} is a schedule, which never ends. Name a job that it made.`,
    );
  }
  if (condition === 'ready' && !job.spec.readyWhen) {
    throw new BgJobsError('invalid_request', `dependsOn: ${name} has no readyWhen, so it is unknown when it is ready.`);
  }
  return job.id;
}

function find(store: Store, id: string): ReturnType<typeof findJob> {
  try {
    return findJob(store, id);
  } catch (error) {
    if (!(error instanceof BgJobsError)) throw error;
    throw new BgJobsError('invalid_request', `dependsOn: ${error.message}`, error.details);
  }
}
