import { selectors } from '../../test/helpers/selectors.ts';
import { until } from '../../test/helpers/until.ts';
import type { Scene } from './scene.ts';

/** How each view is brought into sight. */
export const views = {
  tree: async (scene) => {
    await scene.failUnseen('failed while you were away');
    await scene.workbench.openContainer(scene.text('view.container'));
    await scene.jobs.waitForRow('failed while you were away');
    await scene.workbench.page.locator(selectors.toast).first().waitFor();
  },
  tooltip: async ({ jobs }) => {
    await jobs.tooltip('type check');
  },
  menu: async ({ jobs, workbench }) => {
    await jobs.row('training').click({ button: 'right' });
    await workbench.page.locator(selectors.menu).waitFor();
  },
  start: async (scene) => {
    await scene.run('start');
    await until('the scripts are listed', async () => {
      const items = await scene.workbench.quickInput.items();
      return items.some(({ label }) => label.includes('npm run')) || undefined;
    });
  },
  options: async (scene) => {
    await scene.run('startWithOptions');
    await scene.workbench.quickInput.answer('make all');
    await until('the page of options is there', async () => {
      const items = await scene.workbench.quickInput.items();
      return items.length > 5 && items.every(({ label }) => !label.includes('npm run')) ? true : undefined;
    });
  },
  find: async (scene) => {
    await scene.run('find');
    await scene.workbench.quickInput.type('t');
    await until('jobs are found', async () => (await scene.workbench.quickInput.items()).length > 2 || undefined);
  },
  'job-page': async (scene) => {
    await show(scene, 'showDetails', 'training');
    await scene.workbench.webview().locator('#output').getByText('epoch').first().waitFor();
    // A line takes two measurements.
    await scene.workbench.webview().locator('polyline[points*=" "]').first().waitFor();
  },
  'job-page-failed': async (scene) => {
    await show(scene, 'showDetails', 'unit tests');
    await scene.workbench.webview().locator('#output').getByText('passed').first().waitFor();
  },
  timeline: async (scene) => {
    const lanes = await timeline(scene);
    for (let step = 0; step < 6; step++) await lanes.press('+');
    for (let step = 0; step < 4; step++) await lanes.press('ArrowDown');
  },
  'timeline-table': async (scene) => {
    await timeline(scene);
    await scene.workbench.webview().locator('[data-key="table"]').click();
    await scene.workbench.webview().locator('table').waitFor();
  },
  output: async (scene) => {
    await show(scene, 'showOutput', 'type check');
    await scene.workbench.output.waitForText(/type check/, 'TS2322');
  },
  log: async (scene) => {
    await show(scene, 'openLog', 'unit tests');
    await until('the log is open', async () =>
      (await scene.workbench.editorLines().catch(() => [])).some((line) => line.includes('passed')) ? true : undefined,
    );
  },
  terminal: async (scene) => {
    await show(scene, 'openTerminal', 'terminal');
    await scene.workbench.terminal.waitForText('ready');
  },
  problems: async (scene) => {
    await show(scene, 'matchProblems', 'type check');
    await scene.workbench.quickInput.type('tsc');
    await scene.workbench.quickInput.pick(/tsc$/);
    await scene.workbench.quickInput.confirm();
    const problem = scene.workbench.page.locator('.part.panel').getByText('is not assignable').first();
    // The key shows the panel or hides it.
    await until('the problem is shown', async () => {
      if (await problem.isVisible()) return true;
      await scene.workbench.page.keyboard.press('Control+Shift+M');
      await problem.waitFor({ timeout: 2000 }).catch(() => undefined);
      return undefined;
    });
  },
  notification: async (scene) => {
    await scene.failUnseen('nightly import');
    await scene.workbench.page.locator(selectors.toast).first().waitFor();
  },
  diagnostics: async (scene) => {
    await scene.run('doctor');
    await until('the report is there', async () => (await scene.workbench.output.lines()).length > 5 || undefined);
  },
  walkthrough: async (scene) => {
    await scene.run('help');
    await scene.workbench.page
      .locator('.gettingStartedContainer .step-container, .gettingStartedContainer .getting-started-step')
      .first()
      .waitFor();
  },
  settings: async (scene) => {
    await scene.run('openSettings');
    await scene.workbench.page.locator('.settings-editor .setting-item').first().waitFor();
  },
} satisfies Record<string, (scene: Scene) => Promise<void>>;
export type ViewName = keyof typeof views;

async function timeline(scene: Scene) {
  await scene.run('showTimeline');
  const lanes = scene.workbench.webview().locator('#lanes');
  await lanes.waitFor();
  const table = scene.workbench.webview().locator('[data-key="table"][aria-pressed="true"]');
  if (await table.isVisible()) await table.click();
  return lanes;
}

/** Runs a command for the job of this name. */
async function show(scene: Scene, command: string, name: string): Promise<void> {
  const { quickInput } = scene.workbench;
  await scene.run(command);
  await quickInput.type(name);
  await quickInput.pick(new RegExp(`\\b${name}$`));
}
