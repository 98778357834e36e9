import * as z from 'zod';
import { dependency, readyWhenOption, restartOption, retryOption, startRequest } from '../../api/options.ts';
import { longestDelayMs } from '../../api/values.ts';

const { shape } = startRequest;

export const id = z.string().trim().min(1).meta({ description: 'Job id or a unique prefix of it' });

/** @param fallback the default, in characters */
export function maxChars(fallback: number): z.ZodDefault<z.ZodInt> {
  return z
    .int()
    .min(100)
    .max(1_000_000)
    .default(fallback)
    .meta({ description: 'Maximum characters of output; the end is kept' });
}

/** One object with all the fields: model providers do not accept a choice of several objects. */
export const readyWhen = z
  .strictObject({
    pattern: z.string().optional().meta({ description: 'An output line matches this pattern (RE2 syntax)' }),
    port: z.int().optional().meta({ description: 'This port accepts connections' }),
    host: z.string().optional().meta({ description: 'Host for port (default: localhost)' }),
    url: z.string().optional().meta({ description: 'GET returns status 200 to 399' }),
    file: z.string().optional().meta({ description: 'This file is created or changed' }),
    timeoutMs: z.int().optional().meta({ description: 'Time from the start (default: 300000)' }),
    ifNotReady: z
      .enum(['keep', 'stop'])
      .optional()
      .meta({ description: 'After timeoutMs: keep the job running or stop it (default: keep)' }),
  })
  .pipe(readyWhenOption)
  .meta({ description: 'For servers: when the job is ready. Give one of pattern, port, url, file' });

export const dependsOn = z
  .array(
    dependency.extend({
      job: dependency.shape.job.meta({ description: 'Job id' }),
      condition: dependency.shape.condition.meta({
        description: 'succeeded: exit code 0; ready: its readyWhen is met',
      }),
    }),
  )
  .max(1000);

/** When, after which jobs and how often a job starts: what a model needs, in few words. The rest has defaults. */
export const scheduling = {
  dependsOn: dependsOn.optional().meta({ description: 'Start after these jobs' }),
  ifDependencyFails: shape.ifDependencyFails.meta({ description: 'What to do when a dependency can no longer be met' }),
  retry: retryOption
    .pick({ maxAttempts: true, delayMs: true, exitCodes: true })
    .extend({
      delayMs: retryOption.shape.delayMs
        .unwrap()
        .max(longestDelayMs)
        .default(retryOption.shape.delayMs.parse(undefined))
        .meta({
          description: 'Delay before the second attempt',
        }),
      exitCodes: retryOption.shape.exitCodes.meta({
        description: 'Retry only on these exit codes (default: any failure)',
      }),
    })
    .optional()
    .meta({ description: 'Retry after a failure; delays double' }),
  restart: restartOption
    .pick({ policy: true })
    .extend({ policy: z.enum(['on-failure', 'always']) })
    .optional()
    .meta({
      description:
        'For servers: restart when the job fails (on-failure) or ends (always); gives up after 5 in a minute',
    }),
  at: z.string().optional().meta({ description: 'Start at this time: ISO 8601 with time zone' }),
  cron: shape.cron.meta({
    description: 'Start a new job on this schedule: minute hour day month weekday, for example "30 4 * * 1-5"',
  }),
  timeZone: shape.timeZone.meta({ description: "Time zone for cron: IANA name (default: the machine's)" }),
  mutex: shape.mutex.meta({ description: 'Only one job with the same mutex runs at a time' }),
  unlessRunning: shape.unlessRunning.meta({
    description: 'If a job with this name (or command and folder) already runs or waits, return it',
  }),
};
