import { resolve } from 'node:path';
import * as z from 'zod';
import { dependencyCondition, restartOption, startRequest } from '../api/options.ts';
import { name, text, variableName } from '../api/shapes.ts';
import { restartPolicies } from '../api/values.ts';
import { readVariables, type Folder } from './folder.ts';
import { makeProject, type FoundJob, type Project } from './project.ts';
import type { YamlSource } from './yamlSource.ts';

/** Numbers and booleans are texts, as a variable is. */
const variables = z
  .record(variableName, z.union([text, z.number(), z.boolean()]).transform(String).nullable())
  .optional();
const envFile = z.union([text.min(1), z.array(text.min(1)).max(100)]).optional();

/** The session and the name are those of the file, and `up` decides what runs already. */
const { actor, inheritEnv, inheritEnvFrom, session, array, terminalSize, ...ofStart } = startRequest.shape;
const { idempotencyKey, unlessRunning, name: _name, ...options } = ofStart;

/** What a job of the file can say: the options of a start, some of them in shorter forms. */
const job = z.strictObject({
  ...options,
  cwd: text.min(1).optional().describe('Working directory, relative to the folder of the file (default: that folder)'),
  env: variables.describe('Variables to set, or to remove (null). Their values are stored with the job'),
  envFile: envFile.describe('Files of NAME=value lines, relative to the folder of the file; env overrides them'),
  dependsOn: z
    .union([z.array(name), z.record(name, dependencyCondition)])
    .optional()
    .describe(
      'Names of jobs of this file to wait for, or names with conditions. Without one: ready if that job has ' +
        'readyWhen, otherwise succeeded',
    ),
  restart: z
    .union([z.enum(restartPolicies), restartOption])
    .optional()
    .describe('For servers: restart the job when it ends'),
  profiles: z.array(name).max(20).optional().describe('Start the job only with one of these profiles, or by its name'),
});

const top = z.strictObject({
  name: name.optional().describe('Session of the jobs (default: the name of the folder)'),
  env: variables.describe('Variables of all jobs; those of a job override them'),
  envFile: envFile.describe('Files of NAME=value lines for all jobs, relative to the folder of the file'),
  jobs: z.record(name, z.unknown()),
});

/** `bgjobs.yaml` as a whole. The published JSON schema is made of it. */
export const bgjobsFile = top.extend({ jobs: z.record(name, job).describe('The jobs by their names') });

/** @throws BgJobsError `invalid_request` that names the line */
export function readBgjobsFile(source: YamlSource, folder: Folder): Project {
  const whole = source.read(top, source.value);
  const shared = {
    ...readVariables(folder, lists(whole.envFile), (path) => source.error(['envFile'], path)),
    ...whole.env,
  };
  const found = Object.entries(whole.jobs).map(([name, value]): FoundJob => {
    const path = ['jobs', name];
    const read = source.read(job, value, path);
    // The defaults are left to the host: the definition of a job does not change with them.
    const given = value as z.input<typeof job>;
    const { profiles = [], dependsOn = [], envFile: _files, env: _env, restart, cwd = '.', ...others } = given;
    const needs = Array.isArray(dependsOn)
      ? dependsOn.map((one) => ({ job: one }))
      : Object.entries(dependsOn).map(([one, condition]) => ({ job: one, condition }));
    const request = {
      ...others,
      ...{ name, session: whole.name ?? folder.name, cwd: resolve(folder.path, cwd) },
      env: {
        ...shared,
        ...readVariables(folder, lists(read.envFile), (problem) => source.error([...path, 'envFile'], problem), shared),
        ...read.env,
      },
      ...(restart !== undefined && { restart: typeof restart === 'string' ? { policy: restart } : restart }),
      ...(given.stdin?.type === 'file' && { stdin: { ...given.stdin, path: resolve(folder.path, given.stdin.path) } }),
    };
    const lineOf = (inner: readonly PropertyKey[]): number => source.lineOf([...path, ...inner]);
    return { name, line: lineOf([]), request, needs, profiles, lineOf };
  });
  return makeProject({ file: source.file, session: whole.name ?? folder.name, differences: [] }, found);
}

function lists(files: string | string[] = []): string[] {
  return [files].flat();
}
