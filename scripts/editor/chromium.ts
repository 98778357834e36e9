import { execa } from 'execa';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import which from 'which';
import { pinnedNode, top } from './places.ts';

/** Starts a headless Chromium with a fresh profile. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: await provideChromium(),
    timeout: 60_000,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'],
  });
}

/** The path of a Chromium or Chrome; gets one where there is none and it may. */
export async function provideChromium(): Promise<string> {
  const found =
    findChromium() ?? ((await installFromDebian()) || (await installFromPlaywright()) ? findChromium() : undefined);
  if (found) return found;
  throw new Error(
    'The tests in the VS Code workbench need Chromium or Chrome. Install one (on Debian: apt-get install chromium), ' +
      'or name it in CHROMIUM_PATH.',
  );
}

function findChromium(): string | undefined {
  const named = process.env.CHROMIUM_PATH;
  if (named) {
    if (!existsSync(named)) throw new Error(`CHROMIUM_PATH names ${named}, which is not there.`);
    return named;
  }
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
  const onPath = names.map((name) => which.sync(name, { nothrow: true })).find((path) => path !== null);
  return onPath ?? [...usualPlaces(), chromium.executablePath()].find((path) => existsSync(path));
}

function usualPlaces(): string[] {
  const { ProgramFiles, LOCALAPPDATA } = process.env;
  const windows = [ProgramFiles, process.env['ProgramFiles(x86)'], LOCALAPPDATA].flatMap((folder) =>
    folder ? [join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe')] : [],
  );
  const mac = ['', homedir()].flatMap((folder) => [
    `${folder}/Applications/Google Chrome.app/Contents/MacOS/Google Chrome`,
    `${folder}/Applications/Chromium.app/Contents/MacOS/Chromium`,
  ]);
  return process.platform === 'win32' ? windows : process.platform === 'darwin' ? mac : [];
}

/** Ubuntu's package of that name is only a pointer to a snap, so this is for Debian alone. */
async function installFromDebian(): Promise<boolean> {
  const isDebian = existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
  if (!isDebian || process.getuid?.() !== 0) return false;
  console.log('Installing Chromium from the packages of Debian (once) …');
  const apt = (...args: string[]) =>
    execa('apt-get', ['-qq', ...args], { env: { DEBIAN_FRONTEND: 'noninteractive' }, all: true, reject: false });
  await apt('update');
  const result = await apt('install', '-y', '--no-install-recommends', 'chromium');
  if (result.failed) console.error(`apt-get could not install it:\n${result.all}`);
  return !result.failed;
}

async function installFromPlaywright(): Promise<boolean> {
  console.log('Downloading Chromium (once) …');
  const cli = join(top, 'node_modules', 'playwright-core', 'cli.js');
  const args = [cli, 'install', 'chromium', '--no-shell'];
  const result = await execa(pinnedNode, args, { all: true, reject: false, timeout: 300_000 });
  if (result.failed)
    console.error(`It could not be downloaded: ${/Error: .*/.exec(result.all)?.[0] ?? result.shortMessage}`);
  return !result.failed;
}
