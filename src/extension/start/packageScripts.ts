import { detect } from 'package-manager-detector/detect';
import { quoteArgument } from '../../text/grammar.ts';
import { isRecord } from '../base/readableText.ts';

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
  const manifest = parseJson(text);
  const scripts = isRecord(manifest) ? manifest['scripts'] : undefined;
  if (!isRecord(scripts)) return [];
  const manager = (await detect({ cwd: folder }))?.name ?? 'npm';
  const run = manager === 'deno' ? 'deno task' : `${manager} run`;
  return Object.entries(scripts).flatMap(([name, script]) =>
    typeof script === 'string' ? { name, description: script, command: `${run} ${quoteArgument(name)}` } : [],
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return null;
  }
}
