import assert from 'node:assert/strict';
import { useEditor } from '../helpers/editor.ts';
import { storeOf } from '../helpers/store.ts';
import { until } from '../helpers/until.ts';

const start = 'Background Jobs: Start Job…';

describe('a workspace that is not trusted', () => {
  const templates = { mine: { command: 'true' } };
  const editor = useEditor({
    workspaceTrust: true,
    files: { '.vscode/settings.json': JSON.stringify({ 'backgroundJobs.templates': templates }) },
  });

  it('says so in the empty view', async () => {
    const { workbench } = editor;
    await workbench.openContainer('Background Jobs');
    await workbench.tree('Jobs').waitForWelcome(/trust this workspace.*\n*Manage Workspace Trust/s);
  });

  it('lists jobs and lets them be stopped, and starts none', async () => {
    const { workbench } = editor;
    const tree = workbench.tree('Jobs');
    const store = storeOf(editor);
    const { job } = await store.startJob({ command: 'sleep 600', name: 'outside', cwd: '/', session: 'cli' });
    // The commands for jobs that wait are offered while one does.
    await store.startJob({ command: 'true', name: 'waiting', cwd: '/', session: 'cli', held: true });
    await tree.waitForRow('cli');
    await tree.toggle('cli');
    await tree.waitForRow('outside', ({ icon }) => icon === 'play-circle');
    await workbench.screenshot('untrusted');
    const restart = tree.row('outside').locator('.action-label[aria-label="Restart"]');
    await tree.actions('outside');
    assert.match((await restart.getAttribute('class')) ?? '', /\bdisabled\b/);
    await workbench.page.keyboard.press('F1');
    await workbench.quickInput.type('>Background Jobs: ');
    await until('the commands', async () => ((await workbench.quickInput.items()).length > 5 ? true : undefined));
    const offered = (await workbench.quickInput.items()).map(({ label }) => label);
    for (const command of [start, 'Background Jobs: Restart', 'Background Jobs: Send Input…']) {
      assert.ok(!offered.includes(command), command);
    }
    // What waits can be looked at and stopped, not started by another way: by its time, its turn or its room.
    const commandsLike = async (words: string, known: string): Promise<string[]> => {
      await workbench.quickInput.type(`>Background Jobs: ${words}`);
      return until(known, async () => {
        const labels = (await workbench.quickInput.items()).map(({ label }) => label.replace('Background Jobs: ', ''));
        return labels.includes(known) ? labels : undefined;
      });
    };
    assert.ok(!(await commandsLike('Resume', 'Resume')).some((label) => /^Resume (the Queue|Session)$/.test(label)));
    assert.ok(
      !(await commandsLike('Change', 'Change Priority…')).some((label) => /(Limits|Dependencies)…$/.test(label)),
    );
    assert.ok(!(await commandsLike('Hold', 'Hold')).includes('Start Held Job'));
    await workbench.quickInput.cancel();
    await tree.clickAction('outside', 'Stop');
    await tree.waitForRow('outside', ({ icon }) => icon === 'stop-circle');
    assert.equal((await store.getJob(job.id)).status, 'killed');
    store.dispose();
  });

  it('starts jobs, and has its templates, as soon as it is trusted', async () => {
    const { workbench } = editor;
    await workbench.runCommand('Workspaces: Manage Workspace Trust');
    await workbench.page.getByRole('button', { name: 'Trust', exact: true }).click();
    await workbench.page.keyboard.press('Escape');
    await workbench.runCommand(start);
    await workbench.quickInput.waitFor('Enter a command');
    await until(
      'the template',
      async () => (await workbench.quickInput.items()).some(({ label }) => label === 'mine') || undefined,
    );
    await workbench.quickInput.answer('sleep 600');
    await workbench.tree('Jobs').waitForRow('sleep 600', ({ icon }) => icon === 'play-circle');
  });
});
