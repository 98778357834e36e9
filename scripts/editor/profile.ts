import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Profile {
  /** Where the server keeps everything; a fresh folder is a fresh profile. */
  dataDir: string;
  /** Folders of extensions to install, each with its package.json at the top. They are linked, not copied. */
  extensions?: readonly string[];
  /** The user's settings. */
  settings?: Record<string, unknown>;
}

/** Makes the server's data folder with the extensions and the settings in it; done before its first start. */
export function prepareProfile({ dataDir, extensions = [], settings }: Profile): void {
  const user = join(dataDir, 'data', 'User');
  mkdirSync(user, { recursive: true });
  if (settings) writeFileSync(join(user, 'settings.json'), JSON.stringify(settings, null, 2));
  const installed = join(dataDir, 'extensions');
  mkdirSync(installed, { recursive: true });
  for (const folder of extensions) {
    const link = join(installed, folderName(folder));
    rmSync(link, { recursive: true, force: true });
    symlinkSync(folder, link, 'dir');
  }
}

/** The name that VS Code itself gives to the folder of an installed extension. */
function folderName(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>;
  return `${manifest.publisher}.${manifest.name}-${manifest.version}`;
}
