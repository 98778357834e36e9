import { realpathSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';

/** Whether a path is one of the folders or lies in one, links followed. A path that is not there is in none. */
export function isInFolders(path: string, folders: readonly string[]): boolean {
  const real = realPath(path);
  return real !== null && folders.some((folder) => isIn(real, realPath(folder)));
}

function isIn(path: string, folder: string | null): boolean {
  if (folder === null) return false;
  const way = relative(folder, path);
  return way === '' || !(way.split(/[/\\]/)[0] === '..' || isAbsolute(way));
}

function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}
