import assert from 'node:assert/strict';
import type { ApiClient } from '../../src/client/apiClient.ts';
import type { Job } from '../../src/api/job.ts';
import { violations } from '../helpers/axe.ts';
import { useEditor } from '../helpers/editor.ts';
import { selectors } from '../helpers/selectors.ts';
import { storeOf } from '../helpers/store.ts';
import { until } from '../helpers/until.ts';

describe('The page of a job in the editor', () => {
  const editor = useEditor();
  let store: ApiClient;

  before(async () => {
    store = storeOf(editor);
    await editor.workbench.openContainer('Background Jobs');
  });
  after(() => store.dispose());
  afterEach(() => store.killJobs({ all: true, signal: 'KILL' }));

  it('is opened by keys, shows what runs, and stops it by its button, with nothing that axe objects to', async () => {
    const { workbench } = editor;
    const command = `echo '<b>first</b> line'; sleep 600 & wait`;
    const job = await start('served', { command, env: { SECRET_WORD: 'xyzzy' } });
    const next = await start('afterwards', { command: 'true', dependsOn: [{ job: job.id, condition: 'finished' }] });
    await workbench.tree('Jobs').click('served');
    await workbench.tree('Jobs').row('served').press('Alt+Enter');
    const page = workbench.webview();
    await page.getByRole('heading', { level: 1, name: 'served' }).waitFor();
    assert.equal(await page.getByRole('status').textContent(), 'Running');
    assert.match(await page.getByRole('region', { name: 'End of the Output' }).innerText(), /<b>first<\/b> line/);
    await page.getByRole('img', { name: /^CPU: .*, at most .* in the last [\d.]+/ }).waitFor();
    await page.getByRole('cell', { name: 'sleep 600' }).first().waitFor();
    await page.getByText('SECRET_WORD').waitFor();
    assert.doesNotMatch(await page.locator('body').innerText(), /xyzzy/);
    await page.getByRole('button', { name: 'afterwards' }).waitFor();
    assert.deepEqual(await violations(workbench, 'main > #state'), []);
    await workbench.screenshot('job page running');

    await page.getByRole('button', { name: 'Stop' }).focus();
    await workbench.page.keyboard.press('Enter');
    await page.getByRole('status').filter({ hasText: 'Stopped by a user' }).waitFor();
    assert.equal((await store.getJob(job.id)).status, 'killed');
    await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' });
    await page.getByRole('group', { name: 'Actions' }).and(page.locator(':focus')).waitFor();
    await page.getByRole('heading', { name: 'Processes' }).waitFor({ state: 'hidden' });
    assert.deepEqual(await violations(workbench, 'main > #state'), []);
    await workbench.screenshot('job page stopped');
    assert.equal((await store.waitForJob(next.id)).job.status, 'completed');
  });

  it('shows the end of a job by itself, comes back with the window, and leads to logs and other jobs, until it is removed', async () => {
    const { workbench } = editor;
    const page = workbench.webview();
    const first = await start('built', { command: 'read line; echo "got $line"; exit 3', stdin: { type: 'pipe' } });
    await start('deployed', { command: 'true', dependsOn: [{ job: first.id }], ifDependencyFails: 'wait' });
    await workbench.tree('Jobs').pickFromContextMenu('deployed', 'Show Job Details');
    await page.getByRole('heading', { level: 1, name: 'deployed' }).waitFor();
    await page.getByText('Waits for built').waitFor();
    await page.getByRole('button', { name: 'built' }).click();
    await page.getByRole('heading', { level: 1, name: 'built' }).waitFor();

    await workbench.reload();
    await page.getByRole('heading', { level: 1, name: 'built' }).waitFor();
    assert.equal(await page.getByRole('status').textContent(), 'Running');
    await store.sendInput(first.id, { text: 'a line\n' });
    await page.getByRole('status').filter({ hasText: 'Failed (exit code 3)' }).waitFor();
    await page.getByText('got a line').waitFor();
    assert.deepEqual(await violations(workbench, 'main > #state'), []);
    await page.getByRole('button', { name: 'Run 1' }).click();
    await until('its log is open', async () =>
      (await workbench.editorLines().catch(() => [])).some((line) => line.includes('got a line')) ? true : undefined,
    );

    // What has changed while the page was hidden is there when it is shown again.
    const tabs = workbench.page.locator(selectors.editorTabs, { hasText: 'built' });
    assert.equal(await tabs.count(), 2);
    await store.removeJob(first.id);
    await tabs.first().click();
    await page.getByRole('status').filter({ hasText: 'This job was removed.' }).waitFor();
    assert.deepEqual(await page.getByRole('button').allTextContents(), []);
    assert.deepEqual(await violations(workbench, 'main > #state'), []);
  });

  async function start(name: string, request: object): Promise<Job> {
    const { job } = await store.startJob({ name, session: 'workspace', cwd: editor.workspace, ...request });
    await editor.workbench.tree('Jobs').waitForRow(name);
    return job;
  }
});
