// Installs coding agents, each into a folder of its own that stays until it is deleted.
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installFromNpm, installFromPyPi } from '../editor/packages.ts';
import { cache } from '../editor/places.ts';
import { clients, type Client, type ClientName } from './clients.ts';

/** @returns the folder with its program */
export function binFolder(name: ClientName): string {
  const client: Client = clients[name];
  return client.registry === 'pypi' ? join(folderOf(name), 'bin') : join(folderOf(name), 'node_modules', '.bin');
}

/** Installs the pinned version, unless it is there. @throws Error with what npm or pip says */
export async function install(name: ClientName): Promise<void> {
  const folder = folderOf(name);
  if (existsSync(folder)) return;
  const client: Client = clients[name];
  if (client.registry === 'pypi') {
    return installFromPyPi(folder, [`${client.package}==${client.version}`], await newPython());
  }
  await installFromNpm(folder, [`${client.package}@${client.version}`]);
}

/** The Python that Mistral Vibe needs is newer than that of many systems. */
async function newPython(): Promise<string> {
  for (const program of ['python3', 'python3.14', 'python3.13', 'python3.12']) {
    const check = ['-c', 'import sys; sys.exit(sys.version_info < (3, 12))'];
    if (!(await execa(program, check, { reject: false })).failed) return program;
  }
  throw new Error('Mistral Vibe needs Python 3.12 or later on the PATH.');
}

function folderOf(name: ClientName): string {
  return join(cache, 'agents', `${name}-${clients[name].version}`);
}
