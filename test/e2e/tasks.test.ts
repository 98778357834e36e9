import assert from 'node:assert/strict';
import type { Job } from '../../src/api/job.ts';
import { useEditor } from '../helpers/editor.ts';
import { storeOf } from '../helpers/store.ts';
import { until } from '../helpers/until.ts';

/** Tasks as a person runs them, and what a reload makes of them. */
describe('tasks of the type backgroundJob', () => {
  const editor = useEditor({
    files: {
      'a.txt': 'one\ntwo\n',
      '.vscode/tasks.json': JSON.stringify({
        version: '2.0.0',
        inputs: [{ id: 'word', type: 'promptString', description: 'Which word?' }],
        tasks: [
          {
            label: 'watch',
            type: 'backgroundJob',
            command: 'echo began; exec sleep 600',
            isBackground: true,
            problemMatcher: [],
          },
          {
            label: 'say',
            type: 'backgroundJob',
            argv: ['printf', '\\033[32m[%s]\\033[0m\\n', '${input:word}'],
            problemMatcher: [],
          },
          {
            label: 'in order',
            type: 'backgroundJob',
            command: 'true',
            dependsOn: ['first', 'second'],
            dependsOrder: 'sequence',
            problemMatcher: [],
          },
          { label: 'first', type: 'backgroundJob', command: 'true', problemMatcher: [] },
          { label: 'second', type: 'backgroundJob', command: 'true', problemMatcher: [] },
          {
            label: 'check',
            type: 'shell',
            command: 'echo "a.txt:${input:word}: is wrong"',
            problemMatcher: {
              owner: 'check',
              pattern: { regexp: '^(\\S+):(\\d+): (.*)$', file: 1, line: 2, message: 3 },
            },
          },
        ],
      }),
    },
  });

  async function runTask(label: string): Promise<void> {
    const { page, quickInput } = editor.workbench;
    await page.keyboard.press('F1');
    await quickInput.type(`task ${label}`);
    await quickInput.pick(label);
  }

  async function jobs(): Promise<Job[]> {
    const store = storeOf(editor);
    try {
      return (await store.listJobs()).jobs;
    } finally {
      store.dispose();
    }
  }

  const jobNamed = (label: string, status: string): Promise<Job> =>
    until(`${label} is ${status}`, async () =>
      (await jobs()).find((job) => job.name === label && job.status === status),
    );

  it('ask for their inputs, and show what the job writes', async () => {
    await runTask('say');
    await editor.workbench.quickInput.waitFor('Which word?');
    await editor.workbench.quickInput.answer("it's $HOME");
    await editor.workbench.terminal.waitForText("[it's $HOME]");
    await jobNamed('say', 'completed');
  });

  it('leave their job alone when the window is loaded again, and take it up when they are run again', async () => {
    await runTask('watch');
    const { id } = await jobNamed('watch', 'running');
    await editor.workbench.terminal.waitForText('began');
    await editor.workbench.reload();
    await editor.workbench.openContainer('Background Jobs');
    await editor.workbench.tree('Jobs').waitForRow('watch', ({ icon }) => icon === 'play-circle');
    await runTask('watch');
    await editor.workbench.terminal.waitForText('began');
    assert.deepEqual(
      (await jobs()).filter(({ name }) => name === 'watch').map((job) => job.id),
      [id],
    );
    await editor.workbench.runCommand('Tasks: Terminate Task');
    await editor.workbench.quickInput.waitFor('Select a task to terminate');
    await editor.workbench.quickInput.pick('watch');
    const killed = await jobNamed('watch', 'killed');
    assert.equal(killed.id, id);
  });

  it('say that the editor ignores their order', async () => {
    await runTask('in order');
    const { message } = await editor.workbench.notifications.waitFor('dependsOrder');
    assert.match(message, /^VS Code ignores "dependsOrder" of the task "in order"/);
    await editor.workbench.notifications.dismiss('dependsOrder');
    await jobNamed('in order', 'completed');
  });

  it('lend problem matchers to a task that is started as a job', async () => {
    const { workbench } = editor;
    await workbench.runCommand('Background Jobs: Start Job…');
    await workbench.quickInput.waitFor('Enter a command');
    await workbench.quickInput.pick(/check/);
    await workbench.quickInput.waitFor('Which word?');
    await workbench.quickInput.answer('2');
    await jobNamed('check', 'completed');
    await workbench.waitForStatusBar(/\$\(error\)\s*1/);
  });
});

/** Of one name the nearest counts, and settings are those of the folder that something runs in. */
describe('templates and tasks of several folders', () => {
  const tasks = (...all: object[]): string => JSON.stringify({ version: '2.0.0', tasks: all });
  const echo = (label: string, text: string): object => ({ label, type: 'shell', command: `echo ${text}` });
  const editor = useEditor({
    open: 'both.code-workspace',
    settings: { 'backgroundJobs.templates': { serve: { command: 'echo general' } } },
    files: {
      'both.code-workspace': JSON.stringify({ folders: [{ path: 'one' }, { path: 'two' }] }),
      'one/.vscode/settings.json': JSON.stringify({
        'backgroundJobs.templates': { serve: { command: 'echo one' } },
        'editor.tabSize': 3,
      }),
      'one/.vscode/tasks.json': tasks(echo('build', 'one')),
      'two/.vscode/settings.json': JSON.stringify({ 'editor.tabSize': 5 }),
      'two/.vscode/tasks.json': tasks(
        { label: 'serve two', type: 'backgroundJob', template: 'serve', problemMatcher: [] },
        echo('build', 'two'),
        { ...echo('tab size', '${config:editor.tabSize}'), dependsOn: 'build', problemMatcher: [] },
      ),
    },
  });

  it('are those of the folder that they run in', async () => {
    const { workbench } = editor;
    const store = storeOf(editor);
    const pick = async (label: string): Promise<void> => {
      await workbench.runCommand('Background Jobs: Start Job…');
      await workbench.quickInput.waitFor('Enter a command');
      await workbench.quickInput.pick(label);
    };
    const offered = async (): Promise<string[]> =>
      (await workbench.quickInput.items()).map(({ label, description }) => `${label}: ${description}`);
    const outputOf = (name: string): Promise<string> =>
      until(`the end of ${name}`, async () => {
        const job = (await store.listJobs({ status: 'completed' })).jobs.find((one) => one.name === name);
        return job && (await store.getOutput(job.id)).chunks.map(({ text }) => text).join('');
      });
    await workbench.runCommand('Background Jobs: Start Job…');
    await until('all are offered', async () => (await offered()).includes('build: Workspace · two') || undefined);
    const all = await offered();
    for (const item of ['serve: echo one · one', 'serve: echo general', 'build: Workspace · one']) {
      assert.ok(all.includes(item), `${item} is not among ${all.join(', ')}`);
    }
    await workbench.quickInput.cancel();
    await pick('serve two');
    assert.equal(await outputOf('serve two'), 'general\n');
    await pick('tab size');
    assert.equal(await outputOf('tab size'), '5\n');
    assert.equal(await outputOf('build'), 'two\n');
    store.dispose();
  });
});
