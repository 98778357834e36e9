import type { Locator, Page } from 'playwright-core';
import { appears, attemptMs } from './clicks.ts';
import { selectors } from './selectors.ts';
import { until } from './until.ts';

/** A menu ignores clicks for the first 250 ms, because they may be meant for the elements that it covers. */
const deafMs = 300;

/** Opens the context menu of an element, unless one is open. */
export async function openContextMenu(page: Page, element: Locator): Promise<void> {
  const menu = page.locator(selectors.menu).first();
  await until('the context menu is open', async () => {
    await element.click({ button: 'right', timeout: attemptMs }).catch(() => undefined);
    return appears(menu);
  });
}

/** Picks an item of the context menu of an element. Each label except the last opens a submenu. */
export async function pickFromContextMenu(page: Page, element: Locator, ...labels: string[]): Promise<void> {
  await until(`${labels.join(' > ')} is picked`, async () => {
    await openContextMenu(page, element);
    return (await pickFromMenu(page, ...labels)) || undefined;
  });
}

/**
 * Picks an item from the open or opening menu. Each label except the last opens a submenu.
 * @returns false if the menu closed before, because the editor drew again what it belongs to, or does not have the item
 */
export async function pickFromMenu(page: Page, ...labels: string[]): Promise<boolean> {
  const menu = page.locator(selectors.menu).first();
  if (!(await appears(menu))) return false;
  const hears = performance.now() + deafMs;
  for (const label of labels.slice(0, -1)) {
    await page
      .locator(selectors.menuItem(label))
      .hover({ timeout: attemptMs })
      .catch(() => undefined);
  }
  const item = page.locator(selectors.menuItem(labels.at(-1) ?? ''));
  if (!(await appears(item))) {
    // An open menu does not learn of an item that is offered since.
    await page.keyboard.press('Escape');
    return false;
  }
  let isPicked = false;
  await until(`menu item ${labels.at(-1)} takes a click`, async () => {
    if (!(await menu.isVisible())) return true;
    if (performance.now() < hears || !(await item.isVisible())) return undefined;
    isPicked = await item.click({ timeout: attemptMs }).then(
      () => true,
      () => false,
    );
    if (isPicked) await menu.waitFor({ state: 'hidden' });
    return isPicked || undefined;
  });
  return isPicked;
}
