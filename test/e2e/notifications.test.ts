import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { useEditor } from '../helpers/editor.ts';
import { storeOf } from '../helpers/store.ts';
import { until } from '../helpers/until.ts';

describe('a person who is told of ended jobs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bgj-'));
  const shown = join(folder, 'shown');
  // The program of the desktop, which writes what it would show.
  writeFileSync(join(folder, 'notify-send'), `#!/bin/sh\nprintf '%s\\n' "$*" >> '${shown}'\n`, { mode: 0o755 });
  const editor = useEditor({
    // VSCODE_CLI: as when it is started in a terminal. Else the PATH is that of a login shell.
    env: { VSCODE_CLI: '1', PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` },
    settings: { 'backgroundJobs.notifications.desktop': 'sound' },
  });
  let store: ReturnType<typeof storeOf>;
  before(async () => {
    await editor.workbench.openContainer('Background Jobs');
    await editor.workbench.tree('Jobs').waitForWelcome(/Start Job/);
    store = storeOf(editor);
  });
  after(() => store.dispose());

  const start = (name: string, command: string) =>
    store.startJob({ command, cwd: '/', session: 'workspace', name }).then(({ job }) => job);
  const messages = async (): Promise<string[]> =>
    (await editor.workbench.notifications.all()).map(({ message }) => message);

  it('is told of a job if they asked for it, also after a reload of the window, and not of what is in sight', async () => {
    const { workbench } = editor;
    const go = join(editor.workspace, 'go');
    await start('asked for', `until test -e ${go}; do sleep 0.1; done`);
    await workbench.tree('Jobs').waitForRow('asked for');
    await workbench.tree('Jobs').pickFromContextMenu('asked for', 'Notify Me When Done');
    await workbench.reload();
    await workbench.openContainer('Background Jobs');
    await workbench.tree('Jobs').waitForRow('asked for', ({ icon }) => icon === 'play-circle');
    const failing = await start('in sight', 'exit 3');
    await workbench.tree('Jobs').waitForRow('in sight', ({ description }) => /exit code 3/.test(description));
    assert.equal((await store.waitForJob(failing.id)).job.status, 'failed');
    writeFileSync(go, '');
    const { message, severity } = await workbench.notifications.waitFor('asked for');
    assert.match(message, /^"asked for" completed after /);
    assert.equal(severity, 'info');
    assert.deepEqual(
      (await messages()).filter((text) => text.includes('in sight')),
      [],
    );
    await workbench.notifications.dismiss('asked for');
  });

  it('is told of the first failure, and then how many more there are', async () => {
    const { workbench } = editor;
    await workbench.openContainer('Explorer');
    await start('first', 'exit 1');
    assert.match((await workbench.notifications.waitFor('first')).message, /^"first" failed \(exit code 1\)/);
    for (let index = 2; index <= 13; index++) await start(`number ${index}`, 'exit 1');
    const { message, buttons } = await until(
      'the digest is shown',
      async () => (await workbench.notifications.all()).find((one) => /more jobs failed/.test(one.message)),
      45_000,
    );
    assert.equal(message, '12 more jobs failed');
    assert.deepEqual(buttons, ['Show Failed Jobs']);
    await workbench.screenshot('failures-digest');
    assert.deepEqual(
      (await messages()).filter((text) => text.includes('number')),
      [],
    );
    await workbench.notifications.click('12 more jobs failed', 'Show Failed Jobs');
    await workbench.tree('Jobs').waitForRow('number 13');
  });

  it('is told by the desktop while the window has no focus', async () => {
    const { workbench } = editor;
    assert.ok(!existsSync(shown), 'the window had the focus until now');
    // A page of a headless browser never loses the focus.
    await workbench.page.evaluate(
      `document.hasFocus = () => false; document.dispatchEvent(new Event('visibilitychange'));`,
    );
    const job = await start('<away>', 'exit 4');
    await editor.workbench.tree('Jobs').waitForRow('<away>');
    await store.waitForJob(job.id);
    const read = (): string | undefined => (existsSync(shown) ? readFileSync(shown, 'utf8').trim() : undefined);
    // It may belong to the failures that are told together.
    const line = await until('the desktop shows it', read, 45_000);
    assert.match(line, /--hint=string:sound-name:dialog-error -- Background Jobs "&lt;away>" failed \(exit code 4\)/);
  }).timeout(90_000);
});
