import assert from 'node:assert/strict';
import { useEditor } from '../helpers/editor.ts';
import { storeOf } from '../helpers/store.ts';
import { until } from '../helpers/until.ts';

/** The view as a person meets it after a night of jobs: what has failed is in sight, and everything can be found. */
describe('a person who looks for a job', () => {
  const editor = useEditor({ settings: { 'workbench.colorTheme': 'Default Light Modern' } });
  const tree = () => editor.workbench.tree('Jobs');
  let store: ReturnType<typeof storeOf>;
  before(async () => {
    await editor.workbench.openContainer('Background Jobs');
    await tree().waitForWelcome(/Start Job/);
    store = storeOf(editor);
  });
  after(() => store.dispose());

  const start = async (name: string, command: string, more = {}): Promise<string> =>
    (await store.startJob({ command, cwd: editor.workspace, session: 'workspace', name, ...more })).job.id;

  it('sees first what has failed, behind however many others it was created', async () => {
    const { workbench } = editor;
    const release = await start('release build', 'until [ -e go ]; do sleep 0.1; done; exit 1');
    const many = Array.from({ length: 130 }, (_, index) => ({
      ...{
        argv: ['true'],
        cwd: editor.workspace,
        session: 'workspace',
        name: index === 0 ? 'needle' : `short ${index}`,
      },
    }));
    await store.startJobs(many);
    await until('the short ones have ended', async () =>
      (await store.listJobs({ status: 'completed', limit: 1 })).total === 130 ? true : undefined,
    );
    await start('go', ': > go');
    await store.waitForJob(release);
    await tree().waitForRow('New Failures', ({ description }) => description === '1');
    const texts = (await tree().rows()).map(({ text }) => text);
    assert.ok(texts.indexOf('release build') < 4, texts.join());
    const row = await tree().waitForRow('release build');
    assert.match(row.accessibleName, /^release build, failed \(exit code 1\), \S+/);
    await workbench.screenshot('newFailures');
  });

  it('hears the names of sessions and groups, and how many jobs have failed there', async () => {
    const api = await start('lint', 'exit 2', { session: 'api' });
    await store.waitForJob(api);
    const group = await tree().waitForRow('Finished');
    assert.match(group.accessibleName, /^Finished, jobs: 131/);
    await tree().toggle('Finished');
    const session = await tree().waitForRow('api', ({ description }) => description === '1 failed · 1 finished');
    assert.match(session.accessibleName, /^Session "api", 1 failed, 1 finished/);
    const own = await tree().waitForRow('workspace');
    assert.match(own.accessibleName, /^This window's session "workspace", 1 failed, 132 finished/);
  });

  it('finds a job that the tree has not loaded, and sees it alone', async () => {
    const { workbench } = editor;
    await workbench.runCommand('Background Jobs: Find Job…');
    await workbench.quickInput.waitFor('Type words');
    await workbench.quickInput.type('needle succeeded');
    await until('it is found', async () =>
      (await workbench.quickInput.items()).some(({ label }) => /needle$/.test(label)) ? true : undefined,
    );
    await workbench.screenshot('find');
    await workbench.quickInput.pick(/needle$/);
    await tree().waitForRow('needle', ({ level, selected }) => level === 1 && selected);
    await workbench.screenshot('found');
    await workbench.clickViewAction('Jobs', 'Clear Filter');
    await tree().waitForRow('workspace');
  });

  it('filters the view by what has failed, and clears the filter', async () => {
    const { workbench } = editor;
    await workbench.clickViewAction('Jobs', 'Filter Jobs…');
    await workbench.quickInput.waitFor('Type a filter');
    await workbench.screenshot('filterPick');
    await workbench.quickInput.pick(/ Failed$/);
    await tree().waitForRow('lint', ({ description, level }) => level === 1 && / · api$/.test(description));
    assert.deepEqual(
      (await tree().rows()).map(({ text }) => text),
      ['lint', 'release build'],
    );
    await workbench.screenshot('filtered');
    await workbench.clickViewAction('Jobs', 'Clear Filter');
    await tree().waitForRow('Finished');
    await workbench.runCommand('Preferences: Toggle between Light/Dark Themes');
  });

  it('finds the dangerous last in a menu, and "Cancel" for what has not started', async () => {
    await start('at five', 'true', { delayMs: 3_600_000 });
    await tree().waitForRow('at five');
    const waiting = await tree().contextMenu('at five');
    assert.equal(waiting.at(-1), 'Cancel');
    assert.ok(!waiting.includes('Stop') && !waiting.includes('Kill'), waiting.join());
    await start('server', 'sleep 600');
    await tree().waitForRow('server', ({ icon }) => icon === 'play-circle');
    const running = await tree().contextMenu('server');
    assert.equal(running[0], 'Show Output');
    assert.deepEqual(running.slice(-3), ['Stop', 'Kill', 'Send Signal…']);
    await tree().pickFromContextMenu('at five', 'Cancel');
    await tree().waitForRow('at five', ({ icon }) => icon === 'circle-slash');
  });

  it('restarts what has failed by the button of the group, and sees the runs below the job', async () => {
    const { workbench } = editor;
    await tree().clickAction('New Failures', 'Restart Failed Jobs');
    await tree().waitForRow('release build', ({ expanded }) => expanded === false);
    await tree().toggle('release build');
    await tree().waitForRow('Run 1', ({ description }) => /^failed \(exit code 1\) after/.test(description));
    await workbench.screenshot('runs');
    await tree().toggle('release build');
  });

  it('renames a job by F2 and stops it by Delete', async () => {
    const { workbench } = editor;
    await tree().click('server');
    await workbench.page.keyboard.press('F2');
    await workbench.quickInput.waitFor('new name');
    await workbench.quickInput.answer('web server');
    await tree().waitForRow('web server');
    await tree().click('web server');
    await workbench.page.keyboard.press('Delete');
    assert.equal(await workbench.dialog.text(), 'Stop "web server"?');
    await workbench.dialog.click('Stop');
    await tree().waitForRow('web server', ({ icon }) => icon === 'stop-circle');
  });

  it('renames the row with the focus by F2, also when another is selected', async () => {
    const { workbench } = editor;
    const { keyboard } = workbench.page;
    const [first, second] = ['web server', 'at five'];
    await tree().click(first);
    await keyboard.press('ArrowDown');
    await keyboard.press('F2');
    await workbench.quickInput.waitFor('new name');
    assert.equal(await workbench.quickInput.value(), second);
    await workbench.quickInput.cancel();
    await tree().waitForRow(first, ({ selected }) => selected);
    await tree().waitForRow(second, ({ selected }) => !selected);
    // Of several that are selected, with the focus among them, all are meant.
    await tree().click(first);
    await tree().click(second, ['Control']);
    await keyboard.press('Delete');
    assert.match(await workbench.dialog.text(), /^Remove 2 jobs/);
    await workbench.dialog.click('Cancel');
  });

  it('reads in the tooltip what happened, and copies the ID by its link', async () => {
    const text = await tree().tooltip('web server');
    assert.match(text, /sleep 600/);
    assert.match(text, /ago/);
    assert.match(text, /Show Output · Restart · Copy ID$/);
    await editor.workbench.screenshot('tooltip');
  });

  it('clears what has finished by the button of the group', async () => {
    const { workbench } = editor;
    await tree().clickAction('Finished', 'Clear Finished Jobs');
    assert.match(
      await workbench.dialog.text(),
      /^Remove finished jobs of session "workspace" and their logs \(1\d\d\)\?/,
    );
    await workbench.dialog.click('Remove');
    await tree().waitUntilGone('workspace');
    await workbench.screenshot('cleared');
  });
});
