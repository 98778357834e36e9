// This script builds the bundles that ship: the extension, the job host, the command line, and those that they load when
// needed (the commands of the editor, what starts jobs there, the tools of agents and MCP, the server of the API, the judge of commands, cron
// patterns, notifications, problem matchers, the lines of channels, the doctor, hooks, files with
// several jobs).
// Only the bundles of the extension leave `vscode` external, so an import of it elsewhere makes the build fail.
// With `--outdir=PATH` the script writes the bundles and meta.json to another folder than dist/.
const { build, context } = require('esbuild');
const { createHash } = require('node:crypto');
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
  define: { bundledVersion: JSON.stringify(require('./package.json').version) },
  // The main file of that package cannot be bundled.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  logLevel: 'warning',
  logOverride: { 'empty-import-meta': 'silent' },
};

/**
 * The MCP SDK brings a validator of JSON Schema for forms that a server shows and for schemas that it does not know. Ours
 * has neither, so the validator, a quarter of the bundle, only says so.
 * @type {import('esbuild').Plugin}
 */
const withoutAjv = {
  name: 'without-ajv',
  setup({ onResolve, onLoad }) {
    const filter = /^@modelcontextprotocol\/server\/_shims$/;
    onResolve({ filter }, ({ path }) => ({ path, namespace: 'without-ajv' }));
    onLoad({ filter, namespace: 'without-ajv' }, () => ({
      contents: `export { default as process } from 'node:process';
        export class DefaultJsonSchemaValidator {
          getValidator() { throw new Error('This build validates no JSON Schema.'); }
        }`,
    }));
  },
};

