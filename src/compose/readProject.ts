import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { BgJobsError } from '../api/errors.ts';
import { isRecord } from '../api/values.ts';
import { readBgjobsFile } from './bgjobsFile.ts';
import { folderAt } from './folder.ts';
import { isProcessCompose, readProcessCompose } from './processCompose.ts';
import { readProcfile } from './procfile.ts';
import { fileError, type Project } from './project.ts';
import { YamlSource } from './yamlSource.ts';

/** Of several in a folder, the first is read. */
export const projectFiles = [
  'bgjobs.yaml',
  'bgjobs.yml',
  'process-compose.yml',
  'process-compose.yaml',
  'Procfile',
] as const;

/** The file of a folder, or of the nearest folder above it that has one. */
export function findProject(folder: string): string | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const name = projectFiles.find((one) => existsSync(join(at, one)));
    if (name !== undefined) return join(at, name);
    if (dirname(at) === at) return undefined;
  }
}

/**
 * @param file absolute path
 * @param env the environment in which it is read: env files can refer to it
 * @throws BgJobsError `invalid_request` that names the file and the line
 */
export function readProject(file: string, env: NodeJS.ProcessEnv): Project {
  const text = readText(file);
  const folder = folderAt(dirname(file), env);
  if (/^Procfile(?:\.|$)/.test(basename(file))) return readProcfile(file, text, folder);
  const source = new YamlSource(file, text);
  if (isProcessCompose(source.value)) return readProcessCompose(source, text, folder);
  if (isRecord(source.value) && 'jobs' in source.value) return readBgjobsFile(source, folder);
  throw fileError(file, 1, 'there is no "jobs" at the top. Write jobs: and under it the jobs by their names.');
}

function readText(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    throw new BgJobsError('invalid_request', `${file} cannot be read: ${(error as Error).message}`, { file });
  }
}
