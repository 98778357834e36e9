import { execa } from 'execa';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pinnedNode, top } from '../../scripts/editor/places.ts';
import { removeFolder, temporaryFolder } from '../../scripts/editor/temporary.ts';

let made: Promise<string> | undefined;

/** Beside the manifest and the bundles: see .vscodeignore. */
const files = ['.vscodeignore', 'media', 'l10n', 'package.nls.json', 'package.nls.de.json'];
const texts = ['README.md', 'CHANGELOG.md', 'LICENSE'];

/**
 * Builds the package that users install, once per test process. Pass it to an editor in the option `packages`. It is made in
 * a folder of its own: dist/ is what the editors of other tests are loading.
 * @returns the path of out/background-jobs.vsix
 */
export function packageExtension(): Promise<string> {
  made ??= make();
  return made;
}

async function make(): Promise<string> {
  const path = join(top, 'out', 'background-jobs.vsix');
  const folder = temporaryFolder('bgj');
  try {
    for (const name of [...files, ...texts]) cpSync(join(top, name), join(folder, name), { recursive: true });
    const manifest = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    const [program = '', ...build] = manifest.scripts['vscode:prepublish']?.split(' ') ?? [];
    await execa(program, [...build, `--outdir=${join(folder, 'dist')}`], { cwd: top, preferLocal: true });
    delete manifest.scripts['vscode:prepublish'];
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    const vsce = join(top, 'node_modules', '@vscode', 'vsce', 'vsce');
    const args = ['package', '--no-rewrite-relative-links', '--no-dependencies', '--out', path];
    await execa(pinnedNode, [vsce, ...args], { cwd: folder, stdin: 'ignore' });
  } finally {
    removeFolder(folder);
  }
  return path;
}