/** `.describe('…')` of a schema, with literals only. */
const description = /\.describe\(\s*(?:(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")[\s+,]*)+\)/g;

/**
 * Schemas bring the writer of JSON Schema along, and descriptions for it. The commands write none.
 * @type {import('esbuild').Plugin}
 */
const withoutJsonSchema = {
  name: 'without-json-schema',
  setup({ onLoad }) {
    onLoad({ filter: /src.api.\w+\.ts$/ }, ({ path }) => {
      return { contents: fs.readFileSync(path, 'utf8').replace(description, ''), loader: 'ts' };
    });
    onLoad({ filter: /zod.v4.core.json-schema-processors\.js$/ }, () => ({ contents: 'module.exports = {};' }));
    onLoad({ filter: /zod.v4.core.to-json-schema\.js$/ }, () => ({
      contents: `const none = () => () => { throw new Error('This build writes no JSON Schema.'); };
        export { none as createStandardJSONSchemaMethod, none as createToJSONSchemaMethod };
        export { none as extractDefs, none as finalize, none as initializeContext, none as processSchema };`,
    }));
  },
};

/**
 * Commander loads what starts programs, with the network, for verbs that are programs of their own. Ours are none.
 * @type {import('esbuild').Plugin}
 */
const withoutPrograms = {
  name: 'without-programs',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /commander.lib.command\.js$/.test(importer) ? { path: 'none', namespace: 'without-programs' } : undefined,
    );
    onLoad({ filter: /^/, namespace: 'without-programs' }, () => ({ contents: 'module.exports = {};' }));
  },
};

const editor = { ...shared, outdir, external: ['vscode'] };
/** What runs in a browser, and how it looks. */
const page = { ...shared, outdir, format: 'iife', platform: 'browser', target: 'es2024', define: {} };
const pageEntries = [
  { in: 'src/webview/main.ts', out: 'jobPage' },
  { in: 'src/webview/jobPage.css', out: 'jobPage' },
  { in: 'src/webview/timelineMain.ts', out: 'timeline' },
  { in: 'src/webview/timeline.css', out: 'timeline' },
];
const bundles = [
  { ...editor, entryPoints: { extension: 'src/extension/app/extension.ts' } },
  { ...editor, entryPoints: { commands: 'src/extension/commands/main.ts' } },
  { ...editor, entryPoints: { start: 'src/extension/starting/main.ts' }, plugins: [withoutJsonSchema] },
  { ...editor, entryPoints: { lenses: 'src/extension/start/lenses.ts' } },
  { ...editor, entryPoints: { notices: 'src/extension/notify/notices.ts' } },
  { ...editor, entryPoints: { terminals: 'src/extension/terminal/attachedTerminals.ts' } },
  { ...editor, entryPoints: { pages: 'src/extension/page/main.ts' } },
  { ...page, entryPoints: pageEntries },
  { ...shared, entryPoints: { host: 'src/host/main.ts' }, outdir },
  { ...shared, entryPoints: { ptyHolder: 'src/engine/launch/ptyHolder.ts' }, outdir },
  { ...shared, entryPoints: { mcp: 'src/agents/mcp/main.ts' }, outdir, plugins: [withoutAjv] },
  { ...shared, entryPoints: { serve: 'src/http/main.ts' }, outdir },
  { ...shared, entryPoints: { tools: 'src/agents/tools/main.ts' }, outdir },
  { ...shared, entryPoints: { policy: 'src/agents/policy/judge.ts' }, outdir },
  { ...shared, entryPoints: { agentEvents: 'src/agents/coding/eventReader.ts' }, outdir },
  { ...shared, entryPoints: { lines: 'src/text/lines.ts' }, outdir },
  { ...shared, entryPoints: { cron: 'src/engine/queue/cron.ts' }, outdir },
  { ...shared, entryPoints: { matchers: 'src/extension/matching/main.ts' }, outdir },
  { ...shared, entryPoints: { setup: 'src/agents/setup/configFile.ts' }, outdir },
  { ...shared, entryPoints: { compose: 'src/compose/main.ts' }, outdir, plugins: [withoutJsonSchema] },
  { ...shared, entryPoints: { deliveries: 'src/deliveries/main.ts' }, outdir },
  { ...shared, entryPoints: { telemetry: 'src/deliveries/telemetry.ts' }, outdir },
  { ...shared, entryPoints: { doctor: 'src/doctor/main.ts' }, outdir },
  {
    ...shared,
    entryPoints: { program: 'src/cli/app/main.ts' },
    outdir,
    plugins: [withoutPrograms],
    // cli.js runs it as a script, which cannot import.
    supported: { 'dynamic-import': false },
    charset: 'ascii',
    banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
    footer: { js: '})' },
  },
];
/** The beginning of the command line, which knows the program by its content. */
const entry = {
  ...shared,
  entryPoints: { cli: 'src/cli/entry/main.ts' },
  outdir,
  banner: { js: '#!/usr/bin/env node' },
};

function hashOf(path) {
  const hash = createHash('sha256').update(fs.readFileSync(path)).digest('hex');
  return JSON.stringify(hash.slice(0, 16));
}

async function main() {
  fs.rmSync(outdir, { recursive: true, force: true });
  if (watch) {
    for (const options of [...bundles, entry]) await (await context(options)).watch();
    return;
  }
  const results = await Promise.all(bundles.map((options) => build(options)));
  const define = { ...shared.define, programHash: hashOf(`${outdir}/program.js`) };
  results.push(await build({ ...entry, define }));
  if (outdir === 'dist') fs.mkdirSync('out', { recursive: true });
  const metafile = outdir === 'dist' ? 'out/meta.json' : `${outdir}/meta.json`;
  copyNativeLibraries();
  fs.writeFileSync(metafile, JSON.stringify(results.map((result) => result.metafile)));
  fs.chmodSync(`${outdir}/cli.js`, 0o755);
}

/** npm installs only the libraries of this platform. */
function copyNativeLibraries() {
  for (const installed of ['node_modules/@koromix', 'node_modules/@lydell']) {
    if (!fs.existsSync(installed)) continue;
    for (const name of fs.readdirSync(installed)) {
      fs.cpSync(`${installed}/${name}`, `${outdir}/native/${name}`, { recursive: true });
    }
  }
}

main().catch(() => process.exit(1));
