import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import which from 'which';
import { npm } from './npm.ts';

/** Whether there is what node-gyp needs to build the server's native modules. */
export function hasToolchain(): boolean {
  const found = (...names: string[]) => names.some((name) => which.sync(name, { nothrow: true }) !== null);
  return found('c++', 'g++', 'clang++') && found('make', 'gmake') && found('python3', 'python');
}

/**
 * node-gyp would get Node's headers from nodejs.org; the npm package of the same Node has them too, and npm is there
 * in any case. Without that package, node-gyp is left to its own way.
 */
export async function fetchHeaders(folder: string): Promise<string | undefined> {
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  const name = `${prefix}-${process.platform}-${process.arch}`;
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"private": true}\n');
  try {
    await npm(folder, ['install', '--ignore-scripts', `${name}@${process.versions.node}`]);
  } catch {
    return undefined;
  }
  const home = join(folder, 'node_modules', name);
  return existsSync(join(home, 'include', 'node', 'node_api.h')) ? home : undefined;
}

/**
 * Builds the server's modules that come without a prebuilt binary: the writer of log files, which output channels go
 * through, and the watchdog of the extension host. Terminals (`node-pty`) have theirs.
 */
export async function buildNativeModules(vscode: string, headers: string | undefined): Promise<void> {
  const env: Record<string, string> = { JOBS: 'max', ...(headers ? { npm_config_nodedir: headers } : {}) };
  await Promise.all(['@vscode/spdlog', '@vscode/native-watchdog'].map((name) => npm(vscode, ['rebuild', name], env)));
}
