/**
 * Values that requests and answers may have, without their schemas: building those takes longer than a request, and a
 * command that has just been started would wait for it. This file imports nothing.
 */

/** The statuses of a job. {@link nextStatuses} has the transitions between them. */
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

/** The statuses of a run, which exists from the moment it is started. */
export type RunStatus = Exclude<JobStatus, 'held' | 'scheduled' | 'pending' | 'cancelled'>;

/**
 * The only place that says which status may follow which.
 * An ended job goes back to `pending` or `held` by a restart alone, which makes a new run: the ended run stays as it is.
 */
export const nextStatuses: Record<JobStatus, readonly JobStatus[]> = {
  held: ['scheduled', 'pending', 'cancelled'],
  scheduled: ['held', 'pending', 'cancelled'],
  pending: ['held', 'starting', 'cancelled'],
  // The last three: the host died before it could record that the run had begun, or before it began.
  // Of a run on a cluster: it waits there, where it can be stopped before it begins.
  starting: ['running', 'failed', 'lost', 'completed', 'pending', 'stopping', 'killed', 'timed_out'],
  running: ['paused', 'stopping', 'completed', 'failed', 'killed', 'lost', 'timed_out'],
  paused: ['running', 'stopping', 'completed', 'failed', 'killed', 'lost', 'timed_out'],
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

/** Those of the ended statuses that a person has to look at. */
export const failedStatuses = ['failed', 'timed_out', 'lost'] as const satisfies readonly EndedStatus[];

/** Statuses in which a run has (or may have) processes. */
export const activeStatuses = ['starting', 'running', 'paused', 'stopping'] as const;
export type ActiveStatus = (typeof activeStatuses)[number];

/** Statuses in which a job waits to be started. */
export const waitingStatuses = ['held', 'scheduled', 'pending'] as const;
export type WaitingStatus = (typeof waitingStatuses)[number];

/** What a filter may name instead of statuses. */
export const statusGroups: Readonly<Record<string, readonly JobStatus[]>> = {
  running: activeStatuses,
  waiting: waitingStatuses,
  finished: endedStatuses,
};

/** What stands for a job in place of its id: the newest one, and the last one that failed. */
export const jobSigns = { last: '@last', failed: '@failed' } as const satisfies Record<string, string>;

/** The words of a query that stand for statuses. */
export const statusWords = {
  '@failed': failedStatuses,
  '@running': activeStatuses,
  '@waiting': waitingStatuses,
  '@succeeded': ['completed'],
  '@stopped': ['killed', 'cancelled'],
  '@finished': endedStatuses,
} as const satisfies Record<string, readonly JobStatus[]>;

/** What can be done to several jobs at once, other than to kill them. */
export const changes = ['pause', 'resume', 'restart', 'hold', 'release', 'remove'] as const;
export type Change = (typeof changes)[number];

/** What a list of jobs can be sorted by. */
export const sortFields = ['created', 'started', 'ended', 'duration', 'name', 'session', 'status', 'exit'] as const;
export type SortField = (typeof sortFields)[number];

export function isEnded(status: JobStatus): status is EndedStatus {
  return (endedStatuses as readonly JobStatus[]).includes(status);
}

/** Whether a job with these options runs on another machine, where it takes nothing of this one. */
export function isElsewhere({ runner = 'local' }: { runner?: string | undefined }): boolean {
  return runner !== 'local';
}

export function isFailure(status: JobStatus): boolean {
  return (failedStatuses as readonly JobStatus[]).includes(status);
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
 * What ended a run. The first reason wins.
 * - `exit`: the command exited, with an exit code
 * - `signal`: a signal that Background Jobs did not send
 * - `user`, `agent`: a person or an agent requested it
 * - `timeout`, `idle_timeout`: a limit of the job
 * - `spawn_error`: the command could not be started; `error` says why
 * - `supervisor_lost`: the supervisor, which records the exit status, was killed, so the end is unknown
 * - `node_lost`: the node of a cluster on which the command ran was lost, and the command may still run there
 * - `reboot`: the machine was restarted while the command ran
 * - `not_ready`: the job was not ready in time and was to be stopped in that case
 * - `out_of_memory`: the system ran out of memory, or the job's own limit was reached
 * - `log_full`: a log has reached maxLogBytes, and whenFull is pause or end
 * - `dependency_failed`: a condition of a job that it depends on can no longer be met
 * - `missed`: the job could not be started at its time and was not to be started later
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
  'node_lost',
  'reboot',
  'not_ready',
  'out_of_memory',
  'log_full',
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

/** The coding agents, by the names of their programs. */
export const codingAgentTitles = {
  claude: 'Claude Code',
  codex: 'Codex',
  copilot: 'GitHub Copilot CLI',
  gemini: 'Gemini CLI',
  qwen: 'Qwen Code',
  opencode: 'opencode',
  kilo: 'Kilo',
  cline: 'Cline',
} as const;
export const codingAgentNames = Object.keys(codingAgentTitles) as (keyof typeof codingAgentTitles)[];
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

/** Upper bound of the limits on running jobs. */
export const mostRunningJobs = 10_000;

/** Upper bound of the tasks of an array. */
export const mostTasks = 100_000;

/** Default upper bound of the delay before an attempt, in milliseconds. */
export const longestDelayMs = 300_000;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
