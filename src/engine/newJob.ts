import { readFileSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { parseEnv } from 'node:util';
import type * as z from 'zod';
import { BgJobsError } from '../protocol/errors.ts';
import { startRequest, type StartOptions, type StartRequest } from '../protocol/start.ts';

/**
 * Checks what was asked for before anything is stored: shapes, folder, files. The envFile is read now and becomes part
 * of `env`, so that the job does not change with the file.
 * @throws BgJobsError `invalid_request`, `cwd_not_found`
 */
export function checkStart(request: StartRequest): StartOptions {
  const { envFile, ...options } = validate(startRequest, request);
  checkFolder(options.cwd);
  if (options.stdin.type === 'file') checkInputFile(options.stdin.path);
  if (envFile === undefined) return options;
  return { ...options, env: { ...readEnvFile(envFile), ...options.env } };
}

/** @throws BgJobsError `invalid_request` that names the field and what it takes */
export function validate<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }));
  const text = issues.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join('; ');
  throw new BgJobsError('invalid_request', text, { issues });
}

function checkFolder(cwd: string): void {
  if (!isAbsolute(cwd)) throw new BgJobsError('invalid_request', `cwd: "${cwd}" must be an absolute path`);
  if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) {
    throw new BgJobsError('cwd_not_found', `The working directory ${cwd} does not exist.`, { cwd });
  }
}

function checkInputFile(path: string): void {
  if (isAbsolute(path) && statSync(path, { throwIfNoEntry: false })?.isFile()) return;
  throw new BgJobsError('invalid_request', `stdin: ${path} must be the absolute path of a file that exists`);
}

function readEnvFile(path: string): Record<string, string> {
  if (!isAbsolute(path)) throw new BgJobsError('invalid_request', `envFile: "${path}" must be an absolute path`);
  try {
    return parseEnv(readFileSync(path, 'utf8')) as Record<string, string>;
  } catch (error) {
    throw new BgJobsError('invalid_request', `envFile: ${path} cannot be read: ${(error as Error).message}`);
  }
}
