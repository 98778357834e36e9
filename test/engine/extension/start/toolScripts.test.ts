import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, it } from 'mocha';
import which from 'which';
import type { Script } from '../../../../src/extension/start/scripts.ts';
import { toolScripts, type ToolName } from '../../../../src/extension/start/toolScripts.ts';
import { envWithJust, justFixtures } from '../../../helpers/just.ts';

let folder: string;
beforeEach(() => (folder = realpathSync(mkdtempSync(join(tmpdir(), 'bj-tools-')))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

describe('The recipes of a justfile', () => {
  before(function () {
    if (process.platform === 'win32') this.skip(); // The stand-in for just is a shell script.
  });

  /** @param dump what just prints of it */
  const recipesOf = (dump: string): Promise<Script[]> => {
    write({ 'justfile.dump.json': dump });
    return toolScripts('just', join(folder, 'justfile'), envWithJust());
  };

  it('are those that just names, without private ones, with what has to be given', async () => {
    const recipes = await toolScripts('just', join(justFixtures, 'justfile'), envWithJust());
    assert.deepEqual(
      recipes.map(({ command, description, required }) => [command, description, required]),
      [
        ['just build', 'Build all of it', []],
        [
          'just deploy',
          '',
          [
            { name: 'env', several: false },
            { name: 'key', several: false },
          ],
        ],
        ['just run', '', [{ name: 'first', several: false }]],
        [
          'just test',
          '',
          [
            { name: 'target', several: false },
            { name: 'files', several: true },
          ],
        ],
        ['just tools::format', 'Format the code', []],
      ],
    );
  });

  it('can come from a just that names neither modules nor paths', async () => {
    const old = { recipes: { all: { name: 'all', doc: null, private: false, parameters: [] } } };
    assert.deepEqual(await recipesOf(JSON.stringify(old)), [
      { name: 'all', description: '', command: 'just all', required: [] },
    ]);
  });

  it('are none when just fails or prints something else', async () => {
    assert.deepEqual(await toolScripts('just', join(folder, 'missing'), envWithJust()), []);
    assert.deepEqual(await recipesOf('just 1.0'), []);
    assert.deepEqual(await recipesOf('{"recipes": 3}'), []);
  });

  it('are none where just is not installed', async () => {
    assert.deepEqual(await toolScripts('just', join(justFixtures, 'justfile'), { PATH: folder }), []);
  });

  it('have options, confirmations, and the aliases of recipes in modules', async () => {
    const recipes = await toolScripts('just', join(justFixtures, 'options'), envWithJust());
    assert.deepEqual(recipes, expectedOptions);
  });
});

/** Of just 1.57.0; the dump is in test/fixtures/just/options.dump.json. */
const optionFiles = {
  justfile: `mod tools
alias b := build
alias f := tools::format
alias _h := tools::format
[private]
alias p := tools::format
# Build it
[confirm]
build:
    @echo built
[confirm("Really deploy?")]
[arg('env', long)]
[arg('key', long='key-file', short='k')]
[arg('force', long, value='forced')]
[arg('opt', long)]
[arg('v', short='v')]
deploy env key target force v opt='x' +files: build
    @echo {{env}} {{key}} {{target}} {{force}} {{v}} {{opt}} {{files}}
`,
  'tools.just': `# Format it
format: check
    @echo formatted
[confirm('Check first?')]
check:
`,
};
const expectedOptions: Script[] = [
  {
    name: 'build',
    description: 'Build it',
    command: 'just --yes build',
    required: [],
    confirmation: 'Run recipe `build`?',
  },
  {
    name: 'deploy',
    description: '',
    command: 'just --yes deploy --force',
    required: [
      { name: 'env', several: false, option: '--env' },
      { name: 'key', several: false, option: '--key-file' },
      { name: 'target', several: false },
      { name: 'v', several: false, option: '-v' },
      { name: 'files', several: true },
    ],
    confirmation: 'Really deploy?\nRun recipe `build`?',
  },
  ...['f', 'tools::check', 'tools::format'].map((name) => ({
    name,
    description: name === 'tools::check' ? '' : 'Format it',
    command: `just --yes ${name}`,
    required: [],
    confirmation: 'Check first?',
  })),
];

/** Each is a test where the tool is installed. */
const realTools: readonly {
  tool: ToolName;
  files: Readonly<Record<string, string>>;
  expected: readonly Partial<Script>[];
  /** Of the first, with these words after it. */
  words?: string;
  output?: RegExp;
}[] = [
  {
    tool: 'just',
    files: optionFiles,
    expected: expectedOptions,
    output: /^built$/,
  },
  {
    tool: 'task',
    files: {
      'Taskfile.yml': `version: '3'
vars: {X: {sh: touch executed}}
includes: {docs: ./docs.yml}
tasks:
  build: {desc: Build it, status: [touch executed], cmds: ['echo built']}
  hidden: {internal: true, cmds: [echo]}
  'start:*': {cmds: [echo]}
  two words: echo
`,
      'docs.yml': `version: '3'\ntasks: {serve: echo}\n`,
    },
    expected: [
      { name: 'build', description: 'Build it', command: 'task build' },
      { name: 'two words', description: '', command: "task 'two words'" },
      { name: 'docs:serve', description: '', command: 'task docs:serve' },
    ],
  },
  {
    tool: 'mise',
    files: {
      'mise.toml': '[tasks.above]\nrun = "echo"\n',
      'app/mise.toml':
        '[tasks.build]\ndescription = "Build it"\nrun = "echo built"\n[tasks.hidden]\nhide = true\nrun = "x"\n',
    },
    expected: [{ name: 'build', description: 'Build it', command: 'mise run build' }],
    output: /^built$/m,
  },
  {
    tool: 'cargo',
    files: {
      'Cargo.toml': `[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n[workspace]\nmembers = ["lib"]
[dependencies]\nno-such-crate = "1"\n[features]\nextra = []\n[[bin]]\nname = "more"\nrequired-features = ["extra"]\npath = "src/more.rs"\n`,
      'src/main.rs': 'fn main() {}\n',
      'examples/demo.rs': 'fn main() {}\n',
      'tests/whole.rs': '',
      'lib/Cargo.toml': '[package]\nname = "lib"\nversion = "0.1.0"\nedition = "2021"\n',
      'lib/src/main.rs': 'fn main() {}\n',
    },
    expected: [
      { name: 'app', description: 'bin', command: 'cargo run --bin app' },
      { name: 'more', description: 'bin', command: 'cargo run --bin more --features extra' },
      { name: 'demo', description: 'example', command: 'cargo run --example demo' },
      { name: 'whole', description: 'test', command: 'cargo test --test whole' },
    ],
  },
  {
    tool: 'go',
    files: {
      'go.mod': 'module example.com/app\n\ngo 1.21\n\nrequire example.com/nothing v1.2.3\n',
      'main.go': '// Command app serves.\npackage main\n\nimport _ "example.com/nothing"\n\nfunc main() {}\n',
      'cmd/tool/main.go': 'package main\n\nfunc main() {}\n',
      'lib/lib.go': 'package lib\n',
    },
    expected: [
      { name: '.', description: 'Command app serves.', command: 'go run .' },
      { name: 'cmd/tool', description: '', command: 'go run ./cmd/tool' },
    ],
  },
];

describe('What a tool lists', () => {
  for (const { tool, files, expected, output } of realTools) {
    it(`${tool}: is what it can run, in the file that is asked for`, async function () {
      if (which.sync(tool, { nothrow: true }) === null) this.skip();
      write(files);
      const names = Object.keys(files);
      const file = join(folder, tool === 'mise' ? 'app/mise.toml' : (names[0] ?? ''));
      const env = { ...process.env, MISE_TRUSTED_CONFIG_PATHS: folder };
      const scripts = await toolScripts(tool, file, env);
      assert.deepEqual(scripts, expected);
      symlinkSync(dirname(file), join(folder, 'link'));
      assert.deepEqual(await toolScripts(tool, join(folder, 'link', basename(file)), env), expected);
      assert.equal(which.sync(join(folder, 'executed'), { nothrow: true }), null, 'nothing of it is run');
      if (output === undefined) return;
      const { stdout } = await promisify(execFile)('sh', ['-c', scripts[0]?.command ?? ''], {
        cwd: dirname(file),
        env,
      });
      assert.match(stdout.trim(), output);
    });
  }
});
