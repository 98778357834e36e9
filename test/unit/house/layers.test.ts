import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import ts from 'typescript';

const top = join(import.meta.dirname, '..', '..', '..');
const source = join(top, 'src');

interface Layer {
  /** The other layers that it may import from. */
  layers: readonly string[];
  /** The packages that it may import; `node:` stands for all that Node brings along. */
  packages: readonly string[];
}

/** Who may use whom. What stands here is drawn in docs/architecture.md. */
const layers: Record<string, Layer> = {
  api: { layers: [], packages: ['zod'] },
  text: { layers: ['api'], packages: ['node:', 'pretty-ms', 'strip-ansi'] },
  logs: { layers: ['api', 'text'], packages: ['node:'] },
  processes: { layers: ['api'], packages: ['node:', 'tree-kill'] },
  store: { layers: ['api', 'processes'], packages: ['node:'] },
  'agents/coding': { layers: ['api', 'text'], packages: [] },
  'agents/policy': { layers: [], packages: ['unbash'] },
  'agents/tools': { layers: ['api', 'text'], packages: ['node:', 'zod'] },
  'agents/mcp': {
    layers: ['agents/tools', 'api', 'bundles', 'logs', 'text'],
    packages: ['node:', '@modelcontextprotocol/node', '@modelcontextprotocol/server', 'zod'],
  },
  engine: {
    layers: ['agents/coding', 'agents/policy', 'api', 'logs', 'processes', 'store', 'text'],
    packages: ['node:', 'croner', 're2js', 'which', 'zod'],
  },
  bundles: { layers: [], packages: ['node:'] },
  dataDir: { layers: ['api'], packages: ['node:', 'env-paths'] },
  http: { layers: ['api', 'bundles', 'dataDir', 'logs', 'text'], packages: ['node:', 'zod', 'zod-openapi'] },
  host: { layers: ['api', 'bundles', 'dataDir', 'engine', 'http'], packages: ['node:'] },
  client: { layers: ['api', 'bundles', 'dataDir', 'logs', 'text'], packages: ['node:'] },
  doctor: {
    layers: ['api', 'client', 'dataDir', 'engine', 'host', 'processes', 'store', 'text'],
    packages: ['node:'],
  },
  cli: {
    layers: ['agents/coding', 'api', 'bundles', 'client', 'dataDir', 'logs', 'text'],
    packages: ['node:', 'commander'],
  },
  extension: {
    layers: ['agents/coding', 'agents/policy', 'agents/tools', 'api', 'bundles', 'client', 'dataDir', 'logs', 'text'],
    packages: ['node:', 'vscode', 'package-manager-detector', 'zod'],
  },
};

/** Folders that decide and never act: no file, no process, no clock of Node's. */
const pure = ['api', 'agents/policy', 'agents/coding', 'engine/queue', 'extension/model'];

/** Random ids, and the load of the machine below which jobs start. */
const allowed = ['engine/queue/schedules.ts node:crypto', 'engine/queue/resourceGuard.ts node:os'];

/** Another bundle, which is loaded only when it is needed. */
const lazily = [
  { from: 'extension/start/startOptions.ts', to: 'engine/queue/cron.ts' },
  { from: 'cli/verbs/serveVerbs.ts', to: 'http/loopback.ts' },
  { from: 'cli/verbs/serveVerbs.ts', to: 'agents/mcp/main.ts' },
  { from: 'cli/verbs/doctorVerb.ts', to: 'doctor/main.ts' },
  { from: 'extension/commands/hostCommands.ts', to: 'doctor/main.ts' },
  { from: 'http/otherPaths.ts', to: 'agents/mcp/main.ts' },
];

interface Import {
  from: string;
  /** A path below src, or the name of a package. */
  to: string;
  isPackage: boolean;
  isType: boolean;
  /** Loaded together with the file that imports it. */
  isStatic: boolean;
}

