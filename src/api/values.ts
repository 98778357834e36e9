/**
 * Values that requests and answers may have, without their schemas: building those takes longer than a request, and a
 * command that has just been started would wait for it. This file imports nothing.
 */

/** What a job can be. The arrows between them are in {@link nextStatuses}. */
export const jobStatuses = [
  'held',
  'scheduled',
  'pending',
  'starting',
  'running',
  'paused',
  'stopping',
  'completed',
  'failed',
  'killed',
  'timed_out',
  'lost',
  'cancelled',
] as const;
export type JobStatus = (typeof jobStatuses)[number];

/** What one attempt at a job can be: it exists from the moment it is started. */
export type RunStatus = Exclude<JobStatus, 'held' | 'scheduled' | 'pending' | 'cancelled'>;

/**
 * The only place that says which status may follow which.
 * An ended job goes back to `pending` or `held` by a restart alone, which makes a new run: the ended run stays as it is.
 */
export const nextStatuses: Record<JobStatus, readonly JobStatus[]> = {
  held: ['scheduled', 'pending', 'cancelled'],
  scheduled: ['held', 'pending', 'cancelled'],
  pending: ['held', 'starting', 'cancelled'],
  // The last two: the host died before it could record that the run had begun.
  starting: ['running', 'failed', 'lost', 'completed'],
  running: ['paused', 'stopping', 'completed', 'failed', 'killed', 'lost'],
  paused: ['running', 'stopping', 'completed', 'failed', 'killed', 'lost'],
  stopping: ['killed', 'timed_out', 'lost'],
  completed: ['pending', 'held'],
  failed: ['pending', 'held'],
  killed: ['pending', 'held'],
  timed_out: ['pending', 'held'],
  lost: ['pending', 'held'],
  cancelled: ['pending', 'held', 'scheduled'],
};

export const endedStatuses = ['completed', 'failed', 'killed', 'timed_out', 'lost', 'cancelled'] as const;
export type EndedStatus = (typeof endedStatuses)[number];

/** Statuses in which a run has (or may have) processes. */
export const activeStatuses = ['starting', 'running', 'paused', 'stopping'] as const;
export type ActiveStatus = (typeof activeStatuses)[number];

/** Statuses in which a job waits to be started. */
export const waitingStatuses = ['held', 'scheduled', 'pending'] as const;
export type WaitingStatus = (typeof waitingStatuses)[number];

export function isEnded(status: JobStatus): status is EndedStatus {
  return (endedStatuses as readonly JobStatus[]).includes(status);
}

export function isActive(status: JobStatus): status is ActiveStatus {
  return (activeStatuses as readonly JobStatus[]).includes(status);
}

export function isWaiting(status: JobStatus): status is WaitingStatus {
  return (waitingStatuses as readonly JobStatus[]).includes(status);
}

export function mayFollow(from: JobStatus, to: JobStatus): boolean {
  return nextStatuses[from].includes(to);
}

/**
 * Who or what ended a run. The first reason wins.
 * - `exit`: the command ended by itself, with an exit code
 * - `signal`: a signal that nobody here sent
 * - `user`, `agent`: somebody asked
 * - `timeout`, `idle_timeout`: a limit of the job
 * - `spawn_error`: it could not start; `error` says why
 * - `supervisor_lost`: what records the exit status was killed, so the end is unknown
 * - `reboot`: the machine went down while it ran
 * - `not_ready`: it was not ready in time, and was to be stopped then
 * - `out_of_memory`: the system had no memory left, or the job's own limit was reached
 * - `dependency_failed`: what it needs cannot come true any more
 * - `missed`: nothing could be started at its time, and later it was not to start
 */
export const endReasons = [
  'exit',
  'signal',
  'user',
  'agent',
  'timeout',
  'idle_timeout',
  'spawn_error',
  'supervisor_lost',
  'reboot',
  'not_ready',
  'out_of_memory',
  'dependency_failed',
  'missed',
] as const;
export type EndReason = (typeof endReasons)[number];

export const dependencyConditions = ['succeeded', 'finished', 'started', 'ready'] as const;
export const dependencyFailures = ['cancel', 'wait'] as const;
export const missedTimes = ['once', 'skip'] as const;
export const overlaps = ['skip', 'queue', 'start'] as const;
export const restartPolicies = ['never', 'on-failure', 'always'] as const;

/** Where a job can be moved in the queue. */
export const directions = ['up', 'down', 'first', 'last'] as const;
export type Direction = (typeof directions)[number];

export const codingAgentNames = ['claude', 'codex', 'copilot'] as const;
export const agentEventTypes = [
  'started',
  'message',
  'reasoning',
  'command',
  'file',
  'tool',
  'result',
  'error',
  'text',
  'other',
] as const;

/** The most that a limit on running jobs can be. */
export const mostRunningJobs = 10_000;

/** No delay before an attempt is longer, unless another bound is given (milliseconds). */
export const longestDelayMs = 300_000;
