import assert from 'node:assert/strict';
import { useEditor } from '../helpers/editor.ts';

describe('a newcomer', () => {
  const editor = useEditor();

  it('finds four steps with pictures', async () => {
    const { workbench } = editor;
    await workbench.runCommand('Background Jobs: Get Started');
    const page = workbench.page.locator('.gettingStartedContainer');
    await page.getByText('Get Started with Background Jobs').first().waitFor();
    const titles = page.locator('.getting-started-step h3.step-title');
    await titles.first().waitFor();
    assert.deepEqual(await titles.allInnerTexts(), [
      'Start a job',
      'See its state and its output',
      'Close the window',
      'Use terminals and agents',
    ]);
    const picture = page.locator('.getting-started-media img').first();
    await picture.waitFor();
    await workbench.page.waitForFunction(`document.querySelector('.getting-started-media img').naturalWidth > 100`);
    await workbench.screenshot('walkthrough');
  });

  it('finds the settings from the menu of the view', async () => {
    const { workbench } = editor;
    await workbench.runCommand('Background Jobs: Open Settings');
    const contents = workbench.page.locator('.settings-toc-container');
    await contents.getByText('Agents & Host').waitFor();
    const entries = (await contents.locator('.settings-toc-entry').allInnerTexts()).map((text) => text.trim());
    assert.deepEqual(entries.slice(-4), ['Limits', 'Notifications', 'History', 'Agents & Host']);
    await workbench.screenshot('settings');
  });
});
