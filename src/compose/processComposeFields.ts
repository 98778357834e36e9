import * as z from 'zod';
import { isRecord } from '../api/values.ts';
import type { Difference } from './project.ts';
import type { YamlSource } from './yamlSource.ts';

export const seconds = z.coerce.number().min(0).max(1_000_000);

export interface Availability {
  restart: string;
  backoff_seconds: number;
  max_restarts: number;
}

/** What a field is here: `same`, `display` if it only concerns what process-compose shows, or how it differs. */
type Meaning = 'same' | 'display' | ((value: unknown) => string | undefined) | { readonly [field: string]: Meaning };

const unused = 'It is not used.';
const notUsed = (): string => unused;
/** Only a value that asks for something. */
const ifSet =
  (text: string) =>
  (value: unknown): string | undefined =>
    value === false || value === 0 || value === null ? undefined : text;

const probed =
  'It is waited for once, for at most 5 minutes; the other times and thresholds of the probe are not used.';

const ofProcess: Readonly<Record<string, Meaning>> = {
  ...same('command', 'entrypoint', 'working_dir', 'environment', 'env_file', 'vars', 'depends_on', 'ready_log_line'),
  ...same('is_dotenv_disabled', 'is_template_disabled', 'is_tty', 'is_interactive', 'replicas'),
  ...display('description', 'disable_ansi_colors', 'truncate_log', 'log_configuration', 'monitor_for'),
  ...display('monitor_silence_threshold'),
  log_location: () => 'The log is kept by the job host: see bgjobs logs.',
  availability: {
    ...same('backoff_seconds', 'max_restarts'),
    restart: (value) =>
      value === 'exit_on_failure' ? 'The job is not restarted, and the others go on if it fails.' : undefined,
    exit_on_end: ifSet('The others go on when the job ends.'),
    exit_on_skipped: ifSet('The others go on when the job is not started.'),
  },
  readiness_probe: (value) =>
    isRecord(value) && value['exec'] !== undefined
      ? `For jobs that wait for it, its command runs as a job of its own (NAME-ready). ${probed}`
      : probed,
  liveness_probe: () => 'The job is not probed while it runs.',
  shutdown: {
    ...same('timeout_seconds'),
    command: () => 'The job is stopped with SIGTERM.',
    signal: (value) => (Number(value) === 15 ? undefined : 'The job is stopped with SIGTERM.'),
    parent_only: ifSet('All processes of the job are stopped.'),
    send_keys: () => 'The job is stopped with SIGTERM.',
  },
  disabled: ifSet('The job is started by its name, or with --profile disabled.'),
  is_disabled: (value) =>
    String(value) === 'true' ? 'The job is started by its name, or with --profile disabled.' : undefined,
  is_foreground: ifSet('The job is started by its name, or with --profile disabled, and runs in the background.'),
  is_daemon: ifSet(
    'The job ends with its command. What it leaves running is shown with the job, and bgjobs kill NAME ends it.',
  ),
  is_elevated: ifSet('The job runs without more rights.'),
  namespace: () => 'It is a tag of the job, and does not choose what is started.',
};

const ofFile: Readonly<Record<string, Meaning>> = {
  ...same('name', 'processes', 'environment', 'vars', 'disable_env_expansion'),
  ...display('version', 'log_level', 'log_length', 'log_configuration', 'log_format', 'is_strict', 'is_tui_disabled'),
  // Jobs are always stopped in the reverse order of their dependencies.
  ...display('ordered_shutdown'),
  shell: {
    ...same('shell_command', 'elevated_shell_command', 'elevated_shell_argument'),
    shell_argument: (value) => (value === '-c' ? undefined : 'The argument is always -c.'),
  },
  log_location: () => 'The logs are kept by the job host: see bgjobs logs.',
  extends: () => 'The other file is not read.',
  env_cmds: () => 'The commands are not run, and their variables are not set.',
};

/** Everything in the file that means something else here, or nothing. */
export function differencesOf(source: YamlSource): Difference[] {
  const value = isRecord(source.value) ? source.value : {};
  const { processes } = value;
  const inside = Object.entries(isRecord(processes) ? processes : {}).flatMap(([name, one]) =>
    differences(source, ofProcess, one, ['processes', name]),
  );
  return [...differences(source, ofFile, value, []), ...inside].sort((a, b) => a.line - b.line);
}

function differences(
  source: YamlSource,
  meanings: { readonly [field: string]: Meaning },
  value: unknown,
  path: readonly string[],
): Difference[] {
  return Object.entries(isRecord(value) ? value : {}).flatMap(([field, inner]) => {
    const at = [...path, field];
    const meaning = Object.hasOwn(meanings, field) ? meanings[field]! : notUsed;
    // Extensions mean nothing to process-compose either.
    if (meaning === 'same' || meaning === 'display' || field.startsWith('x-')) return [];
    if (typeof meaning === 'object') return differences(source, meaning, inner, at);
    const text = meaning(inner);
    return text === undefined ? [] : { line: source.lineOf(at), field: at.join('.'), text };
  });
}

function same(...fields: string[]): Record<string, Meaning> {
  return Object.fromEntries(fields.map((field) => [field, 'same'] as const));
}

function display(...fields: string[]): Record<string, Meaning> {
  return Object.fromEntries(fields.map((field) => [field, 'display'] as const));
}
