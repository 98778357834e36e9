import assert from 'node:assert/strict';
import { useEditor } from '../helpers/editor.ts';
import { storeOf } from '../helpers/store.ts';

/** The ways to a job that the start command offers. */
describe('the start command', () => {
  const editor = useEditor({
    files: {
      'app/package.json': JSON.stringify({ scripts: { hello: 'echo from the script' } }),
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
          { label: 'ask', type: 'shell', command: 'make ${input:target}' },
        ],
      }),
    },
  });

  async function choose(choice: RegExp): Promise<void> {
    const { workbench } = editor;
    await workbench.runCommand('Background Jobs: Start a Job…');
    await workbench.quickInput.waitFor('Type a command line');
    await workbench.quickInput.pick(choice);
  }

  async function nameIt(): Promise<void> {
    await editor.workbench.quickInput.waitFor('A name');
    await editor.workbench.quickInput.accept();
  }

  async function outputOf(name: string): Promise<string> {
    await editor.workbench.tree('Jobs').waitForRow(name, ({ icon }) => icon === 'pass');
    const store = storeOf(editor);
    const job = (await store.listJobs()).jobs.find((candidate) => candidate.name === name);
    const { chunks } = await store.getOutput(job?.id ?? '');
    store.dispose();
    return chunks.map(({ text }) => text).join('');
  }

  it('runs the tasks of the workspace as jobs', async () => {
    await editor.workbench.openContainer('Background Jobs');
    await choose(/compile/);
    await nameIt();
    assert.equal(await outputOf('compile'), '[workspace][two words]');
    await choose(/list/);
    await nameIt();
    assert.match(await outputOf('list'), /package\.json/);
  });

  it('says of a task that cannot be a job why', async () => {
    await choose(/ask/);
    const { message } = await editor.workbench.notifications.waitFor('cannot run as a job');
    assert.equal(message, '"ask" cannot run as a job: ${input:target} cannot be filled in.');
    await editor.workbench.notifications.dismiss('cannot run as a job');
  });

  it('runs the scripts of package.json where it lies', async () => {
    await choose(/npm run hello/);
    await nameIt();
    assert.match(await outputOf('hello'), /from the script\n$/);
  });

  it('starts a typed line with live input, and offers it again', async () => {
    const { workbench } = editor;
    await workbench.runCommand('Background Jobs: Start a Job…');
    await workbench.quickInput.waitFor('Type a command line');
    await workbench.page.locator('.quick-input-widget [aria-label^="Keep its standard input open"]').click();
    await workbench.quickInput.answer('read answer; echo "got $answer"');
    await workbench.quickInput.waitFor('A name');
    await workbench.quickInput.answer('reader');
    const tree = workbench.tree('Jobs');
    await tree.waitForRow('reader', ({ icon }) => icon === 'play-circle');
    await tree.pickFromContextMenu('reader', 'Send Input…');
    await workbench.quickInput.waitFor('Input for reader');
    await workbench.quickInput.answer('sesame');
    assert.equal(await outputOf('reader'), 'got sesame\n');
    await choose(/^\s*read answer; echo "got \$answer"\s*$/);
    await workbench.quickInput.waitFor('A name');
    await workbench.quickInput.cancel();
  });
});
