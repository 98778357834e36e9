/**
 * The room of queries: one file per kind of answer, and nothing here changes a job. Imported by `jobs` and `engine.ts`;
 * imports `runs`, `hooks`, `output` and the store.
 */
import type { CodingAgent, Job, Run, WaitingFor } from '../../api/job.ts';
import type { CodingAgentOption } from '../../api/options.ts';
import { isEnded, isWaiting } from '../../api/values.ts';
import type { OutputTracker } from '../output/outputTracker.ts';
import { logPaths, runFolder, runIdOf, type RunRow } from '../../store/runTable.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { Store } from '../../store/store.ts';

interface Deps {
  store: Store;
  home: string;
  tracker: OutputTracker;
  waitingFor: (job: JobRow) => WaitingFor | null;
}

/** Jobs and runs as all fronts see them. */
export class Views {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  job(job: JobRow): Job {
    return jobView(job, this.#deps.store.runs.ofJob(job.row), this.#deps);
  }

  run(job: JobRow, run: RunRow): Run {
    return runView(job, run, this.#deps);
  }
}

function jobView(job: JobRow, runs: readonly RunRow[], deps: Deps): Job {
  const { spec, id } = job;
  const views = runs.map((run) => runView(job, run, deps));
  // A job that waits again, or was cancelled while it did, does not show its last run, which is in `runs`.
  const current = isWaiting(job.status) || job.status === 'cancelled' ? undefined : views.at(-1);
  const row = current && runs.at(-1);
  return {
    id,
    shortId: id.slice(0, 8),
    name: spec.name ?? null,
    session: job.session,
    tags: spec.tags,
    command: spec.command ?? null,
    argv: spec.argv ?? null,
    codingAgent: agentView(spec.codingAgent),
    cwd: spec.cwd,
    priority: spec.priority,
    status: job.status,
    waitingFor: isWaiting(job.status) && job.status !== 'held' ? deps.waitingFor(job) : null,
    pid: current?.pid ?? null,
    exitCode: current?.exitCode ?? null,
    signal: current?.signal ?? null,
    reason: current?.reason ?? job.reason,
    reasonText: current?.reasonText ?? job.reasonText,
    startedAt: current?.startedAt ?? null,
    finishedAt: current?.finishedAt ?? isoTime(job.finishedAt),
    durationMs: current?.durationMs ?? null,
    error: current?.error ?? null,
    dependsOn: spec.dependsOn,
    dueAt: isoTime(job.dueAt),
    schedule: job.schedule,
    attempt: job.run === null ? null : job.run - job.series,
    gaveUp: job.gaveUp,
    ready: spec.readyWhen ? (row?.readyAt ?? null) !== null : null,
    readyText: row?.readyText ?? null,
    url: row?.readyUrl ?? null,
    pinned: job.pinned,
    createdAt: new Date(job.createdAt).toISOString(),
    run: job.run,
    runs: views,
    leftovers: current?.leftovers ?? [],
    options: {
      shell: spec.shell ?? null,
      env: Object.keys(spec.env),
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

function agentView(agent: CodingAgentOption | undefined): CodingAgent | null {
  if (!agent) return null;
  const { model = null, sessionId = null, continues = null } = agent;
  return { ...agent, model, sessionId, continues };
}

function runView(job: JobRow, run: RunRow, { home, tracker }: Deps): Run {
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
    durationMs: run.finishedAt === null ? null : Math.max(0, run.finishedAt - run.startedAt),
    error: run.errorCode === null ? null : { code: run.errorCode, message: run.errorMessage ?? '' },
    stdoutBytes: bytes.stdout,
    stderrBytes: bytes.stderr,
    droppedBytes: run.stdoutDropped + run.stderrDropped,
    maxMemoryBytes: run.maxMemory,
    logs: logPaths(runFolder(home, job.id, run.number), job.spec.capture),
    leftovers: run.leftovers.map(({ pid, command }) => ({ pid, command })),
  };
}

function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
