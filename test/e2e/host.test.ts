import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from '../../scripts/editor/processes.ts';
import { useEditor, type Editor } from '../helpers/editor.ts';
import { storeOf } from '../helpers/store.ts';

/** The view tells the truth about the host that it shows the jobs of. */
describe('the view, when the job host', () => {
  const editor = useEditor();

  it('is asked to leave, says so, and starts one again when it is asked for', async () => {
    const { workbench } = editor;
    const tree = workbench.tree('Jobs');
    const store = storeOf(editor);
    await workbench.openContainer('Background Jobs');
    await store.startJob({
      command: 'echo one; until test -e go; do sleep 0.1; done; echo two; sleep 600',
      name: 'runs on',
      cwd: editor.workspace,
      session: 'workspace',
    });
    await tree.waitForRow('runs on');
    await tree.clickAction('runs on', 'Show Output');
    await workbench.output.waitForText(/^Job: runs on/, 'one');
    await store.stopHost();
    await tree.waitForWelcome(/The job host isn't running/);
    await workbench.screenshot('host-stopped');
    await workbench.page.getByRole('button', { name: 'Start Job Host' }).click();
    await tree.waitForRow('runs on', ({ icon }) => icon === 'play-circle');
    writeFileSync(join(editor.workspace, 'go'), '');
    await workbench.output.waitForText(/^Job: runs on/, 'two');
    await store.killJobs({ all: true });
    await store.stopHost();
    store.dispose();
  });

  it('has set a damaged store aside, says so once', async () => {
    await editor.stopServer();
    writeFileSync(join(editor.home, 'jobs.db'), 'not a database at all');
    await editor.startServer();
    await editor.openWindow();
    const { severity } = await editor.workbench.notifications.waitFor('jobs.db');
    assert.equal(severity, 'warning');
    await editor.workbench.screenshot('host-warning');
    await editor.workbench.reload();
    await editor.workbench.openContainer('Background Jobs');
    await editor.workbench.tree('Jobs').waitForRow('recovered');
    assert.deepEqual(await editor.workbench.notifications.all(), []);
  });
});

describe('the view, when no job host can be started', () => {
  const editor = useEditor({ env: { BGJOBS_HOME: '/dev/null/store' } });

  it('says so, why, and what to do', async () => {
    const { workbench } = editor;
    await workbench.openContainer('Background Jobs');
    const { severity, buttons } = await workbench.notifications.waitFor('The folder /dev/null/store cannot be used');
    assert.deepEqual([severity, buttons], ['error', ['Retry', 'Run Diagnostics', 'Show Log']]);
    await workbench.tree('Jobs').waitForWelcome(/Can't connect.*Retry.*Show Job Host Log/s);
    await workbench.screenshot('host-unreachable');
  });
});

describe('the job host inside the extension host', () => {
  const editor: Editor = useEditor({ settings: { 'backgroundJobs.host': 'extensionHost' } });

  it('starts jobs, which outlive a reload of the window', async () => {
    const { workbench } = editor;
    const tree = workbench.tree('Jobs');
    const store = storeOf(editor);
    await workbench.openContainer('Background Jobs');
    await workbench.runCommand('Background Jobs: Start Job…');
    await workbench.quickInput.waitFor('Enter a command');
    await workbench.quickInput.answer('sleep 600');
    await tree.waitForRow('sleep 600', ({ icon }) => icon === 'play-circle');
    const [before] = (await store.listJobs()).jobs;
    assert.match(commandLine((await store.getHost()).pid), /extensionHost/);
    await workbench.reload();
    await tree.waitForRow('sleep 600', ({ icon }) => icon === 'play-circle');
    const [after] = (await store.listJobs()).jobs;
    assert.equal(after?.pid, before?.pid);
    assert.match(commandLine((await store.getHost()).pid), /extensionHost/);
    store.dispose();
  });
});
