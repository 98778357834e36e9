import { downloadAndUnzipVSCode, SilentReporter } from '@vscode/test-electron';
import { existsSync, globSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import which from 'which';
import { cache } from './places.ts';

export interface Desktop {
  /** The program to start, and the arguments that come before those of VS Code. */
  command: string;
  before: string[];
}

/** The version that tests download. It is the version of the VS Code server. */
const version = '1.139.1';
const refused = join(cache, 'desktop-download-refused');
const dayMs = 24 * 3600_000;

/** A desktop VS Code to work in: the one in `VSCODE_PATH`, or the one that is installed on this machine. */
export function desktopForUse(): Desktop | undefined {
  if (!hasDisplay()) return undefined;
  const command = named() ?? which.sync('code', { nothrow: true }) ?? cached();
  return command ? { command, before: [] } : undefined;
}

/**
 * A desktop VS Code to run tests in: the one in `VSCODE_PATH`, or a downloaded one. A failed download is not retried
 * for a day.
 */
export async function desktopForTests(): Promise<Desktop | undefined> {
  const virtualDisplay = hasDisplay() ? null : which.sync('xvfb-run', { nothrow: true });
  if (!hasDisplay() && !virtualDisplay) return undefined;
  const command = named() ?? cached() ?? (await download());
  if (!command) return undefined;
  return virtualDisplay ? { command: virtualDisplay, before: ['-a', command] } : { command, before: [] };
}

function hasDisplay(): boolean {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
}

function named(): string | undefined {
  const path = process.env.VSCODE_PATH;
  if (path && !existsSync(path)) throw new Error(`VSCODE_PATH is set to ${path}, which does not exist.`);
  return path;
}

function cached(): string | undefined {
  const places = ['code', 'Code.exe', 'Visual Studio Code.app/Contents/MacOS/*'];
  const found = globSync(
    places.map((place) => `vscode-*-${version}/${place}`),
    { cwd: cache },
  );
  return found[0] && join(cache, found[0]);
}

async function download(): Promise<string | undefined> {
  if (existsSync(refused) && Date.now() - statSync(refused).mtimeMs < dayMs) return undefined;
  mkdirSync(cache, { recursive: true });
  console.log(`Downloading VS Code ${version} (only once) …`);
  try {
    return await downloadAndUnzipVSCode({ version, cachePath: cache, timeout: 5000, reporter: new SilentReporter() });
  } catch (error) {
    console.log(`Could not download VS Code (${(error as Error).message}). The VS Code server is used instead.`);
    writeFileSync(refused, new Date().toISOString());
    return undefined;
  }
}
