import assert from 'node:assert/strict';
import { useEditor } from '../helpers/editor.ts';
import { until } from '../helpers/until.ts';
import { packageExtension } from '../helpers/vsix.ts';
import { storeOf } from '../helpers/store.ts';

const start = 'Background Jobs: Start Job…';
const view = 'Jobs';

/** A person's path through the package as users get it, by clicks and keys. */
describe('a person with the packaged extension', () => {
  const packages: string[] = [];
  before(async () => packages.push(await packageExtension()));
  const editor = useEditor({
    packages,
    files: {
      'package.json': JSON.stringify({ name: 'shop', scripts: { serve: 'node serve.js' } }),
      'serve.js': `
        console.log('\\x1b[32mlistening\\x1b[0m on a port');
                setInterval(() => undefined, 1000);
      `,
    },
  });

  it('finds a welcome in the empty view', async () => {
    const { workbench } = editor;
    await workbench.openContainer('Background Jobs');
    await workbench.tree(view).waitForWelcome(/Start Job/);
    await workbench.screenshot('welcome');
  });

  it('starts a package script from the palette and sees it run in the tree', async () => {
    const { workbench } = editor;
    await workbench.runCommand(start);
    await workbench.quickInput.waitFor('Enter a command');
    await workbench.quickInput.type('serve');
    await workbench.screenshot('start');
    await workbench.quickInput.pick(/npm run serve/);

    const row = await workbench.tree(view).waitForRow('serve', ({ icon }) => icon !== '');
    assert.equal(row.level, 3);
    await until('the badge counts it', async () => (await workbench.badge('Background Jobs')) === '1' || undefined);
    await workbench.waitForStatusBar(/1/);
    await workbench.screenshot('running');
  });

  it('reads its output in a channel, without colour codes', async () => {
    const { workbench } = editor;
    await workbench.tree(view).clickAction('serve', 'Show Output');
    await workbench.output.waitForText(/^Job: serve/, 'listening on a port');
    await workbench.screenshot('output');
  });

  it('reloads the window while it runs, and finds it running as the same process', async () => {
    const store = storeOf(editor);
    const [before] = (await store.listJobs()).jobs;
    await editor.workbench.reload();
    await editor.workbench.openContainer('Background Jobs');
    await editor.workbench.tree(view).waitForRow('serve');
    const [after] = (await store.listJobs()).jobs;
    assert.equal(after?.status, 'running');
    assert.equal(after.pid, before?.pid);
    store.dispose();
    await editor.workbench.screenshot('reloaded');
  });

  it('kills it with the signal of their choice, and is told how it ended', async () => {
    const { workbench } = editor;
    await workbench.tree(view).pickFromContextMenu('serve', 'Send Signal…');
    await workbench.quickInput.waitFor();
    await workbench.screenshot('signals');
    await workbench.quickInput.pick(/INT/);
    const row = await workbench.tree(view).waitForRow('serve', ({ accessibleName }) => /stopped/i.test(accessibleName));
    assert.match(row.description, /^SIGINT/);
    const store = storeOf(editor);
    const [job] = (await store.listJobs()).jobs;
    store.dispose();
    assert.equal(job?.status, 'killed');
    assert.equal(job.reason, 'user');
    await workbench.screenshot('killed');
  });

  it('restarts it, pauses and resumes it, and kills it by the button', async () => {
    const { workbench } = editor;
    const tree = workbench.tree(view);
    await tree.clickAction('serve', 'Restart');
    await tree.waitForRow('serve', ({ accessibleName }) => /running/i.test(accessibleName));
    await tree.pickFromContextMenu('serve', 'Pause');
    await tree.waitForRow('serve', ({ accessibleName }) => /paused/i.test(accessibleName));
    await workbench.screenshot('paused');
    await tree.pickFromContextMenu('serve', 'Resume');
    await tree.waitForRow('serve', ({ accessibleName }) => /running/i.test(accessibleName));
    await tree.clickAction('serve', 'Stop');
    await tree.waitForRow('serve', ({ accessibleName }) => /stopped/i.test(accessibleName));
  });

  it('is notified of a job that fails, and gets to its output from there', async () => {
    const { workbench } = editor;
    // What is in sight is not told.
    await workbench.openContainer('Explorer');
    await workbench.runCommand(start);
    await workbench.quickInput.waitFor('Enter a command');
    await workbench.quickInput.answer('fragile() { echo something broke >&2; exit 3; }; fragile');
    const notification = await workbench.notifications.waitFor('fragile');
    assert.match(notification.message, /^"fragile.*" failed \(exit code 3\)/);
    await workbench.screenshot('failed');
    await workbench.notifications.click('fragile', 'Show Output');
    await workbench.output.waitForText(/^Job: fragile/, 'something broke');
    await workbench.openContainer('Background Jobs');
  });

  it('answers a prompt that has no end of line', async () => {
    const { workbench } = editor;
    const store = storeOf(editor);
    const { job } = await store.startJob({
      name: 'asks',
      command: 'printf "Password: "; read answer; echo "got $answer"',
      shell: '/bin/sh',
      cwd: editor.workspace,
      stdin: { type: 'pipe' },
      session: 'workspace',
    });
    const tree = workbench.tree(view);
    await tree.waitForRow('asks');
    await tree.clickAction('asks', 'Show Output');
    await workbench.output.waitForText(/^Job: asks/, 'Password: ');
    await tree.pickFromContextMenu('asks', 'Send Input…');
    await workbench.quickInput.waitFor();
    await workbench.quickInput.answer('sesame');
    await workbench.output.waitForText(/^Job: asks/, 'got sesame');
    assert.equal((await store.waitForJob(job.id)).job.status, 'completed');
    store.dispose();
  });

  it('uses the same jobs in the terminal, where bgjobs is on the PATH', async () => {
    const { workbench } = editor;
    await workbench.runCommand('Terminal: Create New Terminal');
    await until('bgjobs answers in the terminal', async () => {
      await workbench.terminal.type('clear; bgjobs list\n');
      const text = await workbench.terminal.waitForText('SESSION', 5000).catch(() => '');
      return text.includes('fragile') || undefined;
    });
    await workbench.terminal.type('clear; bgjobs run --wait --name echo -- echo from the terminal\n');
    await workbench.terminal.waitForText('from the terminal');
    await workbench.tree(view).waitForRow('echo');
    await workbench.screenshot('terminal');
  });

  it('cleans up what is finished', async () => {
    const { workbench } = editor;
    await workbench.runCommand('Background Jobs: Remove Finished Jobs…');
    await workbench.quickInput.waitFor();
    await workbench.screenshot('clean-up');
  });
});
