import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiClient } from '../../src/client/apiClient.ts';
import type { Job } from '../../src/api/job.ts';
import { useEditor } from '../helpers/editor.ts';
import { selectors } from '../helpers/selectors.ts';
import { storeOf } from '../helpers/store.ts';
import { until } from '../helpers/until.ts';

const program = String.raw`
  printf 'one two\rONE\n\033[31mred\033[0m words\n'
  trap 'echo caught' INT
  trap 'echo size $(stty size)' WINCH
  while :; do read -r line && echo "<$line>"; done
`;

describe('A job in a terminal of the editor', () => {
  const editor = useEditor();
  let store: ApiClient;

  before(() => void (store = storeOf(editor)));
  after(() => store.dispose());
  afterEach(async () => {
    await store.killJobs({ all: true, signal: 'KILL' });
    // A second attempt has the same names.
    await store.cleanUp({ keep: 0 });
  });

  it('is drawn, typed into, interrupted, resized and left running, and comes back with the window', async () => {
    const job = await start('drawn', { argv: ['bash', '-c', program], tty: true });
    const { workbench } = editor;
    await workbench.tree('Jobs').pickFromContextMenu('drawn', 'Open in Terminal');
    const text = await workbench.terminal.waitForText('red words');
    assert.match(text, /^\$ bash -c/m);
    assert.match(text, /^ONE two$/m);
    const red = workbench.page.locator(`${selectors.terminal} .xterm-rows .xterm-fg-1`, { hasText: 'red' });
    assert.equal(await red.first().textContent(), 'red');

    await workbench.terminal.type('typed\n');
    await workbench.terminal.waitForText('<typed>');
    await workbench.page.keyboard.press('Control+C');
    await workbench.terminal.waitForText('caught');
    assert.equal((await store.getJob(job.id)).status, 'running');
    const before = await workbench.terminal.waitForText(/size \d+ \d+/);
    await workbench.page.setViewportSize({ width: 1100, height: 700 });
    await workbench.terminal.type('again\n');
    await until('it is told another size', async () => {
      const sizes = (await workbench.terminal.lines()).join('\n').match(/size \d+ \d+/g) ?? [];
      return sizes.at(-1) === /size \d+ \d+/.exec(before)![0] ? undefined : sizes.length;
    });

    await workbench.reload();
    await workbench.runCommand('Terminal: Focus Terminal');
    const tabs = workbench.page.locator(selectors.terminalTitle, { hasText: 'drawn' });
    await until('the terminal is back', async () => ((await tabs.count()) > 0 ? true : undefined));
    // A shell may come with the panel, and take its place once more.
    await until('it is typed into', async () => {
      await workbench.tree('Jobs').click('drawn');
      await workbench.terminal.waitForText('<typed>');
      await workbench.terminal.type('after the reload\n');
      return workbench.terminal.waitForText('<after the reload>', 2000).catch(() => undefined);
    });
    assert.equal(await tabs.count(), 1);

    await workbench.runCommand('Terminal: Kill the Active Terminal Instance');
    await until('the terminal is closed', async () => ((await tabs.count()) === 0 ? true : undefined));
    assert.equal((await store.getJob(job.id)).status, 'running');
    await workbench.reload();
    await workbench.tree('Jobs').waitForRow('drawn');
    await store.killJob(job.id);
    // Its row moves just then.
    await until('its end is shown', async () => {
      await workbench.tree('Jobs').click('drawn');
      return workbench.terminal.waitForText(/\[stopped|\[killed/i, 5000).catch(() => undefined);
    });
  });

  it('has links to files of its folder, also after its end', async () => {
    // Outside of the workspace, where the editor looks itself.
    const folder = join(editor.home, 'project');
    mkdirSync(join(folder, 'src'), { recursive: true });
    writeFileSync(join(folder, 'src', 'app.txt'), 'first\nsecond\nthird\n');
    const job = await start('linked', {
      command: 'echo see src/app.txt:2:3 and src/none.txt',
      cwd: folder,
    });
    await store.waitForJob(job.id);
    const { workbench } = editor;
    await workbench.tree('Jobs').waitForRow('linked', ({ icon }) => icon === 'pass');
    await workbench.tree('Jobs').pickFromContextMenu('linked', 'Open in Terminal');
    await workbench.terminal.waitForText('src/none.txt');
    const row = workbench.page.locator(`${selectors.terminal} .xterm-rows > div`, { hasText: /^see/ }).first();
    const box = (await row.boundingBox())!;
    const cell = (await workbench.page
      .locator(`${selectors.terminal} .xterm-rows > div span`, { hasText: /^see/ })
      .first()
      .boundingBox())!;
    const width = cell.width / 'see src/app.txt:2:3 and src/none.txt'.length;
    const at = { x: box.x + width * 8, y: box.y + box.height / 2 };
    await until('the file is open', async () => {
      await workbench.page.mouse.move(at.x, at.y + 40);
      await workbench.page.mouse.move(at.x, at.y);
      await workbench.page.keyboard.down('Control');
      await workbench.page.mouse.move(at.x + 2, at.y);
      await workbench.page.mouse.click(at.x + 2, at.y);
      await workbench.page.keyboard.up('Control');
      return (await workbench.page.locator(selectors.editorTab('app.txt')).count()) > 0 ? true : undefined;
    });
    assert.ok((await workbench.statusBar()).some((item) => item.includes('Ln 2, Col 3')));
  });

  it('without a terminal of its own takes lines, and Ctrl+C only the second time', async () => {
    const script = 'echo ready; while read line; do echo "<$line>"; done';
    const job = await start('plain', { command: script, stdin: { type: 'pipe' } });
    const { workbench } = editor;
    await workbench.tree('Jobs').pickFromContextMenu('plain', 'Open in Terminal');
    await workbench.terminal.waitForText('ready');
    await workbench.terminal.type('a line\n');
    await workbench.terminal.waitForText('<a line>');
    await workbench.page.keyboard.press('Control+C');
    await workbench.terminal.waitForText('Press Ctrl+C again');
    assert.equal((await store.getJob(job.id)).status, 'running');
    await workbench.page.keyboard.press('Control+C');
    assert.equal((await store.waitForJob(job.id)).job.signal, 'SIGINT');
  });

  async function start(name: string, request: object): Promise<Job> {
    await editor.workbench.openContainer('Background Jobs');
    const { job } = await store.startJob({ name, session: 'workspace', cwd: editor.workspace, ...request });
    await editor.workbench.tree('Jobs').waitForRow(name);
    return job;
  }
});
