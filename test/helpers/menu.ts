import type { Page } from 'playwright-core';
import { selectors } from './selectors.ts';
import { until } from './until.ts';

/**
 * Picks an item from the open or opening menu. Each label except the last opens a submenu.
 * @returns false if the menu closed before: the editor drew again what it belongs to
 */
export async function pickFromMenu(page: Page, ...labels: string[]): Promise<boolean> {
  const last = labels.at(-1) ?? '';
  for (const label of labels.slice(0, -1)) await page.locator(selectors.menuItem(label)).hover();
  const item = page.locator(selectors.menuItem(last));
  await item.waitFor();
  // A menu ignores clicks for the first 250 ms, because they may be meant for the elements that it covers.
  let isPicked = false;
  await until(`menu item ${last} takes a click`, async () => {
    if (await item.isVisible()) {
      await item.click({ timeout: 1000 }).then(
        () => (isPicked = true),
        () => undefined,
      );
    }
    return (await page.locator(selectors.menu).count()) === 0 || undefined;
  });
  return isPicked;
}
