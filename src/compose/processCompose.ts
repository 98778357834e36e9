import { resolve } from 'node:path';
import * as z from 'zod';
import type { DependencyCondition, StartRequest } from '../api/options.ts';
import { isRecord } from '../api/values.ts';
import { ifThere, readVariables, type Folder } from './folder.ts';
import { expandVariables, fillTemplate } from './processComposeText.ts';
import { differencesOf, seconds, type Availability } from './processComposeFields.ts';
import { fileError, makeProject, type FoundJob, type Project } from './project.ts';
import { YamlSource } from './yamlSource.ts';

const conditions = {
  process_completed: 'finished',
  process_completed_successfully: 'succeeded',
  process_healthy: 'ready',
  process_started: 'started',
  process_log_ready: 'ready',
} as const satisfies Record<string, DependencyCondition>;

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const texts = z.array(text).default([]);
const values = z.record(z.string(), z.unknown()).nullish();
const condition = z.enum(Object.keys(conditions) as [keyof typeof conditions]);

const process = z.looseObject({
  command: text.optional(),
  entrypoint: z.array(text).optional(),
  working_dir: text.default('.'),
  environment: texts.nullish(),
  env_file: text.optional(),
  is_dotenv_disabled: z.boolean().default(false),
  is_template_disabled: z.boolean().default(false),
  vars: values,
  availability: z
    .looseObject({
      restart: z.enum(['no', 'always', 'on_failure', 'exit_on_failure', '']).default('no'),
      backoff_seconds: seconds.default(1),
      max_restarts: z.coerce.number().int().min(0).default(0),
    })
    .nullish(),
  // What has no condition waits for the end: that is the first of them.
  depends_on: z
    .record(z.string(), z.looseObject({ condition: condition.default('process_completed') }).nullable())
    .nullish(),
  ready_log_line: text.optional(),
  readiness_probe: z
    .looseObject({
      exec: z.looseObject({ command: text, working_dir: text.optional() }).optional(),
      http_get: z
        .looseObject({
          ...{ host: text.default('127.0.0.1'), scheme: text.default('http'), path: text.default('/') },
          port: text.optional(),
        })
        .optional(),
      initial_delay_seconds: seconds.default(0),
      period_seconds: seconds.default(10),
    })
    .nullish(),
  shutdown: z.looseObject({ timeout_seconds: seconds.default(10) }).nullish(),
  disabled: z.boolean().default(false),
  is_disabled: text.default('false'),
  is_foreground: z.boolean().default(false),
  is_tty: z.boolean().default(false),
  is_interactive: z.boolean().default(false),
  namespace: z.union([text, z.array(text)]).optional(),
  replicas: z.int().min(1).max(1000).default(1),
});
type Process = z.output<typeof process>;

const file = z.looseObject({
  name: text.optional(),
  environment: texts.nullish(),
  shell: z.looseObject({ shell_command: text }).nullish(),
  vars: values,
  processes: z.record(z.string(), z.unknown()),
});

export function isProcessCompose(value: unknown): boolean {
  return isRecord(value) && 'processes' in value;
}

/** What a process starts with if the file does not say it. */
const defaultShell = 'bash';
/** How long a probe may take to succeed, as with readyWhen. */
const probeMs = 300_000;

/** @throws BgJobsError `invalid_request` that names the line */
export function readProcessCompose(raw: YamlSource, original: string, folder: Folder): Project {
  const dotEnv = readVariables(folder, ifThere(folder, '.env'), (problem) => fileError(raw.file, 1, problem));
  const isExpanded = !(isRecord(raw.value) && raw.value['disable_env_expansion'] === true);
  const source = isExpanded ? expanded(raw.file, original, { ...folder.env, ...dotEnv }) : raw;
  const whole = source.read(file, source.value);
  const processes = Object.entries(whole.processes).map(
    ([name, value]) => [name, source.read(process, value ?? {}, ['processes', name])] as const,
  );
  const byName = new Map(processes);
  const session = whole.name ?? folder.name;
  const found = processes.flatMap(([name, one]) => {
    const names = replicaNames(name, one);
    return names.flatMap((replica, number) => {
      return jobsOf({ source, folder, whole, byName, session, dotEnv }, { name, replica, number }, one);
    });
  });
  const override = ['yml', 'yaml'].flatMap((end) => ifThere(folder, `process-compose.override.${end}`));
  const differences = [
    ...override.map((field) => ({ line: 1, field, text: 'The file is not read.' })),
    ...differencesOf(source),
  ];
  return makeProject({ file: source.file, session, differences }, found);
}

function expanded(path: string, original: string, env: NodeJS.ProcessEnv): YamlSource {
  const fail = (problem: string, at: number): Error =>
    fileError(path, original.slice(0, at).split('\n').length, problem);
  return new YamlSource(
    path,
    expandVariables(original, (name) => env[name], fail),
  );
}

interface Around {
  source: YamlSource;
  folder: Folder;
  whole: z.output<typeof file>;
  byName: ReadonlyMap<string, Process>;
  session: string;
  dotEnv: Readonly<Record<string, string>>;
}

