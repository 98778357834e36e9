import type { Browser, BrowserContext, Page } from 'playwright-core';
import { join } from 'node:path';
import { launchChromium } from '../../scripts/editor/chromium.ts';
import { screenshots } from '../../scripts/editor/places.ts';

let shared: Promise<Browser> | undefined;

/**
 * A page of a headless Chromium in a profile of its own. All pages of a test process share one browser, which is
 * closed after the last test.
 */
export async function openPage(): Promise<Page> {
  shared ??= launchChromium();
  const context = await (await shared).newContext({ viewport: { width: 1440, height: 900 } });
  await allowClipboard(context);
  return context.newPage();
}

/** For `after` at the top level; a test process with a browser does not end. */
export async function closeBrowser(): Promise<void> {
  await (await shared)?.close();
  shared = undefined;
}

/** @param name without extension */
export async function takeScreenshot(page: Page, name: string): Promise<string> {
  const path = join(screenshots, `${name}.png`);
  await page.screenshot({ path });
  return path;
}

async function allowClipboard(context: BrowserContext): Promise<void> {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
}
