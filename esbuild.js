// Builds the bundles that ship: the extension, the job host, the command line, what host and command line load when
// somebody speaks MCP, what the extension loads for agents (tools, and the judge of their commands) and to read
// cron patterns, and the doctor, whom both can call.
// `vscode` is external for the extension alone, so that an import of it anywhere else fails the build.
// `--outdir=PATH` writes them elsewhere than to dist/, and meta.json beside them.
const { build, context } = require('esbuild');
const fs = require('node:fs');

const production = process.argv.includes('--production');
const watch = process.argv.includes('--watch');
const outdir = process.argv.find((word) => word.startsWith('--outdir='))?.slice('--outdir='.length) ?? 'dist';

/** @type {import('esbuild').BuildOptions} */
const shared = {
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node22',
  minify: production,
  sourcemap: !production,
  metafile: true,
  logLevel: 'warning',
  logOverride: { 'empty-import-meta': 'silent' },
};

const bundles = [
  { ...shared, entryPoints: { extension: 'src/extension/app/extension.ts' }, outdir, external: ['vscode'] },
  { ...shared, entryPoints: { commands: 'src/extension/commands/main.ts' }, outdir, external: ['vscode'] },
  { ...shared, entryPoints: { host: 'src/host/main.ts' }, outdir },
  { ...shared, entryPoints: { mcp: 'src/agents/mcp/main.ts' }, outdir },
  { ...shared, entryPoints: { tools: 'src/agents/tools/main.ts' }, outdir },
  { ...shared, entryPoints: { policy: 'src/agents/policy/judge.ts' }, outdir },
  { ...shared, entryPoints: { cron: 'src/engine/queue/cron.ts' }, outdir },
  { ...shared, entryPoints: { doctor: 'src/doctor/main.ts' }, outdir },
  { ...shared, entryPoints: { cli: 'src/cli/app/main.ts' }, outdir, banner: { js: '#!/usr/bin/env node' } },
];

async function main() {
  fs.rmSync(outdir, { recursive: true, force: true });
  if (watch) {
    for (const options of bundles) await (await context(options)).watch();
    return;
  }
  const results = await Promise.all(bundles.map((options) => build(options)));
  if (outdir === 'dist') fs.mkdirSync('out', { recursive: true });
  const metafile = outdir === 'dist' ? 'out/meta.json' : `${outdir}/meta.json`;
  fs.writeFileSync(metafile, JSON.stringify(results.map((result) => result.metafile)));
  fs.chmodSync(`${outdir}/cli.js`, 0o755);
}

main().catch(() => process.exit(1));
