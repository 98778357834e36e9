import type { Locator, Page } from 'playwright-core';
import { until } from './until.ts';

/** How long one attempt may take. In between, a view may be drawn again. */
export const attemptMs = 3000;

/**
 * Clicks an element that the editor may draw again at any moment. If it does between the press and the release of the
 * button, nobody hears of the click, which is therefore repeated until the page has seen one on such an element.
 *
 * @param selector what the element and everything like it matches
 */
export async function clickSurely(
  page: Page,
  element: Locator,
  selector: string,
  options: { modifiers?: ('Control' | 'Shift')[] } = {},
): Promise<void> {
  await until(`a click on ${selector}`, async () => {
    await page.evaluate(`{
      globalThis.clicksSeen = 0;
      globalThis.clickListener?.abort();
      globalThis.clickListener = new AbortController();
      const listen = ({ target }) => void (target.closest(${JSON.stringify(selector)}) && globalThis.clicksSeen++);
      document.addEventListener('click', listen, { capture: true, signal: globalThis.clickListener.signal });
    }`);
    await element.click({ ...options, timeout: attemptMs }).catch(() => undefined);
    // A page that was loaded again because of the click knows nothing of it.
    const seen = await page.evaluate<number | undefined>('globalThis.clicksSeen').catch(() => undefined);
    return seen === 0 ? undefined : true;
  });
}

/** @returns undefined if the element does not appear within an attempt, for `until` */
export async function appears(element: Locator): Promise<true | undefined> {
  return element.waitFor({ timeout: attemptMs }).then(
    () => true as const,
    () => undefined,
  );
}
