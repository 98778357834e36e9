import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import type { Job } from '../../src/api/job.ts';
import type { ApiClient } from '../../src/client/apiClient.ts';
import { violations } from '../helpers/axe.ts';
import { useEditor } from '../helpers/editor.ts';
import { selectors } from '../helpers/selectors.ts';
import { storeOf } from '../helpers/store.ts';
import { until } from '../helpers/until.ts';

describe('The timeline of all jobs in the editor', () => {
  const editor = useEditor({ files: { '.vscode/settings.json': '{}' } });
  const themes = {
    'Default Light Modern': 'vscode-light',
    'Default Dark Modern': 'vscode-dark',
    'Default High Contrast': 'vscode-high-contrast',
    'Default High Contrast Light': 'vscode-high-contrast-light',
  };
  let store: ApiClient;
  let page: FrameLocator;

  before(async () => {
    store = storeOf(editor);
    await editor.workbench.openContainer('Background Jobs');
    await store.updateHost({ maxConcurrentJobs: 2 });
    page = editor.workbench.webview();
    const build = await start('build', { command: 'sleep 1' });
    const lint = await start('lint', { command: 'sleep 1; exit 3', session: 'checks' });
    const deploy = await start('deploy', { command: 'true', dependsOn: [{ job: build.id }] });
    await start('never', { command: 'true', held: true });
    // They free their slots, so that only one has to wait.
    for (const { id } of [lint, deploy]) await store.waitForJob(id);
    await start('server', { command: 'sleep 600' });
    await start('watcher', { command: 'sleep 600' });
    await start('patient', { command: 'sleep 600' });
  });
  after(async () => {
    await store.killJobs({ all: true, signal: 'KILL' });
    store.dispose();
  });

  it('is opened from the menu of the view, and says what runs, waits, has waited and has failed', async () => {
    const { workbench } = editor;
    await workbench.pickFromViewMenu('Jobs', 'Show Timeline');
    await lanes().waitFor();
    await page.getByText('3 ended · 1 failed · up to 2 running at once · up to 1 in the queue').waitFor();
    await page.getByRole('button', { name: 'Show as Table' }).click();
    const rows = async () => {
      const found = await page.getByRole('row').allInnerTexts();
      return found.slice(1).map((row) => row.split('\t').slice(0, 3).join(' | '));
    };
    /** The table is drawn again a moment after a choice. */
    const shows = async (expected: readonly string[]): Promise<void> => {
      const isShown = async (): Promise<true | undefined> =>
        (await rows()).sort().join('\n') === expected.join('\n') || undefined;
      await until(`the rows are ${expected.join(', ')}`, isShown);
    };
    const all = [
      'build | workspace | Completed',
      'deploy | workspace | Completed',
      'lint | checks | Failed (exit code 3)',
      'never | workspace | On hold',
      'patient | workspace | Job limit reached (2)',
      'server | workspace | Running',
      'watcher | workspace | Running',
    ];
    await shows(all);
    await page.getByRole('combobox', { name: 'State' }).selectOption('Failed');
    await shows(['lint | checks | Failed (exit code 3)']);
    await page.getByRole('combobox', { name: 'State' }).selectOption('All States');
    await page.getByRole('combobox', { name: 'Session' }).selectOption('checks');
    await shows(['lint | checks | Failed (exit code 3)']);
    await page.getByRole('combobox', { name: 'Session' }).selectOption('All Sessions');
    await shows(all);
    assert.deepEqual(await violations(workbench, '#lanes'), []);
    await workbench.screenshot('timeline as table');
    await page.getByRole('button', { name: 'Show as Table' }).click();
  });

  it('is walked through by keys, which tell what is selected and open its page', async () => {
    const { workbench } = editor;
    const { keyboard } = workbench.page;
    await lanes().focus();
    for (let step = 0; step < 8; step++) await keyboard.press('+');
    const press = async (key: string, before?: string): Promise<string> => {
      await keyboard.press(key);
      return until('the next one is selected', async () => {
        const text = await page.getByRole('status').innerText();
        return text === '' || text === before ? undefined : text;
      });
    };
    const seen: string[] = [];
    for (let step = 0; step < 7; step++) seen.push(await press('ArrowDown', seen.at(-1)));
    assert.match(seen[0] ?? '', /^lint · Failed \(exit code 3\) · 1(\.\d)?s · .* · Session: checks$/);
    const deploy = seen.find((text) => text.startsWith('deploy'));
    assert.match(deploy ?? '', /^deploy · Completed · .* · Waited .+ for "build" · /);
    assert.deepEqual(seen.map((text) => text.split(' · ')[0]).sort(), [
      ...['build', 'deploy', 'lint', 'never', 'patient', 'server', 'watcher'],
    ]);
    await workbench.screenshot('timeline');
    for (let text = seen.at(-1) ?? ''; !text.startsWith('build');) text = await press('ArrowUp', text);
    await keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'build' }).waitFor();
    await closeTab('build');
    await lanes().waitFor();
  });

  it('opens the page of a bar that is clicked, and tells of the bar below the mouse', async () => {
    const { workbench } = editor;
    await page.getByRole('button', { name: '15 Minutes' }).click();
    await page.getByRole('combobox', { name: 'Session' }).selectOption('checks');
    // Its only bar: it stands in the first row, shortly before now, which is near the right end.
    const bar = await until('the mouse finds the bar', async () => {
      const { x, y, width } = (await lanes().boundingBox())!;
      for (let from = width * 0.99; from > width * 0.5; from -= 3) {
        await workbench.page.mouse.move(x + from, y + 40);
        if (await page.locator('#tooltip').isVisible()) return { x: x + from, y: y + 40 };
      }
      return undefined;
    });
    assert.match(await page.locator('#tooltip').innerText(), /^lint\nFailed \(exit code 3\) · 1(\.\d)?s\n/);
    await workbench.page.mouse.click(bar.x, bar.y);
    await page.getByRole('heading', { level: 1, name: 'lint' }).waitFor();
    await closeTab('lint');
    await page.getByRole('combobox', { name: 'Session' }).selectOption('All Sessions');
  });

  it('shows what happens by itself, and comes back as it was when the window is reloaded', async () => {
    const { workbench } = editor;
    await page.getByRole('button', { name: '1 Day' }).click();
    await page.getByRole('combobox', { name: 'State' }).selectOption('Completed');
    await workbench.reload();
    await page.getByRole('button', { name: '1 Day', pressed: true }).waitFor();
    assert.equal(await page.getByRole('combobox', { name: 'State' }).inputValue(), 'completed');
    await page.getByText('2 ended · 0 failed').waitFor();
    const job = await start('hello', { command: 'true', session: 'new' });
    const [server] = (await store.listJobs({ text: 'server' })).jobs;
    await store.killJob(server!.id);
    await store.killJobs({ session: 'workspace', signal: 'KILL' });
    await store.waitForJob(job.id);
    await page.getByText('3 ended · 0 failed').waitFor();
    await page.getByRole('combobox', { name: 'Session' }).selectOption('new');
    await page.getByText('1 ended · 0 failed').waitFor();
    await store.removeJob(job.id);
    await page.getByText('0 ended · 0 failed').or(page.getByText('No jobs in this time range.')).waitFor();
    await page.getByRole('combobox', { name: 'Session' }).selectOption('All Sessions');
    await page.getByRole('combobox', { name: 'State' }).selectOption('All States');
  });

  for (const [theme, kind] of Object.entries(themes)) {
    it(`has nothing that axe objects to in ${theme}`, async () => {
      const { workbench } = editor;
      const settings = JSON.stringify({ 'workbench.colorTheme': theme });
      writeFileSync(join(editor.workspace, '.vscode', 'settings.json'), settings);
      await until('the theme is there', async () => {
        const seen = await page.locator('body').getAttribute('data-vscode-theme-kind');
        return seen === kind || undefined;
      });
      assert.deepEqual(await violations(workbench, '#lanes'), []);
      await workbench.screenshot(`timeline in ${theme}`);
    });
  }

  const lanes = () => page.getByRole('application', { name: 'Job Timeline' });

  async function closeTab(name: string): Promise<void> {
    const { page } = editor.workbench;
    await page.locator(selectors.editorTabs, { hasText: name }).click({ button: 'middle' });
    await page.locator(selectors.editorTabs, { hasText: name }).waitFor({ state: 'detached' });
  }

  async function start(name: string, request: object): Promise<Job> {
    return (await store.startJob({ name, session: 'workspace', cwd: editor.workspace, ...request })).job;
  }
});
