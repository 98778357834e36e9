import * as z from 'zod';
import { dependency, restartOption, retryOption } from '../../api/options.ts';
import { startRequest } from '../../api/start.ts';
import { longestDelayMs } from '../../api/values.ts';

const { shape } = startRequest;

export const dependsOn = z
  .array(
    dependency.extend({
      job: dependency.shape.job.meta({ description: 'Its id' }),
      condition: dependency.shape.condition.meta({ description: 'succeeded: exit code 0; ready: its readyWhen' }),
    }),
  )
  .max(1000);

/** When, after what, and how often: what a model needs of it, each in few words. The rest has its defaults. */
export const scheduling = {
  dependsOn: dependsOn.optional().meta({ description: 'Start after these jobs' }),
  ifDependencyFails: shape.ifDependencyFails.meta({ description: 'When that cannot come true any more' }),
  retry: retryOption
    .pick({ maxAttempts: true, delayMs: true, exitCodes: true })
    .extend({
      delayMs: retryOption.shape.delayMs
        .unwrap()
        .max(longestDelayMs)
        .default(retryOption.shape.delayMs.parse(undefined))
        .meta({
          description: 'Before the second attempt',
        }),
      exitCodes: retryOption.shape.exitCodes.meta({ description: 'Only after these (any failure)' }),
    })
    .optional()
    .meta({ description: 'After a failure try again; delays double' }),
  restart: restartOption
    .pick({ policy: true })
    .extend({ policy: z.enum(['on-failure', 'always']) })
    .optional()
    .meta({ description: 'For servers: start again whenever it fails, or ends; more than 5 times a minute: give up' }),
  at: z.string().optional().meta({ description: 'Start then: ISO 8601 with time zone' }),
  cron: shape.cron.meta({
    description: 'Start again and again, each time as a new job: minute hour day month weekday, as "30 4 * * 1-5"',
  }),
  timeZone: shape.timeZone.meta({ description: "For cron: IANA name (the machine's)" }),
  mutex: shape.mutex.meta({ description: 'A lock: of all jobs that name it one runs at a time' }),
  unlessRunning: shape.unlessRunning.meta({
    description: 'If one with this name (or command and folder) runs or waits already, give back that one',
  }),
};
