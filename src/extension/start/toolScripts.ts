import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { quoteArgument } from '../../text/quoting.ts';
import type { Parameter, Script } from './scripts.ts';

/** An answer takes a few milliseconds. */
const timeoutMs = 5000;
const maxAnswerBytes = 16 * 1024 ** 2;

/** A tool that lists what it can run. */
interface ListingTool {
  /** @param file that it reads, in the folder where it runs */
  args: (file: string) => string[];
  /** Keeps it from loading anything. */
  env?: NodeJS.ProcessEnv;
  /** @throws Error for anything but its answer */
  read: (answer: string, file: string) => Script[];
}

const listingTools = {
  just: {
    args: (file) => ['--justfile', file, '--dump', '--dump-format', 'json'],
    read: (answer) => justScripts(JSON.parse(answer)),
  },
  task: {
    args: (file) => ['--taskfile', file, '--list-all', '--json', '--no-status'],
    read: (answer) =>
      taskList
        .parse(JSON.parse(answer))
        // A name with a `*` is a pattern.
        .tasks.filter(({ name }) => !name.includes('*'))
        .map(({ name, desc }) => ({ name, description: desc, command: `task ${quoteArgument(name)}` })),
  },
  mise: {
    args: () => ['tasks', 'ls', '--json', '--local'],
    read: (answer, file) =>
      miseTasks
        .parse(JSON.parse(answer))
        // Those of folders above are in the list of their own file.
        .filter(({ source }) => !relative(dirname(file), source).startsWith('..'))
        .map(({ name, description }) => ({ name, description, command: `mise run ${quoteArgument(name)}` })),
  },
  cargo: {
    args: (file) => ['metadata', '--no-deps', '--offline', '--format-version', '1', '--manifest-path', file],
    env: { RUSTUP_AUTO_INSTALL: '0' },
    read: (answer, file) =>
      cargoMetadata
        .parse(JSON.parse(answer))
        .packages.filter((one) => relative(one.manifest_path, file) === '')
        .flatMap(({ targets }) => targets.flatMap(cargoScripts)),
  },
  go: {
    args: () => ['list', '-e', '-find', '-f', '{{if eq .Name "main"}}{{.Dir}}{{"\\t"}}{{.Doc}}{{end}}', './...'],
    env: { GOPROXY: 'off', GOTOOLCHAIN: 'local' },
    read: (answer, file) =>
      answer.split('\n').flatMap((line) => {
        const [folder = '', description = ''] = line.split('\t');
        const place = relative(dirname(file), folder).replaceAll(sep, '/');
        if (folder === '') return [];
        return {
          name: place || '.',
          description,
          command: `go run ${quoteArgument(place === '' ? '.' : `./${place}`)}`,
        };
      }),
  },
} satisfies Record<string, ListingTool>;
export type ToolName = keyof typeof listingTools;

/**
 * What a tool lists for one of its files, as it reads the file itself. There is nothing where the tool is not installed,
 * because nothing could be run, and where the file has errors.
 * @param file absolute path
 */
