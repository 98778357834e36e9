import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './npm.ts';
import { cache } from './places.ts';
import { isAlive } from './processes.ts';
import { removeFolder } from './temporary.ts';

/** Version of the npm package `code-server`, which contains a complete VS Code server. 4.139.1 is VS Code 1.139.1. */
const version = '4.139.1';
const home = join(cache, `server-${version}-${process.platform}-${process.arch}`);

/**
 * Installs the VS Code server once, and returns the folder that contains `out/server-main.js`.
 *
 * It is installed in a temporary folder, which gets its final name when it is complete. So a folder with that name is
 * always complete, and if two processes install the server at the same time, the first installation is kept.
 */
export async function installServer(): Promise<string> {
  if (process.platform === 'win32') {
    throw new Error('The VS Code server does not run on Windows. Install VS Code, or set VSCODE_PATH to its path.');
  }
  if (!existsSync(home)) {
    removeInterrupted();
    const unfinished = `${home}.installing-${process.pid}`;
    const started = Date.now();
    console.log(`Downloading the VS Code server ${version} (only once, about 45 MB) …`);
    try {
      await install(unfinished);
      keepFirst(unfinished);
    } catch (error) {
      throw new Error(`The VS Code server could not be installed. ${(error as Error).message}`, { cause: error });
    } finally {
      removeFolder(unfinished);
    }
    console.log(`Installed the VS Code server in ${Math.round((Date.now() - started) / 1000)} s.`);
  }
  return join(home, 'node_modules', 'code-server', 'lib', 'vscode');
}

async function install(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private": true}\n');
  await npm(folder, ['install', '--ignore-scripts', `code-server@${version}`]);
  const vscode = join(folder, 'node_modules', 'code-server', 'lib', 'vscode');
  const dependencies = ['install', '--omit=dev', '--ignore-scripts'];
  console.log('Installing the packages of the server and of its extensions …');
  await Promise.all([npm(vscode, dependencies), npm(join(vscode, 'extensions'), dependencies)]);
  replaceLogWriter(vscode);
}

/** The server's own writer has to be compiled, which takes longer than all the rest. */
function replaceLogWriter(vscode: string): void {
  const folder = join(vscode, 'node_modules', '@vscode', 'spdlog');
  cpSync(join(import.meta.dirname, 'plainLog.mjs'), join(folder, 'index.mjs'));
  writeFileSync(join(folder, 'package.json'), '{"main": "index.mjs"}\n');
}

function keepFirst(unfinished: string): void {
  try {
    renameSync(unfinished, home);
  } catch (error) {
    if (!existsSync(home)) throw error;
  }
}

/** An unfinished installation has the pid of its process in its name. If that process is gone, it was interrupted. */
function removeInterrupted(): void {
  mkdirSync(cache, { recursive: true });
  for (const name of readdirSync(cache)) {
    const pid = /^server-.*\.installing-(\d+)$/.exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) removeFolder(join(cache, name));
  }
}
