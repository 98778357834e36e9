import { build } from 'esbuild';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
  mkdirSync(join(folder, 'dist'));
  copyFileSync(join(top, 'package.json'), join(folder, 'package.json'));
  await build({
    entryPoints: {
      cli: join(top, 'src/cli/app/main.ts'),
      host: join(top, 'src/host/main.ts'),
      mcp: join(top, 'src/agents/mcp/main.ts'),
      doctor: join(top, 'src/doctor/main.ts'),
    },
    outdir: join(folder, 'dist'),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    logOverride: { 'empty-import-meta': 'silent' },
  });
  return join(folder, 'dist', 'cli.js');
}
