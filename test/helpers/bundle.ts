import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const top = join(import.meta.dirname, '..', '..');
let built: Promise<string> | undefined;

/**
 * The command line as it ships, next to the bundles that it loads. They are built once per test process, into a folder
 * that is removed with the process, so that no test runs against an old or half-written bundle.
 * @returns the path of cli.js
 */
export function bundledCli(): Promise<string> {
  built ??= bundle();
  return built;
}

async function bundle(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'bgjobs-bundle-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  copyFileSync(join(top, 'package.json'), join(folder, 'package.json'));
  await promisify(execFile)(process.execPath, ['esbuild.js', `--outdir=${join(folder, 'dist')}`], { cwd: top });
  return join(folder, 'dist', 'cli.js');
}
