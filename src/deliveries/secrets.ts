import { readFile } from 'node:fs/promises';
import type { Secret } from '../api/hooks.ts';
import { Failure } from './failure.ts';

/** @throws Failure when it is not there: it may be put there later */
export async function readSecret(secret: Secret): Promise<string> {
  if ('env' in secret) {
    const value = process.env[secret.env];
    if (value) return value;
    throw new Failure(`the job host has no variable ${secret.env}: set it and restart the host`, { isFinal: false });
  }
  const value = await readFile(secret.file, 'utf8').catch((error: Error) => {
    throw new Failure(error.message, { isFinal: false });
  });
  return value.trim();
}
