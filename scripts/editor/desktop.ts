import { downloadAndUnzipVSCode, SilentReporter } from '@vscode/test-electron';
import { existsSync, globSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import which from 'which';
import { cache } from './places.ts';

export interface Desktop {
  /** What to start, and the arguments that come before VS Code's own. */
  command: string;
  before: string[];
}

/** The version that tests download: the one that the VS Code server is made of. */
const version = '1.139.1';
const refused = join(cache, 'desktop-download-refused');
const dayMs = 24 * 3600_000;

/** A desktop VS Code to work in: the one named in `VSCODE_PATH` or installed here. */
export function desktopForUse(): Desktop | undefined {
  if (!hasDisplay()) return undefined;
  const command = named() ?? which.sync('code', { nothrow: true }) ?? cached();
  return command ? { command, before: [] } : undefined;
}

/**
 * A desktop VS Code to run tests in: the one named in `VSCODE_PATH`, or a download of our own. A download that fails
 * is not tried again for a day.
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
  if (path && !existsSync(path)) throw new Error(`VSCODE_PATH names ${path}, which is not there.`);
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
  console.log(`Downloading VS Code ${version} (once) …`);
  try {
    return await downloadAndUnzipVSCode({ version, cachePath: cache, timeout: 5000, reporter: new SilentReporter() });
  } catch (error) {
    console.log(`It could not be downloaded (${(error as Error).message}): the VS Code server takes its place.`);
    writeFileSync(refused, new Date().toISOString());
    return undefined;
  }
}
