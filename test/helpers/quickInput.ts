import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { clickSurely } from './clicks.ts';
import { whole, type Which } from './match.ts';
import { selectors } from './selectors.ts';
import { until } from './until.ts';

export interface QuickInputItem {
  label: string;
  description: string;
  detail: string;
}

/** The quick input at the top of the window: a list to pick from, or an input box. */
export class QuickInput {
  readonly #page: Page;
  readonly #box: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.#box = page.locator(selectors.quickInputBox);
  }

  /**
   * Waits until the quick input is shown.
   * @param prompt a part of its placeholder, message or title. Default: any prompt
   */
  async waitFor(prompt = ''): Promise<void> {
    await until(`a question about "${prompt}"`, async () => {
      if (!(await this.isOpen())) return undefined;
      return (await this.prompt()).includes(prompt) || undefined;
    });
  }

  async isOpen(): Promise<boolean> {
    return this.#page.locator(selectors.quickInput).isVisible();
  }

  async waitUntilClosed(): Promise<void> {
    await this.#page.locator(selectors.quickInput).waitFor({ state: 'hidden' });
  }

  /** Title, placeholder and message, one per line. */
  async prompt(): Promise<string> {
    const title = await this.#page.locator(selectors.quickInputTitle).textContent();
    const placeholder = await this.#box.getAttribute('placeholder');
    return [title?.trim(), placeholder, await this.message()].filter(Boolean).join('\n');
  }

  /** The line below the box: the prompt, or the validation message. */
  async message(): Promise<string> {
    return (await this.#page.locator(selectors.quickInputMessage).textContent())?.trim() ?? '';
  }

  /** The current text of the box. Empty if there is no box. */
  async value(): Promise<string> {
    const values = await this.#box.evaluateAll((boxes: { value: string }[]) => boxes.map((box) => box.value));
    return values[0] ?? '';
  }

  async items(): Promise<QuickInputItem[]> {
    const rows = await this.#page.locator(selectors.quickInputItem).all();
    return Promise.all(
      rows.map(async (row) => ({
        label: await text(row, selectors.quickInputItemLabel),
        description: await text(row, selectors.quickInputItemDescription),
        detail: await text(row, selectors.quickInputItemDetail),
      })),
    );
  }

  /** Replaces the text of the box without confirming it. @param timeoutMs for a box that may close again */
  async type(value: string, timeoutMs?: number): Promise<void> {
    await this.waitFor();
    await this.#box.fill(value, timeoutMs === undefined ? {} : { timeout: timeoutMs });
  }

  /** Types a text and confirms it with Enter. */
  async answer(value: string): Promise<void> {
    await this.type(value);
    await this.accept();
  }

  async accept(): Promise<void> {
    await this.waitFor();
    await this.#box.press('Enter');
  }

  async cancel(): Promise<void> {
    await this.waitFor();
    await this.#box.press('Escape');
    await this.waitUntilClosed();
  }

  /** Clicks the item with this label. In a multi-select list this toggles its checkbox; call `confirm` afterwards. */
  async pick(label: Which): Promise<void> {
    const item = this.#item(label);
    await item.waitFor().catch(async () => {
      assert.fail(`"${label}" is not among: ${(await this.items()).map((one) => one.label).join(', ')}`);
    });
    await clickSurely(this.#page, item, selectors.quickInputItem);
  }

  /** Clicks the Back button, and waits for what it leads to with `waitFor`. */
  async back(): Promise<void> {
    await this.#page.locator(selectors.quickInputBack).click();
  }

  /** Clicks a button that the item shows while the mouse is over it. */
  async clickItemButton(label: Which, button: string): Promise<void> {
    const item = this.#item(label);
    await item.hover();
    await item.locator(selectors.quickInputItemButton(button)).click();
  }

  /** Presses OK. */
  async confirm(): Promise<void> {
    await this.#page.locator(selectors.quickInputOk).filter({ hasText: 'OK' }).click();
  }

  #item(label: Which): Locator {
    const name = this.#page.locator(selectors.quickInputItemLabel, { hasText: whole(label) });
    return this.#page.locator(selectors.quickInputItem).filter({ has: name }).first();
  }
}

async function text(row: Locator, selector: string): Promise<string> {
  const texts = await row.locator(selector).allTextContents();
  return texts.join('').trim();
}
