import { randomUUID } from 'node:crypto';
import type { JobEvent } from '../../../src/api/events.ts';
import type { Job, Run } from '../../../src/api/job.ts';
import { isActive, isEnded, type JobStatus } from '../../../src/api/values.ts';

export { english } from '../../../src/text/grammar.ts';

const begun = Date.parse('2026-01-02T03:04:05.000Z');
let made = 0;

/** A job record as the host gives it, each newer than the one before. */
export function jobRecord(status: JobStatus, changes: Partial<Job> = {}): Job {
  const id = changes.id ?? randomUUID();
  const hasRun = isActive(status) || (isEnded(status) && status !== 'cancelled');
  const createdAt = new Date(begun + made++ * 1000).toISOString();
  const end = {
    exitCode: status === 'completed' ? 0 : null,
    signal: null,
    reason: null,
    reasonText: null,
    startedAt: hasRun ? createdAt : null,
    finishedAt: isEnded(status) ? createdAt : null,
    pausedAt: null,
    durationMs: isEnded(status) && hasRun ? 1500 : null,
  };
  const job: Job = {
    id,
    shortId: id.slice(0, 8),
    name: null,
    session: 'shop',
    tags: {},
    command: 'make all',
    argv: null,
    codingAgent: null,
    cwd: '/work/shop',
    priority: 5,
    status,
    waitingFor: null,
    pid: isActive(status) ? 4711 : null,
    ...end,
    error: null,
    dependsOn: [],
    dueAt: null,
    schedule: null,
    attempt: hasRun ? 1 : null,
    gaveUp: false,
    ready: null,
    readyText: null,
    url: null,
    progress: null,
    expectedEnd: null,
    array: null,
    task: null,
    pinned: false,
    createdAt,
    queuedAt: createdAt,
    run: hasRun ? 1 : null,
    runs: [],
    leftovers: [],
    remote: null,
    options: {
      shell: null,
      env: [],
      secrets: [],
      notify: [],
      delayMs: null,
      inheritEnvFrom: 'caller',
      timeoutMs: null,
      idleTimeoutMs: null,
      graceMs: 5000,
      stdin: 'none',
      tty: false,
      capture: 'separate',
      maxLogBytes: 268_435_456,
      whenFull: 'drop',
      leftovers: 'keep',
      idempotencyKey: null,
      ifDependencyFails: 'cancel',
      afterReboot: 'keep',
      retry: null,
      restart: null,
      at: null,
      cron: null,
      timeZone: null,
      ifMissed: 'once',
      ifOverlap: 'skip',
      mutex: null,
      readyWhen: null,
      limits: {},
      runner: 'local',
      slurm: null,
      actor: 'user',
    },
    ...changes,
  };
  if (hasRun && !changes.runs) job.runs = [runRecord(job)];
  return job;
}

export function runRecord(job: Job, changes: Partial<Run> = {}): Run {
  return {
    runId: `${job.id}.${job.run ?? 1}`,
    number: job.run ?? 1,
    status: job.status as Run['status'],
    pid: job.pid,
    exitCode: job.exitCode,
    signal: job.signal,
    reason: job.reason,
    reasonText: job.reasonText,
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
    pausedAt: job.pausedAt,
    durationMs: job.durationMs,
    error: job.error,
    stdoutBytes: 0,
    stderrBytes: 0,
    droppedBytes: 0,
    maxMemoryBytes: null,
    logs: { stdout: `/logs/${job.id}/stdout.log`, stderr: `/logs/${job.id}/stderr.log` },
    leftovers: [],
    remote: null,
    ...changes,
  };
}

/** What the host sends when a job has come into a status. */
export function statusEvent(from: JobStatus | null, job: Job, changes: Partial<JobEvent> = {}): JobEvent {
  return {
    seq: ++made,
    time: job.createdAt,
    type: from === null ? 'created' : 'status',
    jobId: job.id,
    run: job.run,
    session: job.session,
    from,
    to: job.status,
    reason: null,
    text: null,
    job,
    ...changes,
  };
}
