// Builds the three bundles that ship: the extension, the job host and the command line.
// `vscode` is external for the extension alone, so that an import of it anywhere else fails the build.
const { build, context } = require('esbuild');
const fs = require('node:fs');

const production = process.argv.includes('--production');
const watch = process.argv.includes('--watch');

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
  { ...shared, entryPoints: { extension: 'src/extension/extension.ts' }, outdir: 'dist', external: ['vscode'] },
  { ...shared, entryPoints: { host: 'src/host/main.ts' }, outdir: 'dist' },
  { ...shared, entryPoints: { cli: 'src/cli/main.ts' }, outdir: 'dist', banner: { js: '#!/usr/bin/env node' } },
];

async function main() {
  fs.rmSync('dist', { recursive: true, force: true });
  if (watch) {
    for (const options of bundles) await (await context(options)).watch();
    return;
  }
  const results = await Promise.all(bundles.map((options) => build(options)));
  fs.mkdirSync('out', { recursive: true });
  fs.writeFileSync('out/meta.json', JSON.stringify(results.map((result) => result.metafile)));
  fs.chmodSync('dist/cli.js', 0o755);
}

main().catch(() => process.exit(1));
