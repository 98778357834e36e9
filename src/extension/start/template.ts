import * as z from 'zod';
import { startRequest } from '../../api/start.ts';
import { validate } from '../../api/validate.ts';
import { isRecord } from '../base/isRecord.ts';
import { input } from './inputs.ts';
import type { JobStart } from './startJob.ts';
import { placeIn } from '../tasks/taskJob.ts';
import { mapTexts, resolveEnvironment, resolveVariables, type VariableScope } from '../tasks/taskVariables.ts';

const { actor, inheritEnv, cwd, session, ...options } = startRequest.shape;

/** What a job can be given in settings and tasks: the options of a start. What is left out has their defaults. */
export const jobDefinition = z.strictObject({
  ...options,
  cwd: cwd.optional().meta({ description: 'Working directory, from the workspace folder on (the workspace folder)' }),
  session: z.string().trim().min(1).max(200).optional().meta({
    description: 'The group the job belongs to (the one of the window)',
  }),
});

export const template = jobDefinition.extend({
  inputs: z.array(input).optional().meta({ description: 'Values that are asked for, as in tasks.json' }),
});

/** A template, or what a task says besides. */
export type Definition = Record<string, unknown>;

/** The options of which exactly one says what runs. */
const commandOptions = ['command', 'argv', 'codingAgent'] as const;

/** Those of them that a definition has. */
export function commandOptionsOf(definition: Definition): string[] {
  return commandOptions.filter((option) => definition[option] !== undefined);
}

/** A definition without what it would run itself. */
export function withoutCommand(definition: Definition): Definition {
  const { command, argv, codingAgent, ...rest } = definition;
  return rest;
}

/** The variables of a definition filled in; `secretEnv` is what must not be recorded of its environment. */
export interface Filled {
  options: Definition;
  secretEnv: Record<string, string>;
}

/** @throws Error as {@link resolveVariables} does */
export function fillIn(definition: Definition, scope: VariableScope): Filled {
  const { inputs: _, env, ...rest } = definition;
  const texts = mapTexts(rest, (text) => resolveVariables(text, scope));
  const { secretEnv, ...variables } = isRecord(env) ? resolveEnvironment(env, scope) : { env, secretEnv: {} };
  return { options: { ...(isRecord(texts) ? texts : {}), ...variables }, secretEnv };
}

/**
 * @param folder where it starts, and where a relative `cwd` begins
 * @throws BgJobsError `invalid_request` for options that a start has not
 */
export function startOf({ options, secretEnv }: Filled, folder: string): JobStart {
  const request = validate(jobDefinition, options);
  return { request: { ...request, cwd: placeIn(folder, request.cwd) }, secretEnv };
}
