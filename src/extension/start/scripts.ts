import { parse, type ParseError } from 'jsonc-parser';
import { detect } from 'package-manager-detector/detect';
import * as z from 'zod';
import { quoteArgument } from '../../text/quoting.ts';

/** What a file of the workspace names that can be run: a script, a target, a recipe, a task. */
export interface Script {
  name: string;
  /** What it does, as far as its file tells. */
  description: string;
  /** The line that runs it, without its parameters. */
  command: string;
  /** The parameters without a default, in order; their values follow the line. */
  required?: readonly Parameter[];
  /** What its tool would ask before it runs; the line answers yes. */
  confirmation?: string;
}

export interface Parameter {
  name: string;
  /** Whether it takes one or more words. */
  several: boolean;
  /** How its value is given, for example `--name`; absent where it is given by its place. */
  option?: string;
}

const packageManifest = z.object({ scripts: z.record(z.string(), z.unknown()) });

/**
 * The scripts of a package.json. One that cannot be read has none.
 * @param folder absolute path of its folder. `packageManager` or a lock file, there or in a folder above, names the
 * package manager; it is npm otherwise
 * @param runner what the user has chosen instead
 */
export async function packageScripts(text: string, folder: string, runner?: string): Promise<Script[]> {
  const manifest = packageManifest.safeParse(parseJson(text));
  if (!manifest.success) return [];
  const manager = runner ?? (await detect({ cwd: folder }))?.name ?? 'npm';
  const run = { deno: 'deno task', node: 'node --run' }[manager] ?? `${manager} run`;
  return Object.entries(manifest.data.scripts).flatMap(([name, script]) =>
    typeof script === 'string' ? { name, description: script, command: `${run} ${quoteArgument(name)}` } : [],
  );
}

const denoConfig = z.object({
  tasks: z.record(
    z.string(),
    z.union([z.string(), z.object({ command: z.string().default(''), description: z.string().optional() })]),
  ),
});

/** The tasks of a deno.json or deno.jsonc. */
export function denoTasks(text: string): Script[] {
  const { tasks = {} } = denoConfig.safeParse(parseJson(text)).data ?? {};
  return Object.entries(tasks).map(([name, task]) => ({
    name,
    description: typeof task === 'string' ? task : (task.description ?? task.command),
    command: `deno task ${quoteArgument(name)}`,
  }));
}

const composerManifest = z.object({
  scripts: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  'scripts-descriptions': z.record(z.string(), z.string()).default({}),
});

/** The scripts of a composer.json. */
export function composerScripts(text: string): Script[] {
  const manifest = composerManifest.safeParse(parseJson(text));
  if (!manifest.success) return [];
  const { scripts, 'scripts-descriptions': descriptions } = manifest.data;
  return Object.entries(scripts).map(([name, script]) => ({
    name,
    description: descriptions[name] ?? [script].flat().join(', '),
    command: `composer run-script ${quoteArgument(name)}`,
  }));
}

/** The processes of a Procfile: each line names one, and has the shell line that it runs. */
export function procfileProcesses(text: string): Script[] {
  return [...text.matchAll(/^([\w-]+):[ \t]*(\S.*?)[ \t]*\r?$/gm)].map(([, name = '', command = '']) => ({
    name,
    description: name,
    command,
  }));
}

/** JSON with comments and trailing commas, as Deno reads it. Undefined for a text with errors. */
function parseJson(text: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(text.replace(/^\uFEFF/, ''), errors, { allowTrailingComma: true });
  return errors.length === 0 ? value : undefined;
}
