import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../../src/api/job.ts';
import { useEditor } from '../helpers/editor.ts';
import { envWithJust } from '../helpers/just.ts';
import { storeOf } from '../helpers/store.ts';
import { until } from '../helpers/until.ts';

/** Starting a job from the place where it is defined. */
describe('a person who sees something that can be run', () => {
  const editor = useEditor({
    env: { PATH: envWithJust().PATH, VSCODE_CLI: '1' },
    settings: { 'npm.scriptRunner': 'node', 'npm.enableScriptExplorer': true },
    files: {
      'package.json': JSON.stringify({ name: 'shop', scripts: { hello: 'echo hello', fails: 'exit 3' } }, null, 2),
      'app/Makefile': 'all: ## Make it all\n\t@echo made\n',
      'app/justfile': '# Greet somebody\ngreet name:\n  @echo hello {{name}}\n',
      'app/justfile.dump.json': JSON.stringify({
        recipes: {
          greet: {
            name: 'greet',
            doc: 'Greet somebody',
            parameters: [{ name: 'name', default: null, kind: 'singular' }],
          },
        },
      }),
      'scripts/build.sh': '#!/usr/bin/env bash\necho "built in $PWD"\n',
      'bgjobs.yaml':
        'jobs:\n  db:\n    command: sleep 600\n  web:\n    command: sleep 600\n    dependsOn: { db: started }\n',
      'main.py': 'import os\n\nif __name__ == "__main__":\n    print("python in", os.getcwd())\n',
      '.vscode/settings.json': JSON.stringify({
        'backgroundJobs.templates': { nightly: { command: 'echo nightly' }, broken: { comand: 'true' } },
      }),
      '.vscode/tasks.json': JSON.stringify({
        version: '2.0.0',
        tasks: [{ label: 'compile', type: 'shell', command: 'echo compiled' }],
      }),
    },
  });
  let store: ReturnType<typeof storeOf>;
  before(() => {
    chmodSync(join(editor.workspace, 'scripts', 'build.sh'), 0o755);
    store = storeOf(editor);
  });
  after(() => store.dispose());

  const jobNamed = (name: string, status = 'completed'): Promise<Job> =>
    until(`${name} is ${status}`, async () =>
      (await store.listJobs()).jobs.find((job) => job.name === name && job.status === status),
    );
  const outputOf = async (name: string): Promise<string> => {
    const { id } = await jobNamed(name);
    return (await store.getOutput(id)).chunks.map(({ text }) => text).join('');
  };
  const lenses = () => editor.workbench.lenses('Run in Background');
  const untilLenses = (count: number) =>
    until(`${count} lenses`, async () => (await lenses().count()) === count || undefined);
  const startables = () => editor.workbench.tree('Scripts & Templates');

  it('finds everything in the view of scripts and templates, and starts it there', async () => {
    const { workbench } = editor;
    await workbench.openContainer('Background Jobs');
    const tree = startables();
    await tree.waitForRow('all');
    await workbench.screenshot('startables');
    const rows = (await tree.rows()).map(({ text, level }) => [level, text]);
    assert.deepEqual(rows, [
      [1, 'Templates'],
      [2, 'nightly'],
      [2, 'broken'],
      [1, 'Package scripts'],
      [2, 'hello'],
      [2, 'fails'],
      [1, 'Make targets'],
      [2, 'all'],
      [1, 'Just recipes'],
      [2, 'greet'],
      [1, 'Tasks'],
    ]);
    await tree.clickAction('nightly', 'Start');
    assert.equal(await outputOf('nightly'), 'nightly\n');
    await tree.waitForRow('nightly', ({ icon }) => icon === 'pass');
    await tree.clickAction('fails', 'Start');
    await jobNamed('fails', 'failed');
    const failed = await tree.waitForRow('fails', ({ icon }) => icon === 'error');
    assert.match(failed.accessibleName, /^fails, exit code [1-9]/);
    await workbench.screenshot('startables-results');
  });

  it('opens the options and the definition of what is listed', async () => {
    const { workbench } = editor;
    const tree = startables();
    await tree.clickAction('all', 'Start with Options…');
    await workbench.quickInput.waitFor('Select an option');
    await workbench.quickInput.cancel();
    await tree.pickFromContextMenu('all', 'Open Definition');
    await until(
      'the makefile is open',
      async () => (await workbench.editorLines()).some((line) => line.includes('Make it all')) || undefined,
    );
    // Otherwise the tasks are out of sight.
    for (const group of ['Templates', 'Package scripts']) await tree.toggle(group);
    await tree.toggle('Tasks');
    await tree.waitForRow('compile');
    await tree.clickAction('compile', 'Start');
    assert.equal(await outputOf('compile'), 'compiled\n');
  });

  it('runs a script of package.json by the lens above it', async () => {
    const { workbench } = editor;
    await workbench.openFile('package.json');
    await untilLenses(2);
    await workbench.screenshot('lenses');
    await lenses().first().click();
    assert.match(await outputOf('hello'), /hello\n$/);
  });

  it('runs a target, a recipe with what it needs, a shell script and a Python program by their lenses', async () => {
    const { workbench } = editor;
    await workbench.openFile('app/Makefile');
    await lenses().first().click();
    assert.equal(await outputOf('all'), 'made\n');
    await workbench.openFile('app/justfile');
    await lenses().first().click();
    await workbench.quickInput.waitFor('name');
    await workbench.quickInput.answer('you');
    await until('the recipe is started', async () =>
      (await store.listJobs()).jobs.find(({ command }) => command === 'just greet you'),
    );
    await workbench.openFile('scripts/build.sh');
    await lenses().first().click();
    assert.equal(await outputOf('build.sh'), `built in ${editor.workspace}\n`);
    await workbench.openFile('main.py');
    await lenses().first().click();
    assert.equal(await outputOf('main.py'), `python in ${editor.workspace}\n`);
  });

  it('runs a file from the Explorer, and a script from the editor’s view of npm scripts', async () => {
    const { workbench } = editor;
    await workbench.openContainer('Explorer');
    const before = (await store.listJobs()).total;
    await workbench.pickFromExplorer('main.py', 'Run File in Background');
    await until('it is started', async () => (await store.listJobs()).total === before + 1 || undefined);
    await workbench.pickFromExplorer('package.json', 'Run File in Background');
    await workbench.quickInput.waitFor('Select a script of package.json');
    await workbench.quickInput.pick('hello');
    await until('the script is started', async () => (await store.listJobs()).total === before + 2 || undefined);
    assert.equal(await workbench.isContainerOpen('Explorer'), true);
    await workbench.runCommand('Explorer: Focus on NPM Scripts View');
    const npm = workbench.tree('NPM Scripts');
    await npm.waitForRow('hello');
    await npm.pickFromContextMenu('hello', 'Run in Background');
    await until('it is started', async () => (await store.listJobs()).total === before + 3 || undefined);
  });

  it('starts the jobs of a bgjobs.yaml, and stops them', async () => {
    const { workbench } = editor;
    await workbench.openContainer('Background Jobs');
    await workbench.runCommand('Background Jobs: Start Jobs of a File…');
    await workbench.quickInput.waitFor('Select the jobs to start');
    await workbench.screenshot('jobs-of-a-file');
    await workbench.quickInput.confirm();
    await workbench.notifications.waitFor('Jobs started: 2.');
    for (const name of ['db', 'web']) await jobNamed(name, 'running');
    await workbench.runCommand('Background Jobs: Stop Jobs of a File…');
    for (const name of ['db', 'web']) await jobNamed(name, 'killed');
  });
});
