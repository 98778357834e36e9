import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { BgJobsError } from '../api/errors.ts';
import { readEnvFile } from '../text/envFile.ts';

/** The folder of a file, from which its paths begin. */
export interface Folder {
  path: string;
  /** What the session is called if the file does not say it. */
  name: string;
  /** The environment in which the file is read. */
  env: NodeJS.ProcessEnv;
}

type Variables = Readonly<Record<string, string | null>>;

export function folderAt(path: string, env: NodeJS.ProcessEnv): Folder {
  return { path, name: basename(path).trim().slice(0, 200) || 'default', env };
}

/** The variables of env files, the later ones before the earlier ones. @param fail makes the error of a file */
export function readVariables(
  folder: Folder,
  files: readonly string[],
  fail: (problem: string) => BgJobsError,
  inherited: Variables = {},
): Record<string, string> {
  let variables: Record<string, string> = {};
  for (const file of files) {
    try {
      const known = { ...folder.env, ...inherited, ...variables };
      variables = { ...variables, ...readEnvFile(resolve(folder.path, file), {}, known) };
    } catch (error) {
      throw fail((error as Error).message);
    }
  }
  return variables;
}

/** The name of the file if the folder has it. */
export function ifThere(folder: Folder, name: string): string[] {
  return existsSync(join(folder.path, name)) ? [name] : [];
}
