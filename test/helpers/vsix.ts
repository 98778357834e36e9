import { execa } from 'execa';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pinnedNode, top } from '../../scripts/editor/places.ts';

let made: Promise<string> | undefined;

/**
 * Builds the package that users install, once per test process. Pass it to an editor in the option `packages`. The
 * production bundles stay in dist/.
 * @returns the path of out/background-jobs.vsix
 */
export function packageExtension(): Promise<string> {
  made ??= make();
  return made;
}

async function make(): Promise<string> {
  const path = join(top, 'out', 'background-jobs.vsix');
  mkdirSync(join(top, 'out'), { recursive: true });
  const vsce = join(top, 'node_modules', '@vscode', 'vsce', 'vsce');
  await execa(pinnedNode, [vsce, 'package', '--no-rewrite-relative-links', '--out', path], {
    cwd: top,
    stdin: 'ignore',
  });
  return path;
}
