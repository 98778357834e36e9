import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as z from 'zod';

export interface JustRecipe {
  /** With the names of the modules that it is in: `tools::format`. */
  name: string;
  /** The comment above it. */
  description: string;
  /** The parameters without a default, in order. */
  required: JustParameter[];
}

export interface JustParameter {
  name: string;
  /** Whether it takes one or more words. */
  several: boolean;
}

/** A dump takes a few milliseconds. */
const timeoutMs = 5000;
const maxDumpBytes = 16 * 1024 ** 2;

const recipe = z.object({
  name: z.string(),
  /** Absent before just 1.27. */
  namepath: z.string().optional(),
  doc: z.string().nullish(),
  private: z.boolean().default(false),
  /** The kind is `singular`, `plus` (one or more words) or `star` (any number of words). */
  parameters: z.array(z.object({ name: z.string(), kind: z.string(), default: z.unknown().optional() })),
});

/** The part that is read of what `just --dump --dump-format json` prints, as tests/json.rs of casey/just has it. */
const justDump = z.object({
  recipes: z.record(z.string(), recipe),
  /** By name, a dump of each. */
  modules: z.record(z.string(), z.unknown()).default({}),
});

/**
 * The public recipes of a justfile and of its modules, as just itself reads it. There are none where just is not
 * installed: it could not run them either.
 * @param file absolute path
 */
export async function justRecipes(file: string, env = process.env): Promise<JustRecipe[]> {
  const args = ['--justfile', file, '--dump', '--dump-format', 'json'];
  try {
    const options = { env, timeout: timeoutMs, maxBuffer: maxDumpBytes, windowsHide: true };
    const { stdout } = await promisify(execFile)('just', args, options);
    return recipesOf(JSON.parse(stdout));
  } catch {
    return []; // There is no just, or the file has errors.
  }
}

/** @throws ZodError for anything but a dump */
function recipesOf(dump: unknown): JustRecipe[] {
  const { recipes, modules } = justDump.parse(dump);
  const own = Object.values(recipes).flatMap(({ name, namepath = name, doc, parameters, ...rest }) => {
    const required = parameters.filter(({ kind, default: value }) => kind !== 'star' && (value ?? null) === null);
    return rest.private
      ? []
      : {
          name: namepath,
          description: doc ?? '',
          required: required.map((one) => ({ name: one.name, several: one.kind === 'plus' })),
        };
  });
  return [...own, ...Object.values(modules).flatMap(recipesOf)];
}
