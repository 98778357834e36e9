/**
 * The room of queries: what clients ask, and nothing here changes a job. Imported by `jobs` and `engine.ts`; imports `runs`,
 * `hooks`, `output` and the store.
 */
import type * as z from 'zod';
import { BgJobsError } from '../../api/errors.ts';
import type { ArrayState, CodingAgent, Job, JobList, ListQuery, Run, WaitingFor, listQuery } from '../../api/job.ts';
import type { CodingAgentOption, StartOptions } from '../../api/options.ts';
import {
  endedStatuses,
  isEnded,
  isWaiting,
  jobStatuses,
  statusGroups,
  type EndedStatus,
  type JobStatus,
} from '../../api/values.ts';
import type { JobFilter, JobRow } from '../../store/jobTable.ts';
import { logPaths, runFolder, runIdOf, type RunRow } from '../../store/runTable.ts';
import { shortIdOf } from '../../store/newJobId.ts';
import type { Store } from '../../store/store.ts';
import type { OutputTracker } from '../output/outputTracker.ts';
import { findJob, wrongState } from './lookup.ts';

const groups = new Map(Object.entries(statusGroups));

/**
 * @param text statuses or the groups `running`, `waiting`, `finished`, separated by commas
 * @throws BgJobsError `invalid_request`
 */
function parseStatuses(text: string): JobStatus[] {
  return text.split(',').flatMap((word) => {
    const name = word.trim();
    const group = groups.get(name);
    if (group) return [...group];
    const status = jobStatuses.find((known) => known === name);
    if (status) return [status];
    const known = [...new Set([...groups.keys(), ...jobStatuses])];
    throw new BgJobsError('invalid_request', `Unknown status "${name}". Use one or more of ${known.join(', ')}.`);
  });
}

/** @throws BgJobsError `invalid_request` for a status in which a job has not ended */
export function parseEndedStatuses(text: string): EndedStatus[] {
  return parseStatuses(text).map((status) => {
    const ended = endedStatuses.find((known) => known === status);
    if (ended) return ended;
    const text = `Jobs that are ${status} are not cleaned up. Use ${endedStatuses.join(', ')}.`;
    throw new BgJobsError('invalid_request', text);
  });
}

/** Newest first. @throws BgJobsError `invalid_request` for an unknown status or cursor */
export function listJobs(
  { store, views }: { store: Store; views: Views },
  { limit, cursor, ...filters }: z.output<typeof listQuery>,
): JobList {
  const { array: id, ...others } = filters;
  const array = id === undefined ? undefined : findJob(store, id);
  if (array && !array.spec.array) throw wrongState(array, 'It is not an array, so it has no tasks to list.');
  const filter = { ...filterOf(others), ...(array && { array: array.row }) };
  const page = cursor === undefined ? filter : { ...filter, beyond: parseCursor(cursor) };
  const found = store.jobs.list(page, limit + 1);
  const jobs = store.read(found.slice(0, limit));
  return {
    jobs: jobs.map((job) => views.job(job)),
    total: store.jobs.count(filter),
    cursor: found.length > limit ? String(found[limit - 1]?.row) : null,
  };
}

/** @throws BgJobsError `invalid_request` for an unknown status */
export function filterOf({ status, session, tag, schedule }: Omit<ListQuery, 'limit' | 'cursor' | 'array'>): JobFilter {
  return {
    ...(status !== undefined && { statuses: parseStatuses(status) }),
    ...(session !== undefined && { session }),
    ...(tag !== undefined && { tag: parseTag(tag) }),
    ...(schedule !== undefined && { schedule: schedule.toLowerCase() }),
  };
}

/** @param text `key=value`, or `key` for any value */
function parseTag(text: string): NonNullable<JobFilter['tag']> {
  const at = text.indexOf('=');
  return at < 0 ? { key: text } : { key: text.slice(0, at), value: text.slice(at + 1) };
}

/** @throws BgJobsError `invalid_request` */
function parseCursor(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new BgJobsError('invalid_request', `cursor: "${cursor}" is not a cursor from an earlier answer`);
}

interface Deps {
  store: Store;
  home: string;
  tracker: OutputTracker;
  waitingFor: (job: JobRow) => WaitingFor | null;
}

