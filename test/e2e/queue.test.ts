import assert from 'node:assert/strict';
import { useEditor } from '../helpers/editor.ts';
import { storeOf } from '../helpers/store.ts';
import { until } from '../helpers/until.ts';

describe('a person with jobs that wait', () => {
  const editor = useEditor();
  const tree = () => editor.workbench.tree('Jobs');
  let store: ReturnType<typeof storeOf>;
  before(async () => {
    await editor.workbench.openContainer('Background Jobs');
    await tree().waitForWelcome(/Start Job/);
    store = storeOf(editor);
  });
  after(() => store.dispose());

  const start = async (name: string, more = {}): Promise<string> => {
    const { job } = await store.startJob({ command: 'sleep 600', cwd: '/', session: 'workspace', name, ...more });
    return job.id;
  };

  /** Leads to the page of options, and names the job there. */
  const beginWithOptions = async (command: string, name: string): Promise<void> => {
    const { quickInput } = editor.workbench;
    await editor.workbench.runCommand('Background Jobs: Start Job with Options…');
    await quickInput.waitFor('Enter a command');
    await quickInput.answer(command);
    await quickInput.waitFor('Select an option');
    await quickInput.pick('Name');
    await quickInput.waitFor('Job name');
    await quickInput.answer(name);
    await quickInput.waitFor('Select an option');
  };

  it('starts a job on a schedule, and sees the times before and after', async () => {
    const { workbench } = editor;
    const { quickInput } = workbench;
    await beginWithOptions('true', 'yearly');
    await quickInput.pick('When');
    await quickInput.pick(/On a Schedule/);
    await quickInput.waitFor('Minute');
    await quickInput.type('61 4 * * *');
    await until('it says what is wrong', async () => /not a schedule/.test(await quickInput.message()) || undefined);
    await quickInput.type('30 4 1 1 *');
    await until('it says when', async () => /Next: .* · .* · /.test(await quickInput.message()) || undefined);
    await workbench.screenshot('schedule');
    await quickInput.accept();
    await quickInput.waitFor('Select an option');
    await quickInput.pick('Start');
    await tree().waitForRow('yearly', ({ icon, description }) => icon === 'calendar' && /^next /.test(description));
  });

  it('is told of a time that is over before anything else is asked', async () => {
    const { workbench } = editor;
    const { quickInput } = workbench;
    await beginWithOptions('true', 'late');
    await quickInput.pick('When');
    await quickInput.pick(/At a Time/);
    await quickInput.waitFor('17:30');
    await quickInput.type('2020-01-01 09:00');
    await until('it says so', async () => /2020.* is in the past\.$/.test(await quickInput.message()) || undefined);
    await quickInput.accept();
    await quickInput.type('2h');
    await until('it says when', async () => /, in 2h/.test(await quickInput.message()) || undefined);
    await quickInput.accept();
    await quickInput.waitFor('Select an option');
    await quickInput.pick('Start');
    await tree().waitForRow('late', ({ icon, description }) => icon === 'calendar' && /^starts at /.test(description));
  });

  it('starts a job after another one, which its row says', async () => {
    const { workbench } = editor;
    const { quickInput } = workbench;
    await start('build');
    await tree().waitForRow('build', ({ icon }) => icon === 'play-circle');
    await beginWithOptions('sleep 600', 'report');
    await quickInput.pick('After');
    await quickInput.waitFor('Select jobs to wait for');
    await quickInput.type('build');
    await quickInput.pick('build');
    await quickInput.confirm();
    await quickInput.pick('to end');
    await quickInput.waitFor('Select an option');
    await quickInput.pick('When It Ends');
    await quickInput.pick(/3 Attempts/);
    await quickInput.waitFor('Select an option');
    await quickInput.pick('Start');
    await tree().waitForRow('report', ({ description }) => description === 'waits for build');
    const { jobs } = await store.listJobs({ status: 'pending' });
    assert.deepEqual(
      jobs.map(({ dependsOn, options }) => [dependsOn[0]?.condition, options.retry?.maxAttempts]),
      [['finished', 3]],
    );
  });

  it('limits a session, and moves what waits', async () => {
    const { workbench } = editor;
    const { quickInput } = workbench;
    await workbench.runCommand('Background Jobs: Configure Limits…');
    await quickInput.pick(/Session "workspace"/);
    await quickInput.waitFor('leave empty');
    await quickInput.answer('1');
    await until('the host has it', async () => {
      return (await store.getHost()).limits.sessionLimits['workspace'] === 1 || undefined;
    });
    await start('lint');
    await start('types');
    await tree().waitForRow('types', ({ description }) => description === 'session limit reached (1)');
    await tree().pickFromContextMenu('types', 'Move Up');
    await until('it stands before the other', async () => {
      const names = (await tree().rows()).map(({ text }) => text);
      return names.indexOf('types') < names.indexOf('lint') || undefined;
    });
    await workbench.screenshot('queue');
  });

  it('is told once of all that were cancelled because of one job', async () => {
    const { workbench } = editor;
    const failing = await start('failing', { command: 'exit 3', held: true });
    const first = await start('first', { dependsOn: [{ job: failing }] });
    await start('second', { dependsOn: [{ job: first }] });
    await store.updateHost({ sessionLimits: { workspace: null } });
    // What is in sight is not told.
    await workbench.openContainer('Explorer');
    await store.releaseJob(failing);
    const { message } = await workbench.notifications.waitFor('failing');
    assert.match(message, /^"failing" failed \(exit code 3\) after .*; 2 jobs that depend on it were canceled$/);
    await workbench.openContainer('Background Jobs');
    await tree().waitForRow('second', ({ description }) => description === 'canceled because a dependency was not met');
    const told = await workbench.notifications.all();
    assert.deepEqual(
      told.filter(({ message }) => /first|second/.test(message)),
      [],
    );
  });

  it('is asked before all of a session is killed, which spares what is held', async () => {
    const { dialog } = editor.workbench;
    await start('night build', { session: 'nightly' });
    const held = await start('night report', { session: 'nightly', held: true });
    await tree().waitForRow('nightly', ({ description }) => description === '1 running · 1 waiting');
    await tree().pickFromContextMenu('nightly', 'Stop All in Session…');
    assert.equal(await dialog.text(), 'Stop all running and waiting jobs (1) in session "nightly"?');
    await dialog.click('Stop All');
    await tree().waitForRow('nightly', ({ description }) => description === '1 waiting · 1 finished');
    assert.equal((await store.getJob(held)).status, 'held');
  });

  it('is told why a job of this window was cancelled, where the other job is not of this window', async () => {
    const { notifications } = editor.workbench;
    await editor.workbench.openContainer('Explorer');
    const elsewhere = await start('elsewhere', { session: 'batch' });
    await start('lone', { dependsOn: [{ job: elsewhere }] });
    await store.killJob(elsewhere);
    const { message } = await notifications.waitFor('lone');
    assert.match(message, /^"lone" was canceled because of "elsewhere": stopped by a user \(SIGTERM\)/);
    const held = await start('never', { session: 'batch', held: true });
    await start('orphan', { dependsOn: [{ job: held }] });
    await store.removeJob(held);
    assert.equal(
      (await notifications.waitFor('orphan')).message,
      '"orphan" was canceled because the job it depends on was removed',
    );
  });
});
