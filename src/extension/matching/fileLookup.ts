import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FileLocation } from './matcherConfig.ts';

/** Finds the files that a program names. */
export class FileLookup {
  readonly #folder: string;
  /** By folder and name: what a search has found. */
  readonly #searches = new Map<string, Promise<string>>();

  /** @param folder absolute path that relative folders begin with */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @returns an absolute path, also of a file that does not exist */
  find(name: string, location: FileLocation): string | Promise<string> {
    if (/^file:\/\//.test(name)) return pathIn(name) ?? join('/', name);
    const file = name.replaceAll('\\', '/');
    if (isAbsolute(file)) return join(file);
    if (location.type === 'search') return this.#search(file, location);
    if (location.type === 'absolute') return join('/', file);
    const path = join(resolve(this.#folder, location.folder), file);
    return location.type === 'relative' || existsSync(path) ? path : join('/', file);
  }

  #search(file: string, { include, exclude }: FileLocation & { type: 'search' }): Promise<string> {
    const key = JSON.stringify([include, exclude, file]);
    const search = this.#searches.get(key) ?? this.#searchIn(include, new Set(exclude.map(this.#absolute)), file);
    this.#searches.set(key, search);
    return search;
  }

  async #searchIn(folders: readonly string[], excluded: ReadonlySet<string>, file: string): Promise<string> {
    for (const folder of folders) {
      const found = await fileBelow(this.#absolute(folder), join('/', file), excluded);
      if (found !== undefined) return found;
    }
    return join('/', file);
  }

  readonly #absolute = (folder: string): string => resolve(this.#folder, folder);
}

function pathIn(url: string): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}

/** The first file with this end of its path; those of a folder come before those of its subfolders. */
async function fileBelow(folder: string, end: string, excluded: ReadonlySet<string>): Promise<string | undefined> {
  if (excluded.has(folder)) return undefined;
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const [files, folders] = [entries.filter((one) => one.isFile()), entries.filter((one) => one.isDirectory())];
  const paths = files.map(({ name }) => join(folder, name));
  const file = paths.find((path) => path.endsWith(end));
  if (file !== undefined) return file;
  for (const { name } of folders) {
    const found = await fileBelow(join(folder, name), end, excluded);
    if (found !== undefined) return found;
  }
  return undefined;
}
