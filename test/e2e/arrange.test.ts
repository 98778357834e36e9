import assert from 'node:assert/strict';
import { useEditor } from '../helpers/editor.ts';
import { storeOf } from '../helpers/store.ts';
import { until } from '../helpers/until.ts';

const settings = {
  'backgroundJobs.templates': {
    deploy: { command: 'echo deploy', icon: { id: 'rocket', color: 'terminal.ansiBlue' } },
    check: { command: 'true' },
  },
};
const files = { Procfile: 'web: sleep 600\nfail: exit 3\nok: true\n' };

/** The views arranged as somebody wants them. */
describe('a person who arranges jobs', () => {
  const editor = useEditor({ settings, files });
  const tree = () => editor.workbench.tree('Jobs');
  const scripts = () => editor.workbench.tree('Scripts & Templates');
  let store: ReturnType<typeof storeOf>;
  before(async () => {
    await editor.workbench.openContainer('Background Jobs');
    await tree().waitForWelcome(/Start Job/);
    store = storeOf(editor);
  });
  after(() => store.dispose());

  const start = async (name: string, more = {}): Promise<string> =>
    (await store.startJob({ command: 'sleep 600', cwd: editor.workspace, session: 'workspace', name, ...more })).job.id;
  const queue = async (session: string): Promise<string[]> =>
    (await store.getQueue()).jobs.filter((job) => job.session === session).map(({ name }) => name ?? '');
  const rowsOf = async (names: readonly string[]): Promise<string[]> =>
    (await tree().rows()).map(({ text }) => text).filter((text) => names.includes(text));

  /** A row that is drawn again while it is dragged is let go, so it is dragged until it has arrived. */
  const drag = async (which: string, onto: string, hasArrived: () => Promise<boolean>): Promise<void> => {
    await until(`${which} is at ${onto}`, async () => {
      await tree().drag(which, onto);
      return until('it has arrived', async () => (await hasArrived()) || undefined, 3000).catch(() => undefined);
    });
  };

  it('finds in the palette only commands that have something to do', async () => {
    const { page, quickInput } = editor.workbench;
    const isOffered = async (): Promise<boolean> => {
      await page.keyboard.press('F1');
      await quickInput.type('>Background Jobs: ');
      const found = await until('the commands are listed', async () => {
        const labels = (await quickInput.items()).map(({ label }) => label);
        return labels.some((label) => label.startsWith('Background Jobs: ')) ? labels : undefined;
      });
      await quickInput.cancel();
      // By the alphabet it is the first of all.
      return found.includes('Background Jobs: Change Dependencies…');
    };
    assert.equal(await isOffered(), false);
    const id = await start('for the palette', { delayMs: 3_600_000 });
    await tree().waitForRow('for the palette');
    await until('what a waiting job depends on can be changed', async () => (await isOffered()) || undefined);
    await store.killJob(id);
    await store.removeJob(id);
    await tree().waitUntilGone('for the palette');
  });

  it('drags a waiting job to another place in the queue', async () => {
    await store.pauseQueue();
    for (const name of ['one', 'two', 'three']) await start(name);
    await until('the rows are there', async () => (await rowsOf(['one', 'two', 'three'])).length === 3 || undefined);
    await drag('three', 'one', async () => (await queue('workspace')).join() === 'three,one,two');
    await until('the rows say so', async () =>
      (await rowsOf(['one', 'two', 'three'])).join() === 'three,one,two' ? true : undefined,
    );
    await drag('three', 'two', async () => (await queue('workspace')).join() === 'one,two,three');
  });

  it('drags several waiting jobs into another session, but none that runs', async () => {
    await start('other', { session: 'api' });
    await tree().waitForRow('api');
    await tree().click('one');
    await tree().click('three', ['Control']);
    await tree().drag('three', 'api');
    await until(
      'they are there',
      async () => (await queue('api')).toSorted().join() === 'one,other,three' || undefined,
    );
    await tree().waitForRow('api', ({ description }) => description === '3 waiting');
    await store.resumeQueue();
    const row = await tree().waitForRow('two', ({ icon }) => icon === 'play-circle');
    assert.equal(row.level, 3);
    const isTold = async (): Promise<boolean> =>
      (await editor.workbench.notifications.all()).some(({ message }) =>
        /Only waiting jobs can be moved/.test(message),
      );
    await drag('two', 'api', isTold);
    assert.equal((await store.listJobs({ session: 'workspace' })).total, 1);
  });

  it('groups jobs of all sessions by state and by tag, and finds the row of a job there', async () => {
    const { workbench } = editor;
    await start('tagged', { tags: { team: 'web' }, command: 'exit 3' });
    const pick = async (label: string): Promise<void> => {
      await workbench.runCommand('Background Jobs: Group Jobs By…');
      await workbench.quickInput.waitFor('Select how to group jobs');
      await workbench.quickInput.pick(label);
    };
    await pick('State');
    await tree().waitForRow('Failed', ({ description, level }) => description === '1' && level === 1);
    await tree().waitForRow('tagged', ({ description, level }) => level === 2 && /· workspace$/.test(description));
    const running = await tree().waitForRow('Running', ({ description }) => description === '4');
    assert.match(running.accessibleName, /^Running, jobs: 4/);
    await workbench.screenshot('groupedByState');
    await pick('Tag');
    await tree().waitForRow('team=web', ({ description }) => description === '1');
    await tree().toggle('team=web');
    await tree().waitForRow('tagged', ({ level }) => level === 2);
    await tree().toggle('No Tag');
    await tree().waitForRow('two');
    await workbench.screenshot('groupedByTag');
    await store.restartJob((await store.listJobs({ text: 'tagged', limit: 1 })).jobs[0]!.id, {});
    await tree().waitForRow('tagged', ({ expanded }) => expanded === false);
    await pick('Session');
    await tree().waitForRow('workspace', ({ level }) => level === 1);
  });

  it('puts what is started often on top, with the icon that a template names', async () => {
    const { workbench } = editor;
    const deploy = await scripts().waitForRow('deploy');
    assert.equal(deploy.icon, 'rocket');
    assert.equal(deploy.iconColor, await workbench.themeColor('terminal.ansiBlue'));
    await scripts().pickFromContextMenu('ok', 'Add to Favorites');
    await scripts().waitForRow('Favorites');
    const texts = (await scripts().rows()).map(({ text }) => text);
    assert.deepEqual(texts.slice(0, 2), ['Favorites', 'ok']);
    await workbench.screenshot('favorites');
    await workbench.reload();
    await workbench.openContainer('Background Jobs');
    await scripts().waitForRow('Favorites');
    await scripts().clickAction('ok', 'Remove from Favorites');
    await scripts().waitUntilGone('Favorites');
  });

  it('sees beside each script of a file that it can run, and how it ended', async () => {
    const { workbench } = editor;
    await workbench.openFile('Procfile');
    const icons = (): Promise<string[]> => workbench.gutterIcons();
    await until('three can run', async () => (await icons()).join() === 'play,play,play' || undefined);
    await workbench.pickFromLineNumber(2, 'Run in Background');
    await until('one has failed', async () => (await icons()).join() === 'play,failed,play' || undefined);
    await workbench.pickFromLineNumber(3, 'Run in Background');
    await workbench.pickFromLineNumber(1, 'Run in Background');
    await until('each shows its own', async () => (await icons()).join() === 'running,failed,passed' || undefined);
    await workbench.screenshot('gutterIcons');
  });
});