const files = globSync('**/*', { cwd: source, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(source, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
const imports = files.flatMap(importsOf);

describe('the layers of src', () => {
  it('hold every file', () => {
    assert.ok(files.length > 100, `${files.length} files`);
    for (const file of files) {
      assert.ok(layerOf(file) in layers, `src/${file} is in no layer`);
      assert.match(file, /\.ts$/, `src/${file}`);
    }
  });

  it('import only what stands below them', () => {
    const wrong = imports.filter(({ from, to, isPackage, isStatic }) => {
      if (isPackage || layerOf(from) === layerOf(to)) return false;
      if (lazily.some((known) => known.from === from && known.to === to)) return isStatic;
      return !layers[layerOf(from)]?.layers.includes(layerOf(to));
    });
    assert.deepEqual(wrong.map(described), []);
  });

  it('import only the packages that are meant for them', () => {
    const wrong = imports.filter(
      ({ from, to, isPackage }) => isPackage && !layers[layerOf(from)]?.packages.includes(packageOf(to)),
    );
    assert.deepEqual(wrong.map(described), []);
  });

  it('import all that they may: what nobody uses is crossed out here', () => {
    for (const [name, layer] of Object.entries(layers)) {
      const own = imports.filter(
        ({ from, to, isPackage }) => layerOf(from) === name && (isPackage || layerOf(to) !== name),
      );
      const used = new Set(own.map(({ to, isPackage }) => (isPackage ? packageOf(to) : layerOf(to))));
      const unused = [...layer.layers, ...layer.packages].filter((one) => !used.has(one));
      assert.deepEqual(unused, [], name);
    }
  });

  it('keep what only decides free of Node and the editor', () => {
    const acting = imports.filter(({ from, to, isPackage, isType }) => {
      const isPure = pure.some((folder) => from.startsWith(`${folder}/`)) && !allowed.includes(`${from} ${to}`);
      return isPure && isPackage && !isType && ['node:', 'vscode'].includes(packageOf(to));
    });
    assert.deepEqual(acting.map(described), []);
  });

  it('import files, by their names', () => {
    const known = new Set(files);
    const wrong = imports.filter(({ to, isPackage }) => !isPackage && !known.has(to));
    assert.deepEqual(wrong.map(described), []);
  });

  it('have small files', () => {
    const sizes = files.map((file) => ({ file, lines: textOf(file).split('\n').length - 1 }));
    assert.deepEqual(
      sizes.filter(({ lines }) => lines > 300),
      [],
    );
  });
});

function importsOf(from: string): Import[] {
  const text = textOf(from);
  const { types, values } = declaredImports(from, text);
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName, pos }) => {
    const isPackage = !fileName.startsWith('.');
    const to = isPackage ? fileName : join(dirname(from), fileName).replaceAll(sep, '/');
    return { from, to, isPackage, isType: types.has(pos), isStatic: values.has(pos) };
  });
}

/** Where modules are named by declarations: those of which nothing is left when the types are taken out, and others. */
function declaredImports(name: string, text: string): { types: Set<number>; values: Set<number> } {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest);
  const [types, values] = [new Set<number>(), new Set<number>()];
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue;
    const isType = ts.isImportDeclaration(statement)
      ? statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
      : statement.isTypeOnly;
    if (statement.moduleSpecifier) (isType ? types : values).add(statement.moduleSpecifier.getStart(file));
  }
  return { types, values };
}

function textOf(file: string): string {
  return readFileSync(join(source, file), 'utf8');
}

function layerOf(file: string): string {
  return /^(agents\/[^/]+|[^/.]+)/.exec(file)?.[1] ?? '';
}

function packageOf(name: string): string {
  return name.startsWith('node:') ? 'node:' : name.split('/', name.startsWith('@') ? 2 : 1).join('/');
}

function described({ from, to }: Import): string {
  return `src/${from} imports ${to}`;
}
