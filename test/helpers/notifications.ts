import type { Locator, Page } from 'playwright-core';
import { clickSurely } from './clicks.ts';
import { whole } from './match.ts';
import { selectors } from './selectors.ts';

export interface Notification {
  severity: 'info' | 'warning' | 'error';
  message: string;
  buttons: string[];
}

/** The notifications at the lower right of the window. */
export class Notifications {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async all(): Promise<Notification[]> {
    return Promise.all((await this.#page.locator(selectors.toast).all()).map(read));
  }

  /** Waits for a notification whose message contains or matches this. */
  async waitFor(message: string | RegExp): Promise<Notification> {
    const toast = this.#toast(message);
    await toast.waitFor();
    return read(toast);
  }

  async click(message: string | RegExp, button: string): Promise<void> {
    const element = this.#toast(message).locator(selectors.button, { hasText: whole(button) });
    await clickSurely(this.#page, element, selectors.button);
  }

  async dismiss(message: string | RegExp): Promise<void> {
    const toast = this.#toast(message);
    await toast.hover();
    await toast.locator(selectors.toastClose).click();
    await toast.waitFor({ state: 'hidden' });
  }

  #toast(message: string | RegExp): Locator {
    const text = this.#page.locator(selectors.toastMessage, { hasText: message });
    return this.#page.locator(selectors.toast).filter({ has: text }).first();
  }
}

/** A modal dialog in the middle of the window. */
export class Dialog {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Waits for the dialog. @returns its message and detail */
  async text(): Promise<string> {
    const dialog = this.#page.locator(selectors.dialog);
    await dialog.waitFor();
    // A message without detail is in the place of the detail.
    const texts = dialog.locator(`${selectors.dialogMessage}, ${selectors.dialogDetail}`);
    return (await texts.allInnerTexts()).join('\n');
  }

  async click(button: string): Promise<void> {
    const element = this.#page.locator(selectors.dialog).locator(selectors.button, { hasText: whole(button) });
    await clickSurely(this.#page, element, selectors.button);
    await this.#page.locator(selectors.dialog).waitFor({ state: 'hidden' });
  }
}

async function read(toast: Locator): Promise<Notification> {
  const classes = (await toast.locator(selectors.toastIcon).getAttribute('class')) ?? '';
  const severity = (['error', 'warning'] as const).find((name) => classes.includes(`codicon-${name}`)) ?? 'info';
  const message = (await toast.locator(selectors.toastMessage).innerText()).trim();
  return { severity, message, buttons: await toast.locator(selectors.button).allInnerTexts() };
}
