import * as z from 'zod';
import { hooks } from './hooks.ts';
import { jobStatus } from './options.ts';
import { quotaChanges, quotas } from './quotas.ts';
import { mostRunningJobs } from './values.ts';

const sessionLimit = z.int().min(0).max(mostRunningJobs);

export const limits = z.object({
  maxConcurrentJobs: z.int().min(0).max(mostRunningJobs).describe('Maximum number of running jobs; 0 means no limit'),
  maxConcurrentJobsPerSession: z
    .int()
    .min(0)
    .max(mostRunningJobs)
    .describe('Maximum number of running jobs of a session; 0 means no limit'),
  sessionLimits: z
    .record(z.string(), sessionLimit)
    .describe('Limits of individual sessions, by name; they override maxConcurrentJobsPerSession'),
});
export type Limits = z.infer<typeof limits>;

export const settings = limits.extend({
  ...quotas.shape,
  queuePaused: z.boolean().describe('Whether the queue is paused, so that no job starts'),
  pausedSessions: z.array(z.string()).describe('Sessions whose queue is paused'),
  jobTimeoutMs: z.int().min(0).max(2_147_483_647).describe('Timeout of jobs that set no timeoutMs; 0 means no timeout'),
  keepFinishedMs: z.int().min(0).describe('How long finished jobs are kept'),
  keepFinishedJobs: z.int().min(0).describe('Maximum number of finished jobs to keep'),
  keepFinishedJobsPerSession: z
    .int()
    .min(0)
    .describe('The newest jobs of each session that keepFinishedJobs does not remove, up to keepFinishedJobs'),
  keepLogBytes: z.int().min(0).describe('Maximum size of the logs of finished jobs, in bytes'),
  maxTotalLogBytes: z
    .int()
    .min(0)
    .describe(
      'Maximum size of all logs, in bytes. Old finished jobs are removed first, then the largest logs of running jobs ' +
        'are cut; 0 means no maximum',
    ),
  minFreeMemoryBytes: z.int().min(0).describe('No job starts while less memory is free; 0 means no minimum'),
  minFreeDiskBytes: z
    .int()
    .min(0)
    .describe('No job starts while less of the disk that holds the jobs is free; 0 means no minimum'),
  maxLoadAverage: z
    .int()
    .min(0)
    .max(100_000)
    .describe(
      'No job starts while the load average of the last minute, over all CPUs, is this high or higher; 0 means no ' +
        'maximum',
    ),
  cleanupIntervalMs: z.int().min(1000).max(2_147_483_647).describe('Time between two cleanups'),
  agentDeny: z
    .array(z.string())
    .describe('Commands that agents may not start: the first words of a command, or /regex/flags'),
  otlpEndpoint: z
    .union([z.literal(''), z.url({ protocol: /^https?$/, error: 'must be an http or https URL, or empty' })])
    .describe('Collector that gets a trace of each job and metrics, by OTLP over HTTP; empty: none'),
  hooks: hooks.describe('Who is told what happens to jobs. An update replaces all of them'),
});
/** The settings of the host. Each has a default, and an environment variable or a setting of the editor. */
export type Settings = z.infer<typeof settings>;

export const defaultSettings: Settings = {
  maxConcurrentJobs: 10,
  maxConcurrentJobsPerSession: 5,
  sessionLimits: {},
  quotas: {},
  quotasPerSession: {},
  sessionQuotas: {},
  queuePaused: false,
  pausedSessions: [],
  jobTimeoutMs: 0,
  keepFinishedMs: 7 * 24 * 3_600_000,
  keepFinishedJobs: 1000,
  keepFinishedJobsPerSession: 50,
  keepLogBytes: 2 * 1024 ** 3,
  maxTotalLogBytes: 0,
  minFreeMemoryBytes: 0,
  minFreeDiskBytes: 0,
  maxLoadAverage: 0,
  cleanupIntervalMs: 3_600_000,
  agentDeny: [],
  otlpEndpoint: '',
  hooks: [],
};

/** The settings that were changed; the rest have their defaults. */
export const storedSettings = settings.partial();
export type StoredSettings = z.infer<typeof storedSettings>;

export const settingsUpdate = storedSettings
  .extend({
    sessionLimits: z
      .record(z.string(), sessionLimit.nullable())
      .optional()
      .describe('Limits of the sessions that are named here; null removes a limit'),
    ...quotaChanges,
  })
  .strict();
export type SettingsUpdate = z.input<typeof settingsUpdate>;
/** With all defaults filled in. */
export type CheckedUpdate = z.output<typeof settingsUpdate>;

export const hostInfo = z.object({
  version: z.string(),
  protocol: z.int(),
  pid: z.int(),
  uptimeMs: z.number(),
  home: z.string().describe('The data directory'),
  limits,
  settings,
  warnings: z
    .array(z.string())
    .describe('Problems to report to a person, for example a damaged record that was set aside'),
});
export type HostInfo = z.infer<typeof hostInfo>;

export const stopAnswer = z.object({ stopping: z.literal(true) });

const counts = z.object({
  total: z.int(),
  running: z.int(),
  waiting: z.int(),
  finished: z.int(),
  failed: z.int().describe('Of the finished ones, those that have failed, timed out or were lost'),
});

export const metrics = z.object({
  totalJobs: z.int(),
  runningJobs: z.int(),
  completedJobs: z.int(),
  failedJobs: z.int(),
  cancelledJobs: z.int(),
  queueSize: z.int(),
  concurrency: z
    .object({ current: z.int(), maximum: z.int() })
    .describe('Number of running jobs and its maximum (0 means no limit)'),
  averageExecutionTime: z
    .number()
    .nullable()
    .describe('Milliseconds, over all finished jobs; null when there are none'),
  systemLoad: z.object({
    average: z
      .tuple([z.number(), z.number(), z.number()])
      .describe('Over 1, 5 and 15 minutes. All 0 on Windows, which has no load average'),
    cpus: z.int(),
    freeMemoryBytes: z.number(),
    totalMemoryBytes: z.number(),
  }),
  bySession: z.record(z.string(), counts),
  byStatus: z.record(jobStatus, z.int()),
});
export type Metrics = z.infer<typeof metrics>;

export const metricsQuery = z.strictObject({
  format: z
    .enum(['json', 'prometheus'])
    .optional()
    .describe('prometheus: the text format of Prometheus (default: by the Accept header, otherwise json)'),
});
