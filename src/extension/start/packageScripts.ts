import { detect, resolveCommand } from 'package-manager-detector';
import * as z from 'zod';
import { quoteArgument } from '../../text/grammar.ts';

const manifest = z.object({ scripts: z.record(z.string(), z.unknown()) });

export interface PackageScript {
  name: string;
  /** What the script does. */
  description: string;
  /** The line that runs it. */
  command: string;
}

/**
 * The scripts of a package.json. One that cannot be read has none.
 * @param folder absolute path of its folder. `packageManager` or a lock file, there or in a folder above, names the
 * package manager; it is npm otherwise
 */
export async function packageScripts(text: string, folder: string): Promise<PackageScript[]> {
  const read = manifest.safeParse(parseJson(text));
  if (!read.success) return [];
  const agent = (await detect({ cwd: folder }))?.agent ?? 'npm';
  return Object.entries(read.data.scripts).flatMap(([name, script]) => {
    if (typeof script !== 'string') return [];
    const { command, args } = resolveCommand(agent, 'run', [name]) ?? { command: 'npm', args: ['run', name] };
    return { name, description: script, command: [command, ...args].map(quoteArgument).join(' ') };
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return null;
  }
}
