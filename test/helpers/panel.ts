import type { Locator, Page } from 'playwright-core';
import type { DomElement } from './dom.ts';
import { contains, whole, type Which } from './match.ts';
import { selectors } from './selectors.ts';
import { until } from './until.ts';

/** The output view of the panel, once something has opened it. */
export class Output {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** The name of the channel that is shown. */
  async channel(): Promise<string> {
    return this.#page.locator(selectors.outputChannel).inputValue();
  }

  /** The channels that can be selected, including those of VS Code. */
  async channels(): Promise<string[]> {
    return this.#page.locator(`${selectors.outputChannel} option:not([disabled])`).allTextContents();
  }

  /** The visible lines, by default about the last 15. */
  async lines(): Promise<string[]> {
    return visibleLines(this.#page.locator(selectors.outputLine));
  }

  /** Waits until a channel is shown whose visible text matches. @returns that text */
  async waitForText(channel: Which, pattern: string | RegExp): Promise<string> {
    let seen = '';
    return until(`"${pattern}" in output channel ${channel}`, async () => {
      if (!(await this.#page.locator(selectors.outputChannel).isVisible())) return undefined;
      const name = await this.channel();
      seen = (await this.lines()).join('\n');
      return whole(channel).test(name) && contains(seen, pattern) ? seen : undefined;
    });
  }
}

/** The terminal that is shown in the panel. */
export class Terminal {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async lines(): Promise<string[]> {
    const lines = await this.#page.locator(selectors.terminal).locator(selectors.terminalLine).allTextContents();
    return lines.map((line) => line.replaceAll('\u00a0', ' ').trimEnd());
  }

  async waitForText(pattern: string | RegExp, timeoutMs?: number): Promise<string> {
    const look = async (): Promise<string | undefined> => {
      const text = (await this.lines()).join('\n').trimEnd();
      return contains(text, pattern) ? text : undefined;
    };
    return until(`"${pattern}" in the terminal`, look, timeoutMs);
  }

  /** Types into the terminal. `\n` is the Enter key. */
  async type(text: string): Promise<void> {
    await this.#page.locator(selectors.terminal).click();
    await this.#page.keyboard.type(text);
  }
}

/** The lines of a text editor. In the DOM they are in any order and have no-break spaces. */
export async function visibleLines(lines: Locator): Promise<string[]> {
  const found = await lines.evaluateAll((elements: DomElement[]) =>
    elements.map((element) => ({
      top: Number(/top: *([\d.]+)px/.exec(element.getAttribute('style') ?? '')?.[1]),
      text: element.textContent ?? '',
    })),
  );
  return found.sort((one, other) => one.top - other.top).map(({ text }) => text.replaceAll('\u00a0', ' '));
}
