import { execa } from 'execa';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './npm.ts';

/** Installs npm packages into a new folder. */
export async function installFromNpm(folder: string, packages: readonly string[]): Promise<void> {
  // Another process may install at the same time, and an interrupted installation must not be taken for a whole one.
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  try {
    writeFileSync(join(unfinished, 'package.json'), '{ "private": true }\n');
    await npm(unfinished, ['install', '--fetch-timeout=60000', '--fetch-retries=1', ...packages]);
    if (!existsSync(folder)) renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** Installs packages of PyPI into a new virtual environment, which cannot be moved: one that fails is removed. */
export async function installFromPyPi(folder: string, packages: readonly string[], python = 'python3'): Promise<void> {
  try {
    await execa(python, ['-m', 'venv', folder]);
    await execa(join(folder, 'bin', 'pip'), ['install', '--quiet', ...packages], { timeout: 600_000 });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
