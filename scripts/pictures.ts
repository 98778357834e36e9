// `npm run pictures` takes the pictures of the walkthrough and of README.md in a real editor, and writes them to media/.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { Editor } from '../test/helpers/editor.ts';
import { storeOf } from '../test/helpers/store.ts';
import { until } from '../test/helpers/until.ts';
import { top } from './editor/places.ts';

const settings = { 'workbench.colorTheme': 'Default Dark Modern', 'window.zoomLevel': 1, 'explorer.autoReveal': false };
const editor = new Editor({ settings });
const media = (...parts: string[]): string => join(top, 'media', ...parts);

try {
  cpSync(join(top, 'sample'), editor.workspace, { recursive: true });
  await editor.start();
  const { workbench } = editor;
  const { page, quickInput } = workbench;
  const take = async (name: string, width = 1000, height = 560): Promise<void> => {
    await page.mouse.move(width - 5, height - 5);
    await page.screenshot({ path: media(name), clip: { x: 0, y: 0, width, height } });
  };
  await page.setViewportSize({ width: 1000, height: 560 });
  await workbench.openContainer('Background Jobs');
  const tree = workbench.tree('Jobs');
  await tree.waitForWelcome(/Start Job/);

  await workbench.runCommand('Background Jobs: Start Job…');
  await quickInput.waitFor('Enter a command');
  await until(
    'the scripts are listed',
    async () => (await quickInput.items()).some(({ label }) => label.includes('npm run serve')) || undefined,
  );
  await take('walkthrough/start.png');
  await quickInput.cancel();

  const store = storeOf(editor);
  const start = async (name: string, command: string) =>
    (await store.startJob({ name, command, cwd: editor.workspace, session: 'workspace' })).job;
  const failing = await start('npm test', 'node --test');
  await store.waitForJob(failing.id);
  const build = await start('npm run build', 'node build.mjs');
  await store.waitForJob(build.id);
  const server = await start('npm run serve', 'node serve.mjs');
  await start('training', 'for i in $(seq 1 600); do echo "epoch $i"; sleep 1; done');
  await tree.waitForRow('training', ({ icon }) => icon === 'play-circle');
  await tree.clickAction('npm run build', 'Show Output');
  await workbench.output.waitForText(/npm run build/, 'completed');
  await take('walkthrough/output.png');
  await page.setViewportSize({ width: 1280, height: 640 });
  await take('editor.png', 1280, 640);
  await page.setViewportSize({ width: 1000, height: 560 });

  await tree.row('training').click({ button: 'right' });
  await page.locator('.monaco-menu').waitFor();
  await page.screenshot({ path: media('walkthrough/notify.png'), animations: 'disabled' });
  await page.keyboard.press('Escape');

  await workbench.runCommand('Terminal: Create New Terminal');
  // A shell that is still starting may lose what is typed.
  await until('bgjobs answers in the terminal', async () => {
    await workbench.terminal.type('clear; bgjobs list\n');
    return workbench.terminal.waitForText('training', 5000).catch(() => undefined);
  });
  await take('walkthrough/terminal.png');
  await store.killJob(server.id);
  store.dispose();
} finally {
  await editor.dispose();
}
