import type { Page } from 'playwright-core';
import { join } from 'node:path';
import { launchChromium } from '../../scripts/editor/chromium.ts';
import { screenshots } from '../../scripts/editor/places.ts';

/**
 * Opens a page in a new headless Chromium with a new profile.
 * @param locale what the editor takes for its language. Without a language pack its own texts are English all the same
 */
export async function openPage(locale = 'en'): Promise<Page> {
  const browser = await launchChromium();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  // The same timeout as `until`: on a busy machine the workbench needs half a minute to start.
  context.setDefaultTimeout(60_000);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  if (locale !== 'en') {
    const constant = `{ value: '${locale}', writable: false }`;
    await context.addInitScript(`Object.defineProperty(globalThis, '_VSCODE_NLS_LANGUAGE', ${constant})`);
  }
  return context.newPage();
}

export async function closePage(page: Page): Promise<void> {
  await page.context().browser()?.close();
}

/**
 * @param name without extension
 * @returns the path of the screenshot
 */
export async function takeScreenshot(page: Page, name: string): Promise<string> {
  const path = join(screenshots, `${name}.png`);
  await page.screenshot({ path });
  return path;
}
