import * as z from 'zod';
import { jobStatus } from './options.ts';
import { mostRunningJobs } from './values.ts';

const sessionLimit = z.int().min(0).max(mostRunningJobs);

export const limits = z.object({
  maxConcurrentJobs: z
    .int()
    .min(0)
    .max(mostRunningJobs)
    .meta({ description: 'Running jobs at once, for the whole host; 0: no limit' }),
  maxConcurrentJobsPerSession: z
    .int()
    .min(0)
    .max(mostRunningJobs)
    .meta({ description: 'Running jobs at once, for one session; 0: no limit' }),
  sessionLimits: z
    .record(z.string(), sessionLimit)
    .meta({ description: 'For single sessions, by name, instead of maxConcurrentJobsPerSession' }),
});
export type Limits = z.infer<typeof limits>;

export const settings = limits.extend({
  queuePaused: z.boolean().meta({ description: 'Nothing starts' }),
  pausedSessions: z.array(z.string()).meta({ description: 'Nothing of these sessions starts' }),
  jobTimeoutMs: z
    .int()
    .min(0)
    .max(2_147_483_647)
    .meta({ description: 'For jobs that give no timeoutMs of their own; 0: none' }),
  keepFinishedMs: z.int().min(0).meta({ description: 'How long finished jobs are kept' }),
  keepFinishedJobs: z.int().min(0).meta({ description: 'How many finished jobs are kept' }),
  keepLogBytes: z.int().min(0).meta({ description: 'How many bytes of logs of finished jobs are kept' }),
  minFreeMemoryBytes: z.int().min(0).meta({ description: 'With less, nothing is started; 0: no minimum' }),
  maxLoadAverage: z
    .int()
    .min(0)
    .max(100_000)
    .meta({ description: 'Of the last minute and all CPUs together; from it on nothing is started; 0: no maximum' }),
  cleanupIntervalMs: z.int().min(1000).max(2_147_483_647).meta({ description: 'Between two cleanings' }),
  agentDeny: z.array(z.string()).meta({
    description: 'Commands that agents may not start: words that a command begins with, or /regex/flags',
  }),
});
/** What the host can be told; each has a default, an environment variable or a setting of the editor. */
export type Settings = z.infer<typeof settings>;

export const defaultSettings: Settings = {
  maxConcurrentJobs: 10,
  maxConcurrentJobsPerSession: 5,
  sessionLimits: {},
  queuePaused: false,
  pausedSessions: [],
  jobTimeoutMs: 0,
  keepFinishedMs: 7 * 24 * 3_600_000,
  keepFinishedJobs: 1000,
  keepLogBytes: 2 * 1024 ** 3,
  minFreeMemoryBytes: 0,
  maxLoadAverage: 0,
  cleanupIntervalMs: 3_600_000,
  agentDeny: [],
};

/** What was set, of which the rest has its default. */
export const storedSettings = settings.partial();
export type StoredSettings = z.infer<typeof storedSettings>;

export const settingsUpdate = storedSettings
  .extend({
    sessionLimits: z
      .record(z.string(), sessionLimit.nullable())
      .optional()
      .meta({ description: 'Of the sessions that are named here; null: none of its own any more' }),
  })
  .strict();
export type SettingsUpdate = z.infer<typeof settingsUpdate>;

export const hostInfo = z.object({
  version: z.string(),
  protocol: z.int(),
  pid: z.int(),
  uptimeMs: z.number(),
  home: z.string().meta({ description: 'The folder of the store' }),
  limits,
  settings,
  warnings: z
    .array(z.string())
    .meta({ description: 'What a person should know: for example a damaged record that was set aside' }),
});
export type HostInfo = z.infer<typeof hostInfo>;

export const stopAnswer = z.object({ stopping: z.literal(true) });

const counts = z.object({ total: z.int(), running: z.int(), waiting: z.int(), finished: z.int() });

export const metrics = z.object({
  totalJobs: z.int(),
  runningJobs: z.int(),
  completedJobs: z.int(),
  failedJobs: z.int(),
  cancelledJobs: z.int(),
  queueSize: z.int(),
  concurrency: z
    .object({ current: z.int(), maximum: z.int() })
    .meta({ description: 'Running now, and how many may (0: any number)' }),
  averageExecutionTime: z
    .number()
    .nullable()
    .meta({ description: 'Milliseconds, over the finished jobs; null when there are none' }),
  systemLoad: z.object({
    average: z
      .tuple([z.number(), z.number(), z.number()])
      .meta({ description: 'Over 1, 5 and 15 minutes. All 0 on Windows, which does not count it' }),
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
    .meta({ description: "prometheus: that monitor's text format (as the Accept header asks, else json)" }),
});
