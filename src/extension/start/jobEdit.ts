import { isDeepStrictEqual } from 'node:util';
import type { Job } from '../../api/job.ts';
import type { JobUpdate } from '../../api/jobUpdate.ts';
import type { JobStart } from '../base/jobStart.ts';

/** What the page of options shows of a job that has not started. The values of its variables are not known. */
export function startOf({ name, cwd, command, argv, priority, dependsOn, options }: Job): JobStart {
  const { timeoutMs, limits, cron } = options;
  return {
    request: {
      ...{ cwd, priority, limits },
      dependsOn: dependsOn.map(({ job, condition }) => ({ job, condition })),
      ...(argv ? { argv } : { command: command ?? '' }),
      ...(name !== null && { name }),
      ...(timeoutMs !== null && { timeoutMs }),
      ...(cron !== null && { cron }),
    },
  };
}

const fields = ['command', 'argv', 'cwd', 'env', 'name', 'priority', 'timeoutMs', 'limits', 'dependsOn'] as const;
/** What an option is that was taken away. */
const none: JobUpdate = { priority: 5, timeoutMs: null, limits: {}, dependsOn: [] };

/** @returns undefined if nothing was changed */
export function updateOf(job: Job, { request }: JobStart): JobUpdate | undefined {
  const { request: before } = startOf(job);
  const changes = fields
    .map((field) => [field, request[field] ?? none[field], before[field] ?? none[field]] as const)
    .filter(([, now, then]) => now !== undefined && !isDeepStrictEqual(now, then));
  return changes.length === 0 ? undefined : Object.fromEntries(changes.map(([field, now]) => [field, now]));
}
