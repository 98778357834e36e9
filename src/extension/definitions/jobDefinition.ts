/**
 * `extension/definitions` is the form in which settings and tasks.json describe jobs: options, inputs, variables. It
 * does not import `vscode`. `tasks` imports it, and the script that writes the manifest; it imports `api` and
 * `extension/base`.
 */

import * as z from 'zod';
import { startRequest } from '../../api/options.ts';
import { text } from '../../api/shapes.ts';
import { validate } from '../../api/validate.ts';
import { isRecord } from '../../api/values.ts';
import type { JobStart } from '../base/jobStart.ts';
import { placeIn } from './taskJob.ts';
import { mapTexts, resolveEnvironment, resolveVariables, type VariableScope } from './taskVariables.ts';

const id = z.string().min(1).meta({ description: 'Name to use in ${input:id}' });
const description = z.string().optional().meta({ description: 'Text of the prompt' });
const choice = z.union([z.string(), z.object({ label: z.string().optional(), value: z.string() })]);

/** An input: a value that the user enters before a job starts, in the form of tasks.json. */
const input = z.discriminatedUnion('type', [
  z.object({
    id,
    type: z.literal('promptString'),
    description,
    default: z.string().optional(),
    password: z.boolean().optional().meta({
      description: 'Hide the value while it is typed. It can be used only in values of env, and is never stored',
    }),
  }),
  z.object({
    id,
    type: z.literal('pickString'),
    description,
    options: z.array(choice).min(1),
    default: z.string().optional(),
  }),
  z.object({
    id,
    type: z.literal('command'),
    command: z.string().min(1).meta({ description: 'Command of the editor that returns a string' }),
    args: z.unknown().optional(),
  }),
]);
export type Input = z.infer<typeof input>;

/** The valid inputs of a list. */
export function readInputs(list: unknown): Input[] {
  return Array.isArray(list) ? list.flatMap((item) => input.safeParse(item).data ?? []) : [];
}

/** The inputs whose values are secret. */
export function secretsOf(inputs: readonly Input[]): ReadonlySet<string> {
  return new Set(
    inputs.filter((one) => one.type === 'promptString' && one.password).map(({ id: name }) => `input:${name}`),
  );
}

const { actor, inheritEnv, inheritEnvFrom, cwd, env, session, array, terminalSize, ...options } = startRequest.shape;

/** As in tasks.json, numbers and booleans are texts. */
const variable = z.union([text, z.number(), z.boolean()]).transform(String).nullable();

/** The options of a job in settings and tasks, which are those of a start. Omitted options have their defaults. */
const jobDefinition = z.strictObject({
  ...options,
  cwd: cwd
    .optional()
    .meta({ description: 'Working directory, relative to the workspace folder (default: the folder itself)' }),
  env: z.record(env.unwrap().keyType, variable).default({}).meta({ description: env.description }),
  session: z.string().trim().min(1).max(200).optional().meta({
    description: "The group that the job belongs to (default: the window's)",
  }),
});

const iconColors = ['Red', 'Green', 'Yellow', 'Blue', 'Magenta', 'Cyan', 'White', 'Black'] as const;

/** How a template looks in lists, in the form of tasks.json. */
const icon = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be the name of a product icon, for example "rocket"')
    .meta({ description: 'Name of a product icon of VS Code, for example rocket' }),
  color: z
    .enum(iconColors.map((color) => `terminal.ansi${color}` as const))
    .optional()
    .meta({ description: 'Color of the icon while the job has no result' }),
});
export type TemplateIcon = z.infer<typeof icon>;

/** The icon of a definition, if it has a valid one. */
export function iconOf(definition: Definition): TemplateIcon | undefined {
  return icon.safeParse(definition['icon']).data;
}

export const template = jobDefinition.extend({
  icon: icon.optional().meta({ description: 'Icon of the template in lists, as in tasks.json' }),
  inputs: z.array(input).optional().meta({ description: 'Values to prompt for, as in tasks.json' }),
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
  const { inputs: _inputs, icon: _icon, env, ...rest } = definition;
  const texts = mapTexts(rest, (text) => resolveVariables(text, scope));
  const { secretEnv, ...variables } = isRecord(env) ? resolveEnvironment(env, scope) : { env, secretEnv: {} };
  return { options: { ...(isRecord(texts) ? texts : {}), ...variables }, secretEnv };
}

/**
 * @param folder where it starts, and where a relative `cwd` begins
 * @throws BgJobsError `invalid_request` for unknown options
 */
export function startOf({ options, secretEnv }: Filled, folder: string): JobStart {
  const request = validate(jobDefinition, options);
  return { request: { ...request, cwd: placeIn(folder, request.cwd) }, secretEnv };
}

/** What a task of our type can be made of instead of a command of its own. */
export const taskReference = z.object({
  template: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Template to start from; the options of the task override it' }),
  task: z.string().min(1).optional().meta({ description: 'Label of a task in tasks.json to run as a job' }),
});

/** A task is named by its label, and depends on other tasks: both are the editor's own. */
const ofTheEditor: readonly string[] = ['name', 'dependsOn'];

/** What a task of our type says besides what every task of tasks.json does. The manifest is made of it. */
export const taskDefinition = taskReference.extend({
  ...Object.fromEntries(Object.entries(jobDefinition.shape).filter(([name]) => !ofTheEditor.includes(name))),
  // The editor takes tasks of one definition for one task, so the label has to be a part of it.
  label: z.string().optional().meta({ description: 'Name of the task and of its job' }),
});
