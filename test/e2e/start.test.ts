import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiClient } from '../../src/client/apiClient.ts';
import type { Job } from '../../src/api/job.ts';
import { useEditor } from '../helpers/editor.ts';
import { envWithJust } from '../helpers/just.ts';
import { storeOf } from '../helpers/store.ts';
import { until } from '../helpers/until.ts';

/** The ways to a job that the start command offers. */
describe('the start command', () => {
  const editor = useEditor({
    // VSCODE_CLI: as when it is started in a terminal. Else the PATH is that of a login shell.
    env: { PATH: envWithJust().PATH, VSCODE_CLI: '1' },
    files: {
      'app/package.json': JSON.stringify({ scripts: { hello: 'echo from the script' } }),
      'app/Makefile': 'CC := cc\n.PHONY: all\nall: ## Make it all\n\t@echo made\n%.o: %.c\n',
      'gnu/GNUmakefile': '.RECIPEPREFIX = >\nNAME = chosen\n$(NAME):\n>@echo gnu\n',
      'gnu/Makefile': 'hidden:\n\t@echo not this\n',
      'gnu/Procfile': 'web: echo "from the Procfile"\n',
      'app/justfile': '# Greet somebody\ngreet name:\n  @echo hello {{name}}\n',
      'app/justfile.dump.json': JSON.stringify({
        recipes: {
          greet: {
            name: 'greet',
            namepath: 'greet',
            doc: 'Greet somebody',
            private: false,
            parameters: [{ name: 'name', export: false, default: null, kind: 'singular' }],
          },
          drop: {
            name: 'drop',
            private: false,
            attributes: [{ confirm: 'Really drop it?' }],
            parameters: [{ name: 'table', default: null, kind: 'singular', long: 'table' }],
          },
        },
      }),
      '.vscode/settings.json': JSON.stringify({
        'npm.scriptRunner': 'node',
        'backgroundJobs.templates': {
          serve: {
            argv: ['printf', '[%s]', '${input:stage}', '${input:title}'],
            cwd: 'app',
            env: { KEY: '${input:key}' },
            tags: { stage: '${input:stage}' },
            inputs: [
              {
                id: 'stage',
                type: 'pickString',
                description: 'Which stage?',
                options: ['test', 'live'],
                default: 'live',
              },
              { id: 'title', type: 'promptString', description: 'Which title?', default: 'none' },
              { id: 'key', type: 'promptString', description: 'Which key?', password: true },
            ],
          },
          login: {
            command: 'echo ${#KEY}',
            env: { KEY: '${input:key}' },
            inputs: [{ id: 'key', type: 'promptString', password: true }],
          },
          broken: { comand: 'true' },
        },
      }),
      '.vscode/tasks.json': JSON.stringify({
        version: '2.0.0',
        inputs: [{ id: 'target', type: 'promptString', description: 'What?' }],
        tasks: [
          {
            label: 'compile',
            type: 'shell',
            command: 'printf',
            args: ['[%s]', '${workspaceFolderBasename}', 'two words'],
          },
          { label: 'list', type: 'process', command: 'ls', args: ['-a'], options: { cwd: 'app' } },
          { label: 'ask', type: 'shell', command: 'echo', args: ['${input:target}', '${HOME}'] },
          { label: 'open file', type: 'shell', command: 'cat ${file}' },
        ],
      }),
    },
  });

  async function choose(choice: RegExp): Promise<void> {
    const { workbench } = editor;
    await workbench.runCommand('Background Jobs: Start Job…');
    await workbench.quickInput.waitFor('Enter a command');
    await workbench.quickInput.pick(choice);
  }

  async function withStore<Result>(ask: (store: ApiClient) => Promise<Result>): Promise<Result> {
    const store = storeOf(editor);
    try {
      return await ask(store);
    } finally {
      store.dispose();
    }
  }

  /** @param name null for one without */
  function jobNamed(name: string | null): Promise<Job> {
    return withStore(async (store) => {
      const job = (await store.listJobs()).jobs.find((candidate) => candidate.name === name);
      assert.ok(job, String(name));
      return job;
    });
  }

  async function countOfJobs(): Promise<number> {
    return withStore(async (store) => (await store.listJobs()).total);
  }

  async function outputOf(name: string | null): Promise<string> {
    if (name !== null) await editor.workbench.tree('Jobs').waitForRow(name, ({ icon }) => icon === 'pass');
    const { id } = await jobNamed(name);
    const { chunks } = await withStore((store) => store.getOutput(id));
    return chunks.map(({ text }) => text).join('');
  }

  it('runs the tasks of the workspace as jobs', async () => {
    await editor.workbench.openContainer('Background Jobs');
    await choose(/compile/);
    assert.equal(await outputOf('compile'), '[workspace][two words]');
    await choose(/list/);
    assert.match(await outputOf('list'), /package\.json/);
  });

  it('asks for the inputs of a task', async () => {
    await choose(/ask/);
    await editor.workbench.quickInput.waitFor('What?');
    await editor.workbench.quickInput.answer("it's two");
    assert.equal(await outputOf('ask'), `it's two ${editor.userHome}\n`);
  });

  it('says of a task that cannot be a job why', async () => {
    await choose(/open file/);
    const { message } = await editor.workbench.notifications.waitFor('cannot run as a job');
    assert.equal(message, '"open file" cannot run as a job: ${file} has no value.');
    await editor.workbench.notifications.dismiss('cannot run as a job');
  });

  it('starts a template with what is asked for, each as one argument', async () => {
    const { quickInput } = editor.workbench;
    await choose(/serve/);
    await quickInput.waitFor('Which stage?');
    assert.deepEqual(
      (await quickInput.items()).map(({ label, description }) => [label, description]),
      [
        ['live', 'default'],
        ['test', ''],
      ],
    );
    await quickInput.pick('test');
    await quickInput.waitFor('Which title?');
    assert.equal(await quickInput.value(), 'none');
    await quickInput.answer("it's $(date)");
    await quickInput.waitFor('Which key?');
    await quickInput.answer('');
    assert.equal(await outputOf('serve'), "[test][it's $(date)]");
    assert.deepEqual((await jobNamed('serve')).tags, { stage: 'test' });
  });

  it('gives a password of a template to the process, and to nobody else', async () => {
    await choose(/login/);
    await editor.workbench.quickInput.waitFor('key');
    await editor.workbench.quickInput.answer('s3cret');
    assert.equal(await outputOf('login'), '6\n');
    assert.deepEqual((await jobNamed('login')).options.env, []);
    for (const file of readdirSync(editor.home)) {
      if (/jobs\.db/.test(file)) assert.ok(!readFileSync(join(editor.home, file)).includes('s3cret'), file);
    }
  });

  it('starts nothing when a question is left, and offers to go on with it', async () => {
    await choose(/serve/);
    await editor.workbench.quickInput.waitFor('Which stage?');
    const before = await countOfJobs();
    await editor.workbench.quickInput.cancel();
    const { notifications } = editor.workbench;
    assert.equal((await notifications.waitFor('was not started')).message, '"serve" was not started.');
    await notifications.click('was not started', 'Continue');
    await editor.workbench.quickInput.waitFor('Which stage?');
    await editor.workbench.quickInput.cancel();
    await notifications.waitFor('was not started');
    await notifications.dismiss('was not started');
    assert.equal(await countOfJobs(), before);
  });

  it('says what is wrong with a template', async () => {
    await choose(/broken/);
    const { message } = await editor.workbench.notifications.waitFor('cannot run as a job');
    assert.match(message, /^"broken" cannot run as a job: unknown field "comand": known are command, argv/);
    await editor.workbench.notifications.dismiss('cannot run as a job');
  });

  it('runs the targets of a makefile, and recipes of just with what they need', async () => {
    const { quickInput } = editor.workbench;
    await choose(/make all/);
    assert.equal(await outputOf('all'), 'made\n');
    await choose(/just greet <name>/);
    await quickInput.waitFor('name');
    await quickInput.answer('you two');
    await editor.workbench.tree('Jobs').waitForRow('greet');
    const { command, cwd } = await jobNamed('greet');
    assert.deepEqual([command, cwd], ["just greet 'you two'", join(editor.workspace, 'app')]);
  });

  it('asks what a recipe would ask, and gives its options', async () => {
    const { quickInput, dialog } = editor.workbench;
    await choose(/just --yes drop <table>/);
    assert.match(await dialog.text(), /just --yes drop[^]*Really drop it\?/);
    await dialog.click('Start');
    await quickInput.waitFor('table');
    await quickInput.answer('users');
    await editor.workbench.tree('Jobs').waitForRow('drop');
    assert.equal((await jobNamed('drop')).command, 'just --yes drop --table=users');
  });

  it('offers the makefile that make reads, and the processes of a Procfile', async () => {
    const { workbench } = editor;
    await choose(/make chosen/);
    assert.equal(await outputOf('chosen'), 'gnu\n');
    await choose(/from the Procfile/);
    assert.equal(await outputOf('web'), 'from the Procfile\n');
    await workbench.runCommand('Background Jobs: Start Job…');
    await workbench.quickInput.type('make ');
    const labels = await until('both makefiles', async () => {
      const found = (await workbench.quickInput.items()).map(({ label }) => label).filter((label) => label !== 'make');
      return found.length >= 2 ? found : undefined;
    });
    assert.deepEqual(labels, ['make all', 'make chosen']);
    await workbench.quickInput.cancel();
  });

  it('runs the scripts of package.json where it lies, with what the settings say', async () => {
    await choose(/node --run hello/);
    assert.match(await outputOf('hello'), /from the script\n$/);
  });

  it('starts a typed line with live input, and offers it again', async () => {
    const { workbench } = editor;
    await workbench.runCommand('Background Jobs: Start Job…');
    await workbench.quickInput.waitFor('Enter a command');
    await workbench.page.locator('.quick-input-widget [aria-label^="Keep standard input open"]').click();
    await workbench.quickInput.answer('read answer; echo "got $answer"');
    const tree = workbench.tree('Jobs');
    const line = 'read answer; echo "got $answer"';
    await tree.waitForRow(line, ({ icon }) => icon === 'play-circle');
    await tree.pickFromContextMenu(line, 'Send Input…');
    await workbench.quickInput.waitFor('Input for "read answer');
    await workbench.quickInput.answer('sesame');
    await tree.waitForRow(line, ({ icon }) => icon === 'pass');
    assert.equal(await outputOf(null), 'got sesame\n');
    const before = await countOfJobs();
    await choose(/^\s*read answer; echo "got \$answer"\s*$/);
    await until('it is started again', async () => (await countOfJobs()) === before + 1 || undefined);
  });
});