export async function toolScripts(
  tool: ToolName,
  file: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Script[]> {
  const { args, env: own, read }: ListingTool = listingTools[tool];
  const options = { timeout: timeoutMs, maxBuffer: maxAnswerBytes, windowsHide: true, env: { ...env, ...own } };
  try {
    // Tools answer with real paths.
    const cwd = await realpath(dirname(file));
    const real = join(cwd, basename(file));
    const answer = promisify(execFile)(tool, args(real), { ...options, cwd });
    answer.child.stdin?.end();
    return read((await answer).stdout, real);
  } catch {
    return [];
  }
}

const recipe = z.object({
  name: z.string(),
  doc: z.string().nullish(),
  private: z.boolean().default(false),
  attributes: z.array(z.unknown()).default([]),
  /** By their names within the module. */
  dependencies: z.array(z.object({ recipe: z.string() })).default([]),
  /** The kind is `singular`, `plus` (one or more words) or `star` (any number of words). */
  parameters: z.array(
    z.object({
      name: z.string(),
      kind: z.string(),
      default: z.unknown().optional(),
      /** The names of an option, what it stands for without a value, and whether it is only there or not. */
      long: z.string().nullish(),
      short: z.string().nullish(),
      value: z.string().nullish(),
      flag: z.boolean().default(false),
    }),
  ),
});
type Recipe = z.output<typeof recipe>;

/** The part that is read of what `just --dump --dump-format json` prints, as tests/json.rs of casey/just has it. */
const justDump = z.object({
  recipes: z.record(z.string(), recipe),
  aliases: z
    .record(
      z.string(),
      z.object({ name: z.string(), target: z.string(), attributes: z.array(z.unknown()).default([]) }),
    )
    .default({}),
  /** By name, a dump of each. */
  modules: z.record(z.string(), z.unknown()).default({}),
});

const confirmed = z.object({ confirm: z.string().nullable() });

function justScripts(dump: unknown): Script[] {
  const recipes = recipesOf(dump, '');
  const confirmationsOf = (path: string): string[] => {
    const one = recipes.get(path);
    const own = one?.attributes.flatMap((attribute) => confirmed.safeParse(attribute).data ?? []) ?? [];
    const before = one?.dependencies.flatMap((other) => confirmationsOf(`${one.module}${other.recipe}`)) ?? [];
    return [...own.map(({ confirm }) => confirm ?? `Run recipe \`${one?.name}\`?`), ...before];
  };
  return [...recipes].flatMap(([path, { doc, parameters, ...one }]) => {
    if (one.private) return [];
    const confirmations = confirmationsOf(path);
    const required = parameters.filter((two) => two.kind !== 'star' && (two.default ?? null) === null && !two.flag);
    // An option that stands for one value has to be there all the same.
    const switches = required.filter(({ value }) => (value ?? null) !== null).map((two) => ` ${optionOf(two)}`);
    return {
      name: path,
      description: doc ?? '',
      command: `just ${confirmations.length > 0 ? '--yes ' : ''}${path}${switches.join('')}`,
      required: required.filter(({ value }) => (value ?? null) === null).map(parameterOf),
      ...(confirmations.length > 0 && { confirmation: confirmations.join('\n') }),
    };
  });
}

/**
 * All recipes, by their names with those of the modules that they are in: `tools::format`. An alias is left to its
 * recipe, as in the list of just, except that of a recipe in a module.
 * @throws ZodError for anything but a dump
 */
function recipesOf(dump: unknown, module: string): Map<string, Recipe & { module: string }> {
  const { recipes, aliases, modules } = justDump.parse(dump);
  const own = Object.values(recipes).map((one) => [`${module}${one.name}`, { ...one, module }] as const);
  const nested = Object.entries(modules).flatMap(([name, inner]) => [...recipesOf(inner, `${module}${name}::`)]);
  const aliased = Object.values(aliases).flatMap(({ name, target, attributes }) => {
    if (target in recipes) return [];
    // The dump does not tell the module.
    const [one, another] = nested.filter(([, found]) => found.name === target);
    if (one === undefined || another !== undefined) return [];
    const isPrivate = name.startsWith('_') || attributes.includes('private');
    return [[`${module}${name}`, { ...one[1], private: isPrivate }] as const];
  });
  return new Map([...own, ...aliased, ...nested]);
}

function parameterOf({ name, kind, ...names }: Recipe['parameters'][number]): Parameter {
  const option = optionOf(names);
  return { name, several: kind === 'plus', ...(option !== undefined && { option }) };
}

function optionOf({ long, short }: Pick<Recipe['parameters'][number], 'long' | 'short'>): string | undefined {
  return long ? `--${long}` : short ? `-${short}` : undefined;
}

const taskList = z.object({ tasks: z.array(z.object({ name: z.string(), desc: z.string().default('') })) });
const miseTasks = z.array(z.object({ name: z.string(), description: z.string().default(''), source: z.string() }));

const cargoTarget = z.object({
  kind: z.array(z.string()),
  name: z.string(),
  'required-features': z.array(z.string()).default([]),
});
const cargoMetadata = z.object({
  packages: z.array(z.object({ manifest_path: z.string(), targets: z.array(cargoTarget) })),
});
const cargoCommands: Readonly<Record<string, string>> = {
  bin: 'run --bin',
  example: 'run --example',
  test: 'test --test',
  bench: 'bench --bench',
};

function cargoScripts({ kind, name, 'required-features': features }: z.output<typeof cargoTarget>): Script[] {
  const more = features.length === 0 ? '' : ` --features ${quoteArgument(features.join(','))}`;
  return kind.flatMap((one) => {
    const command = cargoCommands[one];
    return command === undefined ? [] : { name, description: one, command: `cargo ${command} ${name}${more}` };
  });
}
