import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { useEditor } from '../helpers/editor.ts';
import { storeOf } from '../helpers/store.ts';
import { until } from '../helpers/until.ts';

describe('the page of options', () => {
  const editor = useEditor({
    files: { 'app/package.json': JSON.stringify({ scripts: { hello: 'echo hello' } }), 'README.md': '# Sample\n' },
  });
  let store: ReturnType<typeof storeOf>;
  before(async () => {
    await editor.workbench.openContainer('Background Jobs');
    await editor.workbench.tree('Jobs').waitForWelcome(/Start Job/);
    store = storeOf(editor);
  });
  after(() => store.dispose());

  /** Opens the page with a line that is typed. */
  const open = async (command: string): Promise<void> => {
    await editor.workbench.runCommand('Background Jobs: Start Job with Options…');
    await editor.workbench.quickInput.waitFor('Enter a command');
    await editor.workbench.quickInput.answer(command);
    await page();
  };
  const page = (): Promise<void> => editor.workbench.quickInput.waitFor('Select an option');
  const setText = async (entry: string, text: string): Promise<void> => {
    const { quickInput } = editor.workbench;
    await quickInput.pick(entry);
    await until(
      'the question of the entry',
      async () => !/Select an option/.test(await quickInput.prompt()) || undefined,
    );
    await quickInput.answer(text);
    await page();
  };
  const values = async (): Promise<Record<string, string>> =>
    Object.fromEntries(
      (await editor.workbench.quickInput.items()).map(({ label, description }) => [label, description]),
    );

  it('changes each option by itself, and starts the job with all of them', async () => {
    const { workbench } = editor;
    const { quickInput } = workbench;
    await open('echo "$GREETING from $PWD"; sleep 600');
    await setText('Name', 'greeter');
    await setText('Folder', 'app');
    await setText('Environment', "GREETING='good day' LANG=C");
    await setText('Time Limit', '1h30m');
    await setText('Memory Limit', '2G');
    await quickInput.pick('Priority');
    await quickInput.pick('8');
    await page();
    await quickInput.pick('Ready When');
    await quickInput.pick(/Output Matches/);
    await quickInput.waitFor('regular expression');
    await quickInput.answer('good day');
    await page();
    await quickInput.pick('Where It Runs');
    await quickInput.pick(/On a Cluster of Slurm/);
    await quickInput.waitFor('Options of sbatch');
    await quickInput.answer('--exclusive --partition=gpu --nodes=2');
    await page();
    assert.equal((await values())['Where It Runs'], 'Slurm --partition=gpu --nodes=2 --exclusive');
    await quickInput.pick('Where It Runs');
    await quickInput.pick(/On This Machine/);
    await page();
    const shown = await values();
    assert.equal(shown['Where It Runs'], 'on this machine');
    assert.deepEqual(
      ['Name', 'Folder', 'Environment', 'When', 'After', 'Time Limit', 'Memory Limit', 'Priority', 'Ready When'].map(
        (label) => shown[label],
      ),
      [
        'greeter',
        'app',
        'GREETING, LANG',
        'now',
        "don't wait",
        '1h 30m',
        '2.0 GiB',
        '8',
        'the output matches good day',
      ],
    );
    await workbench.screenshot('options');
    await quickInput.pick('Start');
    await workbench.tree('Jobs').waitForRow('greeter', ({ icon }) => icon === 'pass-filled' || icon === 'play-circle');
    const { jobs } = await store.listJobs();
    const job = jobs.find(({ name }) => name === 'greeter');
    assert.deepEqual(
      [job?.cwd, job?.options.timeoutMs, job?.options.limits.memoryBytes, job?.priority, job?.options.env],
      [join(editor.workspace, 'app'), 5_400_000, 2 * 1024 ** 3, 8, ['GREETING', 'LANG']],
    );
    const { chunks } = await store.getOutput(job?.id ?? '');
    assert.equal(chunks.map(({ text }) => text).join(''), `good day from ${join(editor.workspace, 'app')}\n`);
  });

  it('says what is wrong with a value, and keeps everything when a question is left', async () => {
    const { quickInput, page: window } = editor.workbench;
    await open('true');
    await setText('Name', 'kept');
    await quickInput.pick('Folder');
    await quickInput.waitFor('Folder to run in');
    await quickInput.type('no/such/folder');
    await until('it is refused', async () => /no such folder/.test(await quickInput.message()) || undefined);
    await quickInput.accept();
    await window.keyboard.press('Escape');
    await page();
    assert.equal((await values())['Name'], 'kept');
    await quickInput.pick('Priority');
    await quickInput.waitFor('Select a priority');
    await quickInput.back();
    await page();
    await quickInput.cancel();
    const { notifications } = editor.workbench;
    await notifications.waitFor('"kept" was not started.');
    await notifications.click('"kept" was not started.', 'Continue');
    await page();
    assert.equal((await values())['Name'], 'kept');
    await quickInput.back();
    await quickInput.waitFor('Enter a command');
    await quickInput.cancel();
  });

  it('saves a template, which the list of jobs to start offers', async () => {
    const { quickInput, notifications } = editor.workbench;
    const tree = editor.workbench.tree('Jobs');
    await open('pwd');
    await setText('Folder', 'app');
    await setText('Time Limit', '90');
    await quickInput.pick('Save as Template…');
    await quickInput.waitFor('Template name');
    await quickInput.answer('where');
    await notifications.waitFor('Saved the template "where".');
    await notifications.dismiss('Saved the template');
    await page();
    await quickInput.cancel();
    await notifications.dismiss('was not started');
    const settings = JSON.parse(readFileSync(join(editor.workspace, '.vscode', 'settings.json'), 'utf8')) as object;
    assert.deepEqual(settings, {
      'backgroundJobs.templates': { where: { command: 'pwd', timeoutMs: 90_000, cwd: 'app' } },
    });
    await editor.workbench.runCommand('Background Jobs: Start Job…');
    await quickInput.pick('where');
    await tree.waitForRow('where', ({ icon }) => icon === 'pass');
  });

  it('is opened from any entry of the list by its gear', async () => {
    const { quickInput } = editor.workbench;
    await editor.workbench.runCommand('Background Jobs: Start Job…');
    await quickInput.clickItemButton(/run hello/, 'Start with Options…');
    await page();
    assert.equal((await values())['Name'], 'hello');
    await quickInput.cancel();
  });

  it('shows a job that is run again, and asks about the one that still runs', async () => {
    const { workbench } = editor;
    const { quickInput, dialog } = workbench;
    const { job } = await store.startJob({ command: 'sleep 600', cwd: '/', session: 'workspace', name: 'training' });
    const tree = workbench.tree('Jobs');
    await tree.waitForRow('training', ({ icon }) => icon === 'play-circle');
    await tree.pickFromContextMenu('training', 'Rerun with Edits…');
    await page();
    await setText('Command', 'sleep 601');
    await quickInput.pick('Start');
    assert.match(await dialog.text(), /"training" is still running\. Stop the running one\?/);
    await dialog.click('Cancel');
    await page();
    assert.equal((await values())['Command'], 'sleep 601');
    await quickInput.pick('Start');
    await dialog.click('Stop It First');
    const newer = await until('the edited job runs', async () =>
      (await store.listJobs({ status: 'running' })).jobs.find(({ command }) => command === 'sleep 601'),
    );
    assert.equal(newer.name, 'training');
    await tree.waitForRow('training', ({ selected, icon }) => selected && icon === 'play-circle');
    assert.equal((await store.getJob(job.id)).status, 'killed');
  });

  it('edits a job that has not started, and offers that for no other', async () => {
    const { quickInput } = editor.workbench;
    const tree = editor.workbench.tree('Jobs');
    const { job } = await store.startJob({
      ...{ command: 'echo one', cwd: '/', session: 'workspace', name: 'edited', held: true, timeoutMs: 60_000 },
      env: { KEPT: 'yes' },
    });
    await tree.waitForRow('edited');
    await tree.pickFromContextMenu('edited', 'Edit…');
    await page();
    assert.deepEqual(Object.keys(await values()), [
      ...['Save', 'Command', 'Name', 'Folder', 'Environment', 'After'],
      ...['Time Limit', 'Memory Limit', 'Priority'],
    ]);
    await setText('Command', 'echo two; echo "$KEPT $MORE"');
    await setText('Environment', 'MORE=too');
    await setText('Time Limit', '');
    assert.equal((await values())['Environment'], 'KEPT, MORE');
    await quickInput.pick('Save');
    await until('it is saved', async () => (await store.getJob(job.id)).command?.startsWith('echo two') || undefined);
    await store.releaseJob(job.id);
    const { job: ended } = await store.waitForJob(job.id);
    assert.deepEqual([ended.status, ended.options.timeoutMs], ['completed', null]);
    const { chunks } = await store.getOutput(job.id);
    assert.equal(chunks.map(({ text }) => text).join(''), 'two\nyes too\n');
    await tree.waitForRow('edited', ({ icon }) => icon === 'pass');
    assert.ok(!(await tree.contextMenu('edited')).includes('Edit…'));
  });

  it('saves what a job was started with from its menu, without what holds anyway', async () => {
    const { quickInput, notifications } = editor.workbench;
    const options = { timeoutMs: 90_000, session: 'workspace', shell: '/bin/sh' };
    await store.startJob({ command: 'true', cwd: editor.workspace, name: 'to keep', ...options });
    const tree = editor.workbench.tree('Jobs');
    await tree.waitForRow('to keep', ({ icon }) => icon === 'pass');
    await tree.pickFromContextMenu('to keep', 'Save as Template…');
    await quickInput.waitFor('Template name');
    await quickInput.answer('kept');
    await notifications.waitFor('Saved the template "kept".');
    const file = join(editor.workspace, '.vscode', 'settings.json');
    const settings = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, unknown>>;
    const { kept } = settings['backgroundJobs.templates'] ?? {};
    assert.deepEqual(kept, { command: 'true', timeoutMs: 90_000, shell: '/bin/sh', name: 'to keep' });
    await notifications.dismiss('Saved the template');
  });

  it('leaves another view in its place, and a line that was typed in the list', async () => {
    const { workbench } = editor;
    await workbench.openContainer('Explorer');
    await workbench.runCommand('Background Jobs: Start Job…');
    await workbench.quickInput.type('echo later');
    await workbench.quickInput.cancel();
    await workbench.runCommand('Background Jobs: Start Job…');
    await workbench.quickInput.pick('echo later');
    await until('it has run', async () =>
      (await store.listJobs({ status: 'finished' })).jobs.find(({ command }) => command === 'echo later'),
    );
    assert.equal(await workbench.isContainerOpen('Explorer'), true);
  });

  it('is used with keys alone', async () => {
    const { page: window, quickInput } = editor.workbench;
    const press = (key: string): Promise<void> => window.keyboard.press(key);
    const type = (text: string): Promise<void> => window.keyboard.type(text);
    await editor.workbench.runCommand('Background Jobs: Start Job with Options…');
    await quickInput.waitFor('Enter a command');
    await type('test -t 1 && echo in a terminal');
    await press('Enter');
    await page();
    await type('Time Limit');
    await press('Enter');
    await quickInput.waitFor('Stop the job after this time');
    await type('5m');
    await press('Enter');
    await page();
    await type('Terminal');
    await press('Enter');
    await until('it has a terminal', async () => (await values())['Terminal'] === 'its own' || undefined);
    await type('Start');
    await press('Enter');
    await quickInput.waitUntilClosed();
    const job = await until('it has ended', async () =>
      (await store.listJobs({ status: 'finished' })).jobs.find(({ command }) => command?.startsWith('test -t 1')),
    );
    assert.deepEqual([job.status, job.options.tty, job.options.timeoutMs], ['completed', true, 300_000]);
    // Its terminal is shown, and the focus stays where it was.
    await editor.workbench.terminal.waitForText('in a terminal');
    assert.equal(await window.evaluate(`document.activeElement?.closest('.xterm') === null`), true);
  });
});
