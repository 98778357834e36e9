/**
 * `compose` reads files that describe several jobs (`bgjobs.yaml`, process-compose files, Procfiles), and starts and stops
 * those jobs. The command line and the editor load it when they need it; it imports `api` and `text`.
 */
import { createHash } from 'node:crypto';
import { BgJobsError } from '../api/errors.ts';
import { startRequest, type DependencyCondition, type StartRequest } from '../api/options.ts';
import { check } from '../api/validate.ts';
import { isRecord } from '../api/values.ts';

/** What a file describes. */
export interface Project {
  /** Absolute path of the file. */
  file: string;
  session: string;
  /** Each after those that it depends on, otherwise in the order of the file. */
  jobs: ProjectJob[];
  /** What the file asks for and Background Jobs does differently or not at all. */
  differences: Difference[];
}

export interface ProjectJob {
  name: string;
  /** Of the file, from 1. */
  line: number;
  /** Without dependencies, which have ids only when they are started. */
  request: StartRequest;
  needs: Need[];
  /** Started only with one of these profiles, or by its name; empty: always. */
  profiles: string[];
  /** Changes with everything that the job is started with. */
  definition: string;
}

interface Need {
  job: string;
  /** Undefined: `ready` if that job has readyWhen, otherwise `succeeded`. */
  condition?: DependencyCondition | undefined;
}

export interface Difference {
  line: number;
  /** What in the file it is about. */
  field: string;
  text: string;
}

/** A job as a reader finds it. */
export interface FoundJob extends Pick<ProjectJob, 'name' | 'line' | 'request' | 'needs' | 'profiles'> {
  /** The line of a field of the request. */
  lineOf: (path: readonly PropertyKey[]) => number;
}

/** An error of a file: it names the line. */
export function fileError(file: string, line: number, text: string): BgJobsError {
  return new BgJobsError('invalid_request', `${file}:${line}: ${text}`, { file, line });
}

/** Marks the jobs of a file, and what they were started with. */
export const composeTags = { file: 'compose.file', definition: 'compose.definition' } as const;

const longestTag = 256;

/** What marks the jobs of this file: its path, or the end of a long one. */
export function fileTag(file: string): string {
  if (file.length <= longestTag) return file;
  const hash = hashOf(file);
  return `${hash}…${file.slice(hash.length + 1 - longestTag)}`;
}

/** @throws BgJobsError `invalid_request` that names the line, for jobs that cannot be started as they are described */
export function makeProject(
  { file, session, differences }: Omit<Project, 'jobs'>,
  found: readonly FoundJob[],
): Project {
  const byName = new Map(found.map((one) => [one.name, one]));
  for (const { name, request, lineOf } of found) {
    const { problems = [] } = check(startRequest, request);
    const [problem] = problems;
    if (problem) throw fileError(file, lineOf(problem.path), `job "${name}": ${problem.text}`);
  }
  const jobs = found.map(({ name, line, request, needs, profiles }): ProjectJob => {
    const conditions = needs.map((need) => ({ job: need.job, condition: conditionOf(file, line, name, need, byName) }));
    const definition = hashOf(JSON.stringify(sorted({ ...request, dependsOn: conditions })));
    const tags = { ...request.tags, [composeTags.file]: fileTag(file), [composeTags.definition]: definition };
    return { name, line, request: { ...request, tags }, needs: conditions, profiles, definition };
  });
  return { file, session, jobs: inOrder(file, jobs), differences };
}

function conditionOf(
  file: string,
  line: number,
  name: string,
  { job, condition }: Need,
  jobs: ReadonlyMap<string, FoundJob>,
): DependencyCondition {
  const needed = jobs.get(job);
  if (!needed) {
    const names = [...jobs.keys()].join(', ');
    throw fileError(file, line, `job "${name}" depends on "${job}", which is not in the file. There are: ${names}.`);
  }
  const isReadyKnown = needed.request.readyWhen !== undefined;
  if (condition === 'ready' && !isReadyKnown) {
    const advice = `Give "${job}" a readyWhen, or use started or succeeded.`;
    throw fileError(file, line, `job "${name}" waits until "${job}" is ready, but nothing says when it is. ${advice}`);
  }
  return condition ?? (isReadyKnown ? 'ready' : 'succeeded');
}

/** @throws BgJobsError `invalid_request` for jobs that wait for each other */
function inOrder(file: string, jobs: readonly ProjectJob[]): ProjectJob[] {
  const byName = new Map(jobs.map((job) => [job.name, job]));
  const ordered = new Set<ProjectJob>();
  const visit = (job: ProjectJob, path: readonly string[]): void => {
    if (ordered.has(job)) return;
    const circle = [...path, job.name];
    if (path.includes(job.name)) {
      const way = circle.slice(circle.indexOf(job.name)).join(' → ');
      throw fileError(file, job.line, `the jobs would wait for each other: ${way}. Remove one of these dependencies.`);
    }
    for (const need of job.needs) visit(byName.get(need.job)!, circle);
    ordered.add(job);
  };
  for (const job of jobs) visit(job, []);
  return [...ordered];
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** The same text for the same value, in whatever order a file has it. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, sorted(one)]));
}

/** What is to be started of a project: by name, or by profile. */
export interface Choice {
  names?: readonly string[];
  profiles?: readonly string[];
}

/**
 * The jobs with these names and all that they depend on; without names, those without a profile or with one of the
 * profiles.
 * @throws BgJobsError `invalid_request` for a name or profile that the file does not have, and for a job whose dependency
 * is left out
 */
export function choose({ file, jobs }: Project, { names = [], profiles = [] }: Choice): ProjectJob[] {
  const byName = new Map(jobs.map((job) => [job.name, job]));
  const known = new Set(jobs.flatMap((job) => job.profiles));
  for (const one of profiles) if (!known.has(one)) throw unknown(file, 'profile', one, [...known]);
  for (const one of names) if (!byName.has(one)) throw unknown(file, 'job', one, [...byName.keys()]);
  if (names.length > 0) {
    const chosen = new Set(names);
    // The loop also comes to those that are added on the way.
    for (const name of chosen) for (const need of byName.get(name)?.needs ?? []) chosen.add(need.job);
    return jobs.filter(({ name }) => chosen.has(name));
  }
  const isChosen = (job: ProjectJob): boolean =>
    job.profiles.length === 0 || job.profiles.some((one) => profiles.includes(one));
  const chosen = jobs.filter(isChosen);
  for (const { name, line, needs } of chosen) {
    const left = needs.map((need) => byName.get(need.job)!).find((one) => !isChosen(one));
    if (!left) continue;
    const advice = `Start it with --profile ${left.profiles.join(' or --profile ')}, or name "${name}" to start both.`;
    throw fileError(
      file,
      line,
      `job "${name}" depends on "${left.name}", which is only started with a profile. ${advice}`,
    );
  }
  return chosen;
}

function unknown(file: string, what: string, name: string, known: readonly string[]): BgJobsError {
  const there = known.length === 0 ? 'There is none.' : `There are: ${known.join(', ')}.`;
  return new BgJobsError('invalid_request', `${file} has no ${what} "${name}". ${there}`, { file });
}