/** A process, and the job that waits until it is healthy if others need that. */
function jobsOf(
  { source, folder, whole, byName, session, dotEnv }: Around,
  { name, replica, number }: { name: string; replica: string; number: number },
  one: Process,
): FoundJob[] {
  const path = ['processes', name];
  const lineOf = (inner: readonly PropertyKey[]): number => source.lineOf([...path, ...inner]);
  const filled = (text: string, ...field: string[]): string => {
    try {
      return fillTemplate(text, { ...whole.vars, ...one.vars, PC_REPLICA_NUM: number });
    } catch (error) {
      throw source.error([...path, ...field], (error as Error).message);
    }
  };
  const { command, entrypoint, availability, readiness_probe: probe, shutdown } = one;
  const cwd = resolve(folder.path, filled(one.working_dir, 'working_dir'));
  const shell = whole.shell?.shell_command ?? defaultShell;
  const own = Object.entries(one.is_dotenv_disabled ? {} : dotEnv).filter(([key]) => folder.env[key] === undefined);
  const files = one.env_file === undefined ? [] : [resolve(cwd, one.env_file)];
  const env = {
    ...{ PC_PROC_NAME: name, PC_REPLICA_NUM: String(number) },
    ...Object.fromEntries(own),
    ...variablesOf(whole.environment),
    ...readVariables(folder, files, (problem) => source.error([...path, 'env_file'], problem)),
    ...variablesOf(one.environment?.map((text) => filled(text, 'environment'))),
  };
  const common = { session, cwd, env };
  const isDisabled = one.disabled || one.is_disabled === 'true' || one.is_foreground;
  const profiles = isDisabled ? ['disabled'] : [];
  const line = lineOf([]);
  const readyWhen = readyWhenOf(one, filled);
  const request: StartRequest = {
    ...common,
    name: replica,
    ...(command !== undefined || entrypoint === undefined
      ? { command: one.is_template_disabled ? command : filled(command ?? '', 'command'), shell }
      : { argv: entrypoint }),
    ...(availability && againOf(availability)),
    ...(readyWhen && { readyWhen }),
    graceMs: (shutdown?.timeout_seconds ?? 10) * 1000,
    ...((one.is_tty || one.is_interactive) && { tty: true }),
    ...(one.namespace !== undefined && { tags: { namespace: [one.namespace].flat().join(',') } }),
  };
  const needs = Object.entries(one.depends_on ?? {}).flatMap(([needed, given]) => {
    const wanted = conditions[given?.condition ?? 'process_completed'];
    const other = byName.get(needed);
    if (!other) return { job: needed, condition: wanted };
    const isProbed = wanted === 'ready' && !other.ready_log_line && other.readiness_probe?.exec;
    if (wanted === 'ready' && !isProbed && !readyWhenOf(other, String)) {
      const advice = 'Give it a readiness_probe or a ready_log_line, or use process_started.';
      throw source.error([...path, 'depends_on', needed], `nothing says when "${needed}" is ready. ${advice}`);
    }
    return replicaNames(needed, other).map((job) =>
      isProbed ? { job: `${job}-ready`, condition: 'succeeded' as const } : { job, condition: wanted },
    );
  });
  const job = { name: replica, line, request, needs, profiles, lineOf };
  if (!probe?.exec || readyWhen || !isNeededReady(name, byName)) return [job];
  const { exec, initial_delay_seconds: first, period_seconds: period } = probe;
  const test = filled(exec.command, 'readiness_probe', 'exec', 'command');
  const waiting: StartRequest = {
    ...common,
    ...(exec.working_dir !== undefined && { cwd: resolve(folder.path, exec.working_dir) }),
    name: `${replica}-ready`,
    command: `sleep ${first}\nuntil (\n${test}\n); do sleep ${Math.max(1, period)}; done`,
    shell,
    timeoutMs: probeMs,
  };
  const needsIt = [{ job: replica, condition: 'started' as const }];
  return [
    job,
    { name: `${replica}-ready`, line: lineOf(['readiness_probe']), request: waiting, needs: needsIt, profiles, lineOf },
  ];
}

function isNeededReady(name: string, byName: ReadonlyMap<string, Process>): boolean {
  return [...byName.values()].some(({ depends_on: needs }) => {
    const given = needs?.[name]?.condition;
    return given !== undefined && conditions[given] === 'ready';
  });
}

function replicaNames(name: string, { replicas }: Process): string[] {
  if (replicas === 1) return [name];
  const width = String(replicas).length;
  return Array.from({ length: replicas }, (_, number) => `${name}-${String(number).padStart(width, '0')}`);
}

function variablesOf(lines: readonly string[] | null = []): Record<string, string> {
  const pairs = (lines ?? []).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  return Object.fromEntries(pairs.filter(([name]) => name !== '')) as Record<string, string>;
}

function readyWhenOf(
  { ready_log_line: line, readiness_probe: probe }: Process,
  filled: (text: string, ...field: string[]) => string,
): StartRequest['readyWhen'] {
  if (line) return { pattern: line.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') };
  if (!probe?.http_get || probe.exec) return undefined;
  const { scheme, host, port, path } = probe.http_get;
  const at = port === undefined ? host : `${host}:${port}`;
  return { url: filled(`${scheme}://${at}${path}`, 'readiness_probe', 'http_get') };
}

/** Restarts without end, or a number of attempts. */
function againOf({ restart, backoff_seconds: backoff, max_restarts: most }: Availability): Partial<StartRequest> {
  if (restart !== 'always' && restart !== 'on_failure') return {};
  const delayMs = Math.max(1, backoff) * 1000;
  const delays = { delayMs, maxDelayMs: delayMs, backoffFactor: 1, jitter: 0 };
  if (restart === 'on_failure' && most > 0) return { retry: { maxAttempts: Math.min(most + 1, 1000), ...delays } };
  const limit = most > 0 ? { maxRestarts: Math.min(most, 1000), windowMs: 2_147_483_647 } : { maxRestarts: 1000 };
  return { restart: { policy: restart === 'always' ? 'always' : 'on-failure', ...limit, ...delays } };
}
