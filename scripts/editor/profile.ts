import { execa } from 'execa';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { editorEnvironment } from './environment.ts';
import { pinnedNode } from './places.ts';

export interface Profile {
  /** The data folder of the server. A new folder is a new profile. */
  dataDir: string;
  /** Folders of extensions to install, each with a package.json. They are linked, not copied. */
  extensions?: readonly string[];
  /** VSIX files for VS Code to install. */
  packages?: readonly string[];
  /** User settings. */
  settings?: Record<string, unknown>;
}

/**
 * Creates the data folder of the server, with the extensions and the settings, before the first start.
 * @param server the folder of the VS Code server
 */
export async function prepareProfile(profile: Profile, server: string): Promise<void> {
  const { dataDir, extensions = [], packages = [], settings } = profile;
  const user = join(dataDir, 'data', 'User');
  if (existsSync(user)) return;
  mkdirSync(user, { recursive: true });
  if (settings) writeFileSync(join(user, 'settings.json'), JSON.stringify(settings, null, 2));
  const installed = join(dataDir, 'extensions');
  mkdirSync(installed, { recursive: true });
  for (const folder of extensions) {
    const link = join(installed, folderName(folder));
    symlinkSync(folder, link, 'dir');
  }
  for (const path of packages) {
    const args = ['--install-extension', path, '--server-data-dir', dataDir, '--accept-server-license-terms'];
    const env = editorEnvironment();
    await execa(pinnedNode, [join(server, 'out', 'server-main.js'), ...args], { env, extendEnv: false });
  }
}

/** The name that VS Code gives to the folder of an installed extension. */
function folderName(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>;
  return `${manifest.publisher}.${manifest.name}-${manifest.version}`;
}
