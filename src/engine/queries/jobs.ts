/**
 * The room of queries: what clients ask, and nothing here changes a job. Imported by `jobs` and `engine.ts`; imports `runs`,
 * `hooks`, `output` and the store.
 */
import type { ArrayState, CodingAgent, Job, JobList, Run, WaitingFor } from '../../api/job.ts';
import type { CodingAgentOption, StartOptions } from '../../api/options.ts';
import { endedStatuses, failedStatuses, isEnded, isWaiting, jobStatuses, type JobStatus } from '../../api/values.ts';
import type { JobRow, RawJobRow } from '../../store/jobTable.ts';
import { logPaths, runFolder, runIdOf, type RunRow } from '../../store/runTable.ts';
import { slurmWaitText } from '../../text/slurmText.ts';
import { shortIdOf } from '../../store/newJobId.ts';
import type { Store } from '../../store/store.ts';
import type { OutputTracker } from '../output/outputTracker.ts';

interface Deps {
  store: Store;
  home: string;
  tracker: OutputTracker;
  waitingFor: (job: JobRow) => WaitingFor | null;
}

/** So many views and lists are kept. */
const [mostViews, mostLists] = [1000, 20];

/** Jobs and runs as all fronts see them. */
export function createViews({ store, home, tracker, waitingFor }: Deps) {
  /** Of jobs that have ended, as long as nothing is written: many clients list the same jobs at the same time. */
  const ended = new Map<number, Job>();
  const lists = new Map<string, JobList>();
  let writes = -1;

  /** @returns the same list for the same query, as long as it is true */
  function list(query: string, make: () => JobList): JobList {
    forget();
    const known = lists.get(query);
    if (known) return known;
    const made = make();
    // Others get the same one.
    Object.freeze(made.jobs);
    if (made.jobs.every(({ status }) => isEnded(status))) lists.set(query, made);
    return made;
  }

  /** Everything, if it may be old. */
  function forget(): void {
    const now = store.jobs.writes + store.arrays.tasks.writes + store.runs.writes;
    if (now === writes && ended.size < mostViews && lists.size < mostLists) return;
    ended.clear();
    lists.clear();
    writes = now;
  }

  /** In the same order, without those whose records are damaged. */
  function viewJobs(raws: readonly RawJobRow[]): Job[] {
    const jobs = store.read(raws.filter(({ row }) => !ended.has(row)));
    const runs = store.runs.ofJobs(jobs.map(({ row }) => row));
    const views = new Map(jobs.map((job) => [job.row, viewJob(job, runs.get(job.row) ?? [])]));
    for (const { row, status } of jobs) if (isEnded(status)) ended.set(row, views.get(row)!);
    return raws.flatMap(({ row }) => views.get(row) ?? ended.get(row) ?? []);
  }

  function viewJob(job: JobRow, runs = store.runs.ofJob(job.row)): Job {
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
      waitingFor:
        isWaiting(job.status) && job.status !== 'held'
          ? waitingFor(job)
          : job.status === 'starting'
            ? waitsThere(row)
            : null,
      pid: current?.pid ?? null,
      exitCode: current?.exitCode ?? null,
      signal: current?.signal ?? null,
      reason: current?.reason ?? job.reason,
      reasonText: current?.reasonText ?? job.reasonText,
      startedAt: current?.startedAt ?? isoTime(job.startedAt),
      finishedAt: current?.finishedAt ?? isoTime(job.finishedAt),
      pausedAt: current?.pausedAt ?? null,
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
      queuedAt: new Date(job.queuedAt).toISOString(),
      run: job.run,
      runs: views,
      leftovers: views.flatMap(({ leftovers }) => leftovers),
      remote: current?.remote ?? null,
      options: {
        shell: spec.shell ?? null,
        env: Object.keys(spec.env),
        secrets: spec.secrets ?? [],
        notify: spec.notify ?? [],
        inheritEnvFrom: spec.inheritEnvFrom ?? 'caller',
        timeoutMs: spec.timeoutMs ?? null,
        idleTimeoutMs: spec.idleTimeoutMs ?? null,
        graceMs: spec.graceMs,
        stdin: spec.stdin.type,
        tty: spec.tty === true,
        capture: spec.capture,
        maxLogBytes: spec.maxLogBytes,
        whenFull: spec.whenFull,
        leftovers: spec.leftovers,
        idempotencyKey: spec.idempotencyKey ?? null,
        ifDependencyFails: spec.ifDependencyFails,
        afterReboot: spec.afterReboot,
        retry: spec.retry ?? null,
        restart: spec.restart ?? null,
        at: spec.at ?? null,
        delayMs: spec.delayMs ?? null,
        cron: spec.cron ?? null,
        timeZone: spec.timeZone ?? null,
        ifMissed: spec.ifMissed,
        ifOverlap: spec.ifOverlap,
        mutex: spec.mutex ?? null,
        readyWhen: spec.readyWhen ?? null,
        limits: spec.limits,
        runner: spec.runner ?? 'local',
        slurm: spec.slurm ?? null,
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
      pausedAt: isoTime(run.pausedAt),
      durationMs: durationOf(run),
      error: run.errorCode === null ? null : { code: run.errorCode, message: run.errorMessage ?? '' },
      stdoutBytes: bytes.stdout,
      stderrBytes: bytes.stderr,
      droppedBytes: run.stdoutDropped + run.stderrDropped,
      maxMemoryBytes: run.maxMemory,
      logs: logPaths(runFolder(home, job.id, run.number), job.spec.capture),
      leftovers: run.leftovers.map(({ pid, command }) => ({ pid, command })),
      remote: run.remote,
    };
  }

  return { list, job: viewJob, jobs: viewJobs, run: viewRun };
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
    failed: count(failedStatuses),
    byStatus,
  };
}

/** A run that was handed over to a cluster and has not begun there. */
function waitsThere(run: RunRow | undefined): WaitingFor | null {
  if (!run?.remote) return null;
  const { reason, expectedStart: until } = run.remote;
  return { type: 'cluster', code: reason ?? '', text: slurmWaitText(run.remote), until };
}

function durationOf({ startedAt, finishedAt }: Pick<JobRow, 'startedAt' | 'finishedAt'>): number | null {
  return startedAt === null || finishedAt === null ? null : Math.max(0, finishedAt - startedAt);
}

function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
