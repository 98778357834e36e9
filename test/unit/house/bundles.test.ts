import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import type * as McpMain from '../../../src/agents/mcp/main.ts';
import type { McpAfterGreeting } from '../../../src/cli/entry/firstAnswer.ts';
import type { McpOnStdio } from '../../../src/cli/verbs/serveVerbs.ts';
import type { StartablesBundle } from '../../../src/extension/app/startables.ts';
import type { HostBundle } from '../../../src/extension/host/hostAccess.ts';
import type * as StartMain from '../../../src/extension/starting/main.ts';
import type { McpOverHttp } from '../../../src/http/otherPaths.ts';
import type * as HostMain from '../../../src/host/main.ts';

const top = join(import.meta.dirname, '..', '..', '..');
const isBuiltIn = (name: string): boolean => name.startsWith('node:') || builtinModules.includes(name);

/** The compiler checks that bundles have what the extension uses of them. */
void ((main: typeof HostMain): HostBundle => main);
void ((main: typeof StartMain): StartablesBundle => main);
void ((main: typeof McpMain): McpOnStdio & McpAfterGreeting & McpOverHttp => main);

/** The bundles as they ship. */
describe('the bundles', () => {
  let folder: string;
  let dist: string;
  let files: Metafile[];

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'bj-bundles-'));
    dist = join(folder, 'dist');
    execFileSync(process.execPath, ['esbuild.js', '--production', `--outdir=${dist}`], { cwd: top });
    files = JSON.parse(readFileSync(join(dist, 'meta.json'), 'utf8')) as Metafile[];
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** The folders of src that a bundle holds code of, and what it leaves to be loaded when it runs. */
  const contents = (entryPoint: string): { folders: string[]; loads: string[] } => {
    const output = files.flatMap((meta) => Object.values(meta.outputs)).find((one) => one.entryPoint === entryPoint);
    assert.ok(output, `nothing was built of ${entryPoint}`);
    const used = Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
    const folders = used.flatMap(([path]) => /^src\/(agents\/[^/]+|[^/.]+)/.exec(path)?.[1] ?? []);
    const loads = output.imports.filter(({ external }) => external).map(({ path }) => path);
    return { folders: [...new Set(folders)].sort(), loads: loads.filter((name) => !isBuiltIn(name)) };
  };

  /** The files that run as soon as a program starts: not those that it imports later, when it needs them. */
  const begins = (entryPoint: string): string[] => {
    const inputs = files.find((meta) => entryPoint in meta.inputs)?.inputs ?? {};
    const reached = new Set([entryPoint]);
    for (const path of reached) {
      for (const { path: next, kind } of inputs[path]?.imports ?? []) {
        if (kind !== 'dynamic-import' && next in inputs) reached.add(next);
      }
    }
    return [...reached];
  };

  it('of the extension holds neither the engine nor the host, and leaves out the editor alone', () => {
    const { folders, loads } = contents('src/extension/app/extension.ts');
    assert.deepEqual(folders, [
      'agents/policy',
      'agents/tools',
      'api',
      'bundles',
      'client',
      'dataDir',
      'disk',
      'extension',
      'logs',
      'text',
    ]);
    assert.deepEqual([...new Set(loads)], ['vscode']);
  });

  it('of the command line holds no engine and needs nothing but Node', () => {
    const { folders, loads } = contents('src/cli/app/main.ts');
    const own = [
      'agents/coding',
      'agents/setup',
      'agents/tools',
      'api',
      'bundles',
      'cli',
      'client',
      'dataDir',
      'disk',
      'logs',
      'text',
    ];
    assert.deepEqual(folders, own);
    assert.deepEqual(loads, []);
  });

  it('of the command line begins with what all verbs need, and without the schemas, which the job host judges by', () => {
    const files = begins('src/cli/app/main.ts');
    assert.ok(files.includes('node_modules/commander/lib/command.js'));
    // A verb, the client, what starts a host and completion are loaded when they are needed.
    assert.deepEqual(
      files.filter((path) => /node_modules.zod|src.(cli.(verbs|completion)|client)/.test(path)),
      [],
    );
  });

  it('of the command line never loads what starts processes before it has to start something', () => {
    const inputs = files.find((meta) => 'src/cli/app/main.ts' in meta.inputs)?.inputs ?? {};
    const users = Object.entries(inputs).filter(([, { imports }]) =>
      imports.some(({ path }) => path === 'node:child_process'),
    );
    assert.deepEqual(
      users.map(([path]) => path),
      [
        'src/cli/verbs/attachTerminal.ts',
        'src/cli/verbs/editVerb.ts',
        'src/cli/verbs/autostartVerbs.ts',
        'src/client/startHost.ts',
      ],
    );
  });

  it('of the server of the API holds the schemas and no engine', () => {
    const { folders, loads } = contents('src/http/main.ts');
    assert.deepEqual(folders, ['api', 'bundles', 'http', 'logs', 'text']);
    assert.deepEqual(loads, []);
  });

  it('of the host holds no front, and needs nothing but Node', () => {
    const { folders, loads } = contents('src/host/main.ts');
    assert.deepEqual(folders, [
      'agents/coding',
      'agents/policy',
      'api',
      'bundles',
      'dataDir',
      'disk',
      'engine',
      'host',
      'http',
      'logs',
      'processes',
      'store',
      'text',
    ]);
    assert.deepEqual(loads, []);
  });

  it('that begins the command line is small, and holds only what answers the first message of an agent', () => {
    const { folders, loads } = contents('src/cli/entry/main.ts');
    assert.deepEqual(folders, ['agents/greeting', 'bundles', 'cli', 'dataDir', 'disk']);
    assert.deepEqual(loads, []);
    assert.ok(statSync(join(dist, 'cli.js')).size <= 10_000);
  });

  it('of MCP holds no validator of JSON Schema', () => {
    const inputs = files.find((meta) => 'src/agents/mcp/main.ts' in meta.inputs)?.inputs ?? {};
    assert.ok(Object.keys(inputs).some((path) => path.includes('node_modules/@modelcontextprotocol/server')));
    assert.ok(!Object.keys(inputs).some((path) => path.includes('ajvProvider')));
  });

  it('of MCP holds the tools, and neither a front nor the engine', () => {
    const { folders, loads } = contents('src/agents/mcp/main.ts');
    assert.deepEqual(folders, [
      'agents/greeting',
      'agents/mcp',
      'agents/tools',
      'api',
      'bundles',
      'client',
      'dataDir',
      'disk',
      'logs',
      'processes',
      'text',
    ]);
    assert.deepEqual(loads, []);
  });

  it('of the commands of the editor holds no engine and no schema, and leaves out the editor alone', () => {
    const { folders, loads } = contents('src/extension/commands/main.ts');
    const files = begins('src/extension/commands/main.ts');
    assert.deepEqual(
      files.filter((path) => path.includes('node_modules/zod')),
      [],
    );
    assert.ok(
      !folders.some((folder) => ['engine', 'host', 'http', 'agents/mcp', 'agents/tools', 'cli'].includes(folder)),
      folders.join(),
    );
    assert.deepEqual([...new Set(loads)], ['vscode']);
  });

  it('of the list of what can be started holds no engine, and leaves out the editor alone', () => {
    const { folders, loads } = contents('src/extension/starting/main.ts');
    assert.ok(!folders.some((folder) => ['engine', 'host', 'http', 'cli'].includes(folder)), folders.join());
    assert.deepEqual([...new Set(loads)], ['vscode']);
  });

  it('of the marks of scripts in files is small', () => {
    const { folders, loads } = contents('src/extension/start/lenses.ts');
    assert.deepEqual(folders, ['api', 'extension', 'text']);
    assert.deepEqual([...new Set(loads)], ['vscode']);
    assert.ok(statSync(join(dist, 'lenses.js')).size <= 40_000);
  });

  it('of the tools holds what the editor does not load before an agent calls', () => {
    const { folders, loads } = contents('src/agents/tools/main.ts');
    assert.deepEqual(folders, ['agents/tools', 'api', 'text']);
    assert.deepEqual(loads, []);
  });

  it('of the doctor holds no front, and needs nothing but Node', () => {
    const { folders, loads } = contents('src/doctor/main.ts');
    assert.deepEqual(folders, [
      'api',
      'bundles',
      'client',
      'dataDir',
      'disk',
      'doctor',
      'host',
      'logs',
      'processes',
      'store',
      'text',
    ]);
    assert.deepEqual(loads, []);
  });

  it('of the files of coding agents holds what changes them', () => {
    const { folders, loads } = contents('src/agents/setup/configFile.ts');
    assert.deepEqual(folders, ['agents/setup', 'api']);
    assert.deepEqual(loads, []);
  });

  it('of the judge of commands holds nothing else', () => {
    const { folders, loads } = contents('src/agents/policy/judge.ts');
    assert.deepEqual(folders, ['agents/policy']);
    assert.deepEqual(loads, []);
  });

  it('of cron patterns holds nothing but what reads them', () => {
    const { folders, loads } = contents('src/engine/queue/cron.ts');
    assert.deepEqual(folders, ['api', 'engine']);
    assert.deepEqual(loads, []);
  });

  it('of problem matchers holds neither the editor nor a schema', () => {
    const { folders, loads } = contents('src/extension/matching/main.ts');
    assert.deepEqual(folders, ['api', 'extension', 'text']);
    assert.deepEqual(loads, []);
    assert.ok(statSync(join(dist, 'matchers.js')).size <= 25_000);
  });

  it('of terminals holds no schema', () => {
    const { folders, loads } = contents('src/extension/terminal/attachedTerminals.ts');
    assert.deepEqual(folders, ['api', 'extension', 'text']);
    assert.deepEqual([...new Set(loads)], ['vscode']);
    assert.ok(statSync(join(dist, 'terminals.js')).size <= 25_000);
  });

  it('of the page of a job and the timeline hold no schema, and are small in the browser', () => {
    const { folders, loads } = contents('src/extension/page/main.ts');
    assert.deepEqual(folders, ['api', 'extension', 'text']);
    assert.deepEqual([...new Set(loads)], ['vscode']);
    assert.deepEqual(contents('src/webview/main.ts'), { folders: ['webview'], loads: [] });
    assert.deepEqual(contents('src/webview/timelineMain.ts'), { folders: ['text', 'webview'], loads: [] });
    for (const name of ['jobPage', 'timeline']) {
      assert.ok(statSync(join(dist, `${name}.js`)).size + statSync(join(dist, `${name}.css`)).size <= 200_000);
    }
  });

  it('are small: the extension has at most 250 kB, also with its commands and what stands in files', () => {
    const size = (name: string): number => statSync(join(dist, name)).size;
    assert.ok(size('extension.js') + size('commands.js') + size('lenses.js') <= 250_000);
  });

  it('run as programs, without a word of warning', () => {
    const run = (...args: string[]) => {
      const env = { PATH: process.env['PATH'], BGJOBS_HOME: folder };
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
      return { status, stdout, stderr };
    };
    const version = `${(JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as { version: string }).version}\n`;
    copyFileSync(join(top, 'package.json'), join(folder, 'package.json'));
    assert.deepEqual(run(join(dist, 'cli.js'), '--version'), { status: 0, stdout: version, stderr: '' });
    // The second trade of the host: to supervise a run, whose record it has prepared.
    writeFileSync(join(folder, 'exit'), '');
    const supervised = run(join(dist, 'host.js'), 'supervise', folder, 'inherit', '', 'printf', '%s', 'a b');
    assert.deepEqual(supervised, { status: 0, stdout: 'a b', stderr: '' });
    assert.equal(readFileSync(join(folder, 'exit'), 'utf8'), 'exit 0\n');
  });
});
