import { Readable } from 'node:stream';
import type * as z from 'zod';
import { BgJobsError } from '../../api/errors.ts';
import type { jobUpdate } from '../../api/jobUpdate.ts';
import { isWaiting } from '../../api/values.ts';
import type { JobRow, JobSpec } from '../../store/jobTable.ts';
import { wrongState } from '../queries/lookup.ts';

type Update = z.output<typeof jobUpdate>;

const editable = ['command', 'argv', 'cwd', 'env', 'tags', 'timeoutMs', 'idleTimeoutMs', 'limits'] as const;

/**
 * What an agent changes of a command has to be allowed as a start.
 * @returns what is to be judged; undefined if nothing is
 * @throws BgJobsError `invalid_state` for an array, whose commands would all have to be looked at
 */
export function agentsEdit(job: JobRow, update: Update): AsyncIterable<JobSpec> | undefined {
  const { command, argv, env, cwd } = update;
  if ([command, argv, env, cwd].every((change) => change === undefined)) return undefined;
  if (job.spec.array) throw wrongState(job, 'The command of an array is changed by people alone. Start a new array.');
  return Readable.from([editedSpec(job, update)]) as AsyncIterable<JobSpec>;
}

/**
 * The options of a job with the changes of an update, other than its priority and dependencies.
 * @throws BgJobsError `invalid_state` for a job that has started: its runs are records of what ran. `invalid_request`
 */
export function editedSpec(job: JobRow, update: Update): JobSpec {
  const { spec } = job;
  if (editable.every((field) => update[field] === undefined)) return spec;
  if (!isWaiting(job.status) || job.run !== null || job.startedAt !== null) {
    const end = isWaiting(job.status) ? 'It has run before.' : '';
    const hint = 'Only a job that has not started can be edited. Stop it if it runs, and start a new job instead.';
    throw wrongState(job, `${end} ${hint}`.trim());
  }
  if ((update.command ?? update.argv) !== undefined && spec.codingAgent) {
    throw wrongState(job, 'Its command follows from its coding agent. Start a new job instead.');
  }
  const { command, argv, cwd, env, tags, timeoutMs, idleTimeoutMs, limits } = update;
  const secret = Object.keys(env ?? {}).find((name) => spec.secrets?.includes(name));
  if (secret !== undefined) {
    throw new BgJobsError('invalid_request', `env: ${secret} is a secret of the job, and values of env are stored.`);
  }
  const edited: JobSpec = { ...spec };
  if (command !== undefined || argv !== undefined) {
    delete edited.command;
    delete edited.argv;
    Object.assign(edited, command === undefined ? { argv } : { command });
  }
  if (env) edited.env = { ...spec.env, ...env };
  if (cwd !== undefined) edited.cwd = cwd;
  if (tags) edited.tags = tags;
  if (limits) edited.limits = limits;
  for (const [name, limit] of Object.entries({ timeoutMs, idleTimeoutMs })) {
    if (limit === null) delete edited[name as 'timeoutMs' | 'idleTimeoutMs'];
    else if (limit !== undefined) edited[name as 'timeoutMs' | 'idleTimeoutMs'] = limit;
  }
  return edited;
}