/** Jobs and runs as all fronts see them. */
export function createViews({ store, home, tracker, waitingFor }: Deps) {
  function viewJob(job: JobRow): Job {
    const runs = store.runs.ofJob(job.row);
    const { spec, id } = job;
    const views = runs.map((run) => viewRun({ job, run }));
    // A job that waits again, or was cancelled while it did, does not show its last run, which is in `runs`.
    const current = isWaiting(job.status) || job.status === 'cancelled' ? undefined : views.at(-1);
    const row = current && runs.at(-1);
    // What failed after that, or was ended, is not ready any more. What completed has done what it was needed for.
    const isPast = isEnded(job.status) && job.status !== 'completed';
    const isReady = !isPast && (row?.readyAt ?? null) !== null;
    return {
      id,
      shortId: shortIdOf(job),
      name: spec.name ?? null,
      session: job.session,
      tags: spec.tags,
      command: spec.command ?? null,
      argv: spec.argv ?? null,
      codingAgent: agentView(spec.codingAgent),
      array: spec.array ? arrayView(spec.array, store.arrays.tasks.countByStatus(job.row)) : null,
      task: job.task && { array: job.task.array, number: job.task.number, item: job.task.item },
      cwd: spec.cwd,
      priority: spec.priority,
      status: job.status,
      waitingFor: isWaiting(job.status) && job.status !== 'held' ? waitingFor(job) : null,
      pid: current?.pid ?? null,
      exitCode: current?.exitCode ?? null,
      signal: current?.signal ?? null,
      reason: current?.reason ?? job.reason,
      reasonText: current?.reasonText ?? job.reasonText,
      startedAt: current?.startedAt ?? isoTime(job.startedAt),
      finishedAt: current?.finishedAt ?? isoTime(job.finishedAt),
      durationMs: current ? current.durationMs : durationOf(job),
      error: current?.error ?? null,
      dependsOn: spec.dependsOn,
      dueAt: isoTime(job.dueAt),
      schedule: job.schedule,
      attempt: job.run === null ? null : job.run - job.series,
      gaveUp: job.gaveUp,
      ready: spec.readyWhen ? isReady : null,
      readyText: row && (isReady || row.readyAt === null) ? row.readyText : null,
      url: isReady && row ? row.readyUrl : null,
      progress: null,
      expectedEnd: null,
      pinned: job.pinned,
      createdAt: new Date(job.createdAt).toISOString(),
      run: job.run,
      runs: views,
      leftovers: current?.leftovers ?? [],
      options: {
        shell: spec.shell ?? null,
        env: Object.keys(spec.env),
        inheritEnvFrom: spec.inheritEnvFrom ?? 'caller',
        timeoutMs: spec.timeoutMs ?? null,
        idleTimeoutMs: spec.idleTimeoutMs ?? null,
        graceMs: spec.graceMs,
        stdin: spec.stdin.type,
        capture: spec.capture,
        maxLogBytes: spec.maxLogBytes,
        leftovers: spec.leftovers,
        idempotencyKey: spec.idempotencyKey ?? null,
        ifDependencyFails: spec.ifDependencyFails,
        retry: spec.retry ?? null,
        restart: spec.restart ?? null,
        at: spec.at ?? null,
        cron: spec.cron ?? null,
        timeZone: spec.timeZone ?? null,
        ifMissed: spec.ifMissed,
        ifOverlap: spec.ifOverlap,
        mutex: spec.mutex ?? null,
        readyWhen: spec.readyWhen ?? null,
        limits: spec.limits,
        actor: spec.actor,
      },
    };
  }

  function viewRun({ job, run }: { job: JobRow; run: RunRow }): Run {
    const bytes = isEnded(run.status) ? { stdout: run.stdoutBytes, stderr: run.stderrBytes } : tracker.bytes(run.row);
    return {
      runId: runIdOf(job.id, run.number),
      number: run.number,
      status: run.status,
      pid: run.pid,
      exitCode: run.exitCode,
      signal: run.signal,
      reason: run.reason,
      reasonText: run.reasonText,
      startedAt: isoTime(run.startedAt),
      finishedAt: isoTime(run.finishedAt),
      durationMs: durationOf(run),
      error: run.errorCode === null ? null : { code: run.errorCode, message: run.errorMessage ?? '' },
      stdoutBytes: bytes.stdout,
      stderrBytes: bytes.stderr,
      droppedBytes: run.stdoutDropped + run.stderrDropped,
      maxMemoryBytes: run.maxMemory,
      logs: logPaths(runFolder(home, job.id, run.number), job.spec.capture),
      leftovers: run.leftovers.map(({ pid, command }) => ({ pid, command })),
    };
  }

  return { job: viewJob, run: viewRun };
}

export type Views = ReturnType<typeof createViews>;

type ArrayOption = NonNullable<StartOptions['array']>;

function agentView(agent: CodingAgentOption | undefined): CodingAgent | null {
  if (!agent) return null;
  const { model = null, sessionId = null, continues = null } = agent;
  return { ...agent, model, sessionId, continues };
}

function arrayView({ tasks, maxRunning }: ArrayOption, byStatus: ArrayState['byStatus']): ArrayState {
  const count = (statuses: readonly JobStatus[]): number =>
    statuses.reduce((sum, one) => sum + (byStatus[one] ?? 0), 0);
  return {
    tasks: count(jobStatuses),
    numbers: tasks ?? null,
    maxRunning: maxRunning ?? null,
    ended: count(endedStatuses),
    failed: count(['failed', 'timed_out', 'lost']),
    byStatus,
  };
}

function durationOf({ startedAt, finishedAt }: Pick<JobRow, 'startedAt' | 'finishedAt'>): number | null {
  return startedAt === null || finishedAt === null ? null : Math.max(0, finishedAt - startedAt);
}

function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
