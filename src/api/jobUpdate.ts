import * as z from 'zod';
import { actor, dependency, priority, startRequest } from './options.ts';
import { name, resourceLimits } from './shapes.ts';

const { command, argv, cwd, env, tags, timeoutMs, idleTimeoutMs } = startRequest.shape;

/** What can be changed of a job that has not started. */
const edits = {
  command: command.describe('New shell command line, in place of the command or argv'),
  argv: argv.describe('New program and arguments, in place of the command or argv'),
  cwd: cwd.optional().describe('New working directory: an absolute path that exists'),
  env: env
    .unwrap()
    .optional()
    .describe('Variables to set (string) or to remove (null), besides those that the job sets'),
  tags: tags.unwrap().optional().describe('New tags; they replace all earlier ones'),
  timeoutMs: timeoutMs.nullable().describe('New time limit; null: none'),
  idleTimeoutMs: idleTimeoutMs.nullable().describe('New time limit without output; null: none'),
  limits: resourceLimits.optional().describe('New limits on memory and CPU; they replace all earlier ones'),
};

export const jobUpdate = z
  .strictObject({
    pinned: z.boolean().optional(),
    name: name.optional().describe('New name'),
    session: name.optional().describe('New session of a waiting job, whose limit it then counts for'),
    priority: priority.optional().describe('New priority of a waiting job'),
    dependsOn: z
      .array(dependency)
      .max(1000)
      .optional()
      .describe('New dependencies of a waiting job; they replace all earlier ones'),
    ...edits,
    actor: actor.default('user'),
  })
  .refine(({ actor: _actor, ...changes }) => Object.values(changes).some((change) => change !== undefined), {
    message: 'give at least one of pinned, name, session, priority, dependsOn, ' + Object.keys(edits).join(', '),
  })
  .refine(({ command, argv }) => command === undefined || argv === undefined, {
    message: 'give one of command and argv, not both',
  })
  .refine(({ argv }) => argv?.[0] !== '', { message: 'argv[0] must name a program' });
export type JobUpdate = z.input<typeof jobUpdate>;
