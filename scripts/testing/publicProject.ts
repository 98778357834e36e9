import { execa } from 'execa';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from '../editor/npm.ts';
import { cache } from '../editor/places.ts';
import { removeFolder } from '../editor/temporary.ts';

/** Microsoft's generator of extensions (https://github.com/microsoft/vscode-generator-code, MIT). */
const source = 'generator-code-1.12.0';

/** Returns the folder of a third-party project, downloaded once, so that its tasks.json is tested unchanged. */
export async function publicProject(): Promise<string> {
  const home = join(cache, source);
  if (!existsSync(home)) {
    const unfinished = `${home}.fetching-${process.pid}`;
    mkdirSync(unfinished, { recursive: true });
    await npm(unfinished, ['pack', source.replace(/-(?=[\d.]+$)/, '@')]);
    await execa('tar', ['-xzf', `${source}.tgz`], { cwd: unfinished });
    if (!existsSync(home)) renameSync(unfinished, home);
    removeFolder(unfinished);
  }
  return join(home, 'package', 'generators', 'app', 'templates', 'ext-command-ts', 'vscode-esbuild');
}
