// The programs that ours is compared with. A program that is missing is installed if it can be, else it is left out.
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import which from 'which';
import { installFromCargo, installFromDebian, installFromNpm } from '../scripts/editor/packages.ts';
import { cache } from '../scripts/editor/places.ts';
import { isQuick } from './effort.ts';

const installed = join(cache, 'peers');
const buildMinutes = 15;

interface Source {
  /** What the packages are called, and what a person types to install them. */
  readonly hint: string;
  /** Folders in which the program may be besides those of the PATH. */
  readonly folder?: string;
  readonly install: () => Promise<unknown>;
}

function debian(name: string): Source {
  return { hint: `apt-get install ${name}`, install: () => installFromDebian(name) };
}

function npm(name: string): Source {
  const folder = join(installed, name);
  return {
    hint: `npm install --global ${name}`,
    folder: join(folder, 'node_modules', '.bin'),
    install: () => installFromNpm(folder, [name]),
  };
}

function cargo(name: string): Source {
  const folder = join(installed, name);
  return {
    hint: `cargo install --locked ${name}`,
    folder: join(folder, 'bin'),
    install: () => installFromCargo(folder, name, buildMinutes),
  };
}

const sources = {
  tsp: debian('task-spooler'),
  nq: debian('nq'),
  parallel: debian('parallel'),
  pm2: npm('pm2@7.0.4'),
  pueue: cargo('pueue@4.0.4'),
} satisfies Record<string, Source>;

/** The paths of those that are there. */
export type Peers = Readonly<Partial<Record<keyof typeof sources, string>>>;

/** Finds the programs, and says which are missing and how to install them. */
export async function findPeers(): Promise<Peers> {
  const peers: Partial<Record<keyof typeof sources, string>> = {};
  for (const [name, source] of Object.entries(sources) as [keyof typeof sources, Source][]) {
    const path = (await find(name, source)) ?? (await provide(name, source));
    if (path !== undefined) peers[name] = path;
    else console.error(`${name} is missing, so there is no comparison with it. To install it: ${source.hint}`);
  }
  return peers;
}

async function provide(name: string, source: Source): Promise<string | undefined> {
  if (isQuick) return undefined;
  try {
    if (source.folder !== undefined) console.error(`Installing ${name} (only once) …`);
    await source.install();
  } catch (error) {
    console.error(`${name} could not be installed: ${error instanceof Error ? error.message : String(error)}`);
  }
  return find(name, source);
}

async function find(name: string, { folder }: Source): Promise<string | undefined> {
  const own = folder === undefined ? undefined : join(folder, name);
  const path = own !== undefined && existsSync(own) ? own : await which(name, { nothrow: true });
  if (path === null || name !== 'parallel') return path ?? undefined;
  // The `parallel` of moreutils has the same name.
  const { stdout } = await execa(path, ['--version'], { reject: false });
  return stdout.startsWith('GNU parallel') ? path : undefined;
}
