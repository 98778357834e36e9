// Tools are installed into folders that stay until they are deleted. Those of the same packages share one.
import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { installFromNpm, installFromPyPi } from '../editor/packages.ts';
import { cache, pinnedNode } from '../editor/places.ts';
import { versionOf, type Tool } from './tool.ts';

/** Where a tool is run. */
export function folderOf({ npm, pip, system }: Tool): string {
  const key = createHash('sha256').update(JSON.stringify(npm ?? pip ?? system ?? ''));
  return join(cache, 'tools', key.digest('hex').slice(0, 12));
}

/** The environment of a tool, with caches of its own. */
export function environmentOf(tool: Tool): Record<string, string> {
  return {
    PATH: pathOf(tool),
    SHELL: '/bin/sh',
    LANG: 'C.UTF-8',
    TERM: 'xterm-256color',
    HOME: join(folderOf(tool), 'home'),
    RUSTUP_HOME: join(homedir(), '.rustup'),
  };
}

function pathOf(tool: Tool): string {
  const own = ['node_modules/.bin', 'venv/bin'].map((part) => join(folderOf(tool), part));
  return [...own, dirname(pinnedNode), process.env['PATH'] ?? '', '/usr/sbin'].join(delimiter);
}

/** Installs the tool, unless it is there. @returns its version @throws Error if it cannot be had here */
export async function install(tool: Tool): Promise<string> {
  const folder = folderOf(tool);
  if (!existsSync(folder) && tool.npm) await installFromNpm(folder, tool.npm);
  mkdirSync(join(folder, 'home'), { recursive: true });
  if (!existsSync(join(folder, 'venv')) && tool.pip) await installFromPyPi(join(folder, 'venv'), tool.pip);
  for (const [name, content] of Object.entries(tool.files ?? {})) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const pinned = versionOf(tool);
  if (pinned !== undefined || tool.system === undefined) return pinned ?? '';
  return /\d+(\.\d+)+/.exec(await shell(tool, tool.system))?.[0] ?? '';
}

export async function prepare(tool: Tool): Promise<void> {
  if (tool.prepare !== undefined) await shell(tool, tool.prepare);
}

/** @returns what it prints */
async function shell(tool: Tool, line: string): Promise<string> {
  const where = { cwd: folderOf(tool), env: environmentOf(tool), extendEnv: false } as const;
  return (await execa('sh', ['-c', line], { ...where, stdin: 'ignore', all: true, timeout: 300_000 })).all;
}
