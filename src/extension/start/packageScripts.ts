import * as z from 'zod';
import { quoteArgument } from '../../text/grammar.ts';

const manifest = z.object({
  scripts: z.record(z.string(), z.unknown()).optional(),
  packageManager: z.string().optional().catch(undefined),
});

const lockFiles = { 'pnpm-lock.yaml': 'pnpm', 'yarn.lock': 'yarn', 'bun.lock': 'bun', 'bun.lockb': 'bun' } as const;

export interface PackageScript {
  name: string;
  /** What the script does. */
  script: string;
  /** The line that runs it. */
  command: string;
}

/**
 * The scripts of a package.json. What cannot be read has none.
 * @param siblings names of the files beside it: a lock file tells the package manager when the manifest does not
 */
export function packageScripts(text: string, siblings: readonly string[]): PackageScript[] {
  const read = manifest.safeParse(parseJson(text));
  if (!read.success) return [];
  const runner = packageManager(read.data.packageManager, siblings);
  return Object.entries(read.data.scripts ?? {}).flatMap(([name, script]) =>
    typeof script === 'string' ? { name, script, command: `${runner} run ${quoteArgument(name)}` } : [],
  );
}

function packageManager(declared: string | undefined, siblings: readonly string[]): string {
  const name = declared?.split('@')[0];
  if (name === 'npm' || name === 'pnpm' || name === 'yarn' || name === 'bun') return name;
  return Object.entries(lockFiles).find(([file]) => siblings.includes(file))?.[1] ?? 'npm';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return null;
  }
}
