import { execa } from 'execa';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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

/**
 * Installs packages of Debian, if this is root on a Debian: Ubuntu's package of Chromium merely points to a snap.
 * @returns whether it could
 */
export async function installFromDebian(...names: string[]): Promise<boolean> {
  const isDebian = existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
  if (!isDebian || process.getuid?.() !== 0) return false;
  const label = names.join(', ');
  console.log(`Installing from Debian: ${label} (only once) …`);
  const apt = (...args: string[]) =>
    execa('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...args], {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
      all: true,
      reject: false,
    });
  await apt('update');
  const result = await apt('install', '-y', '--no-install-recommends', ...names);
  if (result.failed) console.error(`apt-get could not install ${label}:\n${result.all}`);
  return !result.failed;
}

/** Builds a program of crates.io into a new folder. @throws Error with the last lines of what cargo printed */
export async function installFromCargo(folder: string, name: string, minutes: number): Promise<void> {
  const unfinished = `${folder}.${process.pid}`;
  try {
    const args = [
      'install',
      '--locked',
      '--quiet',
      '--root',
      unfinished,
      '--target-dir',
      join(unfinished, 'target'),
      name,
    ];
    await execa('cargo', args, { timeout: minutes * 60_000, all: true });
    rmSync(join(unfinished, 'target'), { recursive: true, force: true });
    if (!existsSync(folder)) renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}
