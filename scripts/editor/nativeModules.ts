import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import which from 'which';
import { npm } from './npm.ts';

/** Whether the tools are installed that node-gyp needs to build the native modules of the server. */
export function hasToolchain(): boolean {
  const found = (...names: string[]) => names.some((name) => which.sync(name, { nothrow: true }) !== null);
  return found('c++', 'g++', 'clang++') && found('make', 'gmake') && found('python3', 'python');
}

/**
 * node-gyp would download the headers of Node from nodejs.org. The npm package of the same Node contains them too, and
 * npm is available in any case. Without that package, node-gyp downloads them.
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
 * Builds the modules of the server that have no prebuilt binary: the log file writer, which output channels use, and
 * the watchdog of the extension host. The module for terminals (`node-pty`) has one.
 */
export async function buildNativeModules(vscode: string, headers: string | undefined): Promise<void> {
  const env: Record<string, string> = { JOBS: 'max', ...(headers ? { npm_config_nodedir: headers } : {}) };
  await Promise.all(['@vscode/spdlog', '@vscode/native-watchdog'].map((name) => npm(vscode, ['rebuild', name], env)));
}
