import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import which from 'which';
import { installFromDebian } from './packages.ts';
import { pinnedNode, top } from './places.ts';

/** Starts a headless Chromium with a fresh profile. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: await provideChromium(),
    timeout: 60_000,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'],
  });
}

/** Returns the path of Chromium or Chrome. If none is found, installs one where that is possible. */
export async function provideChromium(): Promise<string> {
  const found =
    findChromium() ??
    ((await installFromDebian('chromium')) || (await installFromPlaywright()) ? findChromium() : undefined);
  if (found) return found;
  throw new Error(
    'The tests in the VS Code workbench need Chromium or Chrome. Install one (on Debian: apt-get install chromium), ' +
      'or set CHROMIUM_PATH to its path.',
  );
}

function findChromium(): string | undefined {
  const named = process.env.CHROMIUM_PATH;
  if (named) {
    if (!existsSync(named)) throw new Error(`CHROMIUM_PATH is set to ${named}, which does not exist.`);
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

async function installFromPlaywright(): Promise<boolean> {
  console.log('Downloading Chromium (only once) …');
  const cli = join(top, 'node_modules', 'playwright-core', 'cli.js');
  const args = [cli, 'install', 'chromium', '--no-shell'];
  const result = await execa(pinnedNode, args, { all: true, reject: false, timeout: 300_000 });
  if (result.failed)
    console.error(`Could not download Chromium: ${/Error: .*/.exec(result.all)?.[0] ?? result.shortMessage}`);
  return !result.failed;
}
