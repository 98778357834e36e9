import type { Locator, Page } from 'playwright-core';
import { appears, clickSurely } from './clicks.ts';
import type { DomElement } from './dom.ts';
import { whole, type Which } from './match.ts';
import { openContextMenu, pickFromContextMenu } from './menu.ts';
import { selectors } from './selectors.ts';
import { until } from './until.ts';

export interface TreeRow {
  text: string;
  description: string;
  /** Starts at 1. */
  level: number;
  /** The id of the codicon, such as `debug-stop` or `loading~spin`. Empty if there is none. */
  icon: string;
  /** Such as `rgb(56, 138, 52)`; compare it with `Workbench.themeColor`. Empty if there is none. */
  iconColor: string;
  /** Undefined for a row without children. */
  expanded: boolean | undefined;
  selected: boolean;
  /** The label for screen readers. */
  accessibleName: string;
}

/** A tree view of the side bar, which must be open. Only visible rows exist, about 35. */
export class Tree {
  readonly #page: Page;
  readonly pane: Locator;

  /** @param title the title of the view, not of its container */
  constructor(page: Page, title: string) {
    this.#page = page;
    this.pane = page.locator(selectors.pane(title));
  }

  async rows(): Promise<TreeRow[]> {
    const rows = await this.pane.locator(selectors.row).evaluateAll(readRows, {
      label: selectors.rowLabel,
      description: selectors.rowDescription,
      icon: selectors.rowIcon,
    });
    return rows.sort((one, other) => one.index - other.index).map(({ index: _index, ...row }) => row);
  }

  /** Waits for a row with this text (a string is the whole text) for which `holds`. */
  async waitForRow(which: Which, holds: (row: TreeRow) => boolean = () => true): Promise<TreeRow> {
    let seen: TreeRow[] = [];
    try {
      return await until(`row ${which}`, async () => {
        seen = await this.rows();
        return seen.find((row) => whole(which).test(row.text) && holds(row));
      });
    } catch (error) {
      throw new Error(`${(error as Error).message}; the rows are:\n${outline(seen)}`, { cause: error });
    }
  }

  async waitUntilGone(which: Which): Promise<void> {
    await until(`row ${which} is gone`, async () =>
      (await this.rows()).some((row) => whole(which).test(row.text)) ? undefined : true,
    );
  }

  /** The element of the row, for anything that this class does not offer. */
  row(which: Which): Locator {
    const label = this.#page.locator(selectors.rowLabel, { hasText: whole(which) });
    return this.pane.locator(selectors.row).filter({ has: label }).first();
  }

  async click(which: Which, modifiers: ('Control' | 'Shift')[] = []): Promise<void> {
    const label = this.row(which).locator(selectors.rowLabel);
    await clickSurely(this.#page, label, selectors.row, { modifiers });
  }

  /** Drags a row, or the selected ones that it is among, onto another. */
  async drag(which: Which, onto: Which): Promise<void> {
    const middleOf = async (row: Locator): Promise<{ x: number; y: number }> => {
      const box = await row.locator(selectors.rowLabel).boundingBox();
      if (!box) throw new Error('The row is not visible.');
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    };
    const [from, to] = [await middleOf(this.row(which)), await middleOf(this.row(onto))];
    const { mouse } = this.#page;
    await mouse.move(from.x, from.y);
    await mouse.down();
    // The editor asks the extension for what is dragged, and allows a drop when it has been dragged over a row.
    await mouse.move(to.x, to.y, { steps: 10 });
    await mouse.move(to.x + 2, to.y, { steps: 2 });
    await mouse.up();
  }

  /** Expands or collapses a row that has children. */
  async toggle(which: Which): Promise<void> {
    const isExpanded = async (): Promise<boolean | undefined> =>
      (await this.rows()).find((row) => whole(which).test(row.text))?.expanded;
    const before = (await this.waitForRow(which, ({ expanded }) => expanded !== undefined)).expanded;
    await until(`row ${which} is ${before ? 'collapsed' : 'expanded'}`, async () => {
      if ((await isExpanded()) === !before) return true;
      await clickSurely(this.#page, this.row(which).locator(selectors.rowTwistie), selectors.rowTwistie);
      return (await isExpanded()) === !before || undefined;
    });
  }

  /** Moves the mouse over the row and clicks the button that appears in it. */
  async clickAction(which: Which, action: string): Promise<void> {
    await this.waitForRow(which);
    const row = this.row(which);
    await row.hover({ position: { x: 30, y: 10 } });
    await clickSurely(this.#page, row.locator(selectors.rowAction(action)), selectors.rowAction(action));
  }

  /** The buttons that the row shows while the mouse is over it. */
  async actions(which: Which): Promise<string[]> {
    const row = this.row(which);
    await row.hover({ position: { x: 30, y: 10 } });
    const buttons = row.locator(selectors.rowActions);
    return buttons.evaluateAll((found: DomElement[]) => found.map((one) => one.getAttribute('aria-label') ?? ''));
  }

  /** Opens the row's context menu and picks an item, through submenus if more than one label is given. */
  async pickFromContextMenu(which: Which, ...labels: string[]): Promise<void> {
    await this.waitForRow(which);
    await pickFromContextMenu(this.#page, this.row(which), ...labels);
  }

  /** The labels of the row's context menu. The menu is closed again. */
  async contextMenu(which: Which): Promise<string[]> {
    await openContextMenu(this.#page, this.row(which));
    const labels = await this.#page.locator(selectors.menuLabel).allTextContents();
    await this.#page.keyboard.press('Escape');
    await this.#page.locator(selectors.menu).waitFor({ state: 'hidden' });
    return labels.filter((label) => label !== '');
  }

  /** The text of the row's tooltip, which the editor may have to ask for. */
  async tooltip(which: Which): Promise<string> {
    const tooltip = this.#page
      .locator(selectors.tooltip)
      .filter({ hasNotText: /^\s*Loading/ })
      .first();
    return until(`tooltip of ${which}`, async () => {
      // A row that is drawn again below the mouse shows none until the mouse comes once more.
      await this.#page.mouse.move(0, 0);
      await this.row(which).locator(selectors.rowLabel).hover();
      return (await appears(tooltip)) && (await tooltip.innerText()).trim();
    });
  }

  /** Waits until the welcome view of an empty tree shows this text. It may show other texts while a window starts. */
  async waitForWelcome(pattern: RegExp): Promise<void> {
    const welcome = this.pane.locator(selectors.paneWelcome);
    await until(`welcome ${pattern}`, async () =>
      (await welcome.isVisible()) && pattern.test(await welcome.innerText()) ? true : undefined,
    );
  }
}

function outline(rows: readonly TreeRow[]): string {
  return rows.map((row) => `${'  '.repeat(row.level)}[${row.icon}] ${row.text} — ${row.description}`).join('\n');
}

/** Runs in the page in a single call, so that all rows are from the same moment. */
function readRows(
  elements: DomElement[],
  parts: { label: string; description: string; icon: string },
): (TreeRow & { index: number })[] {
  return elements.map((element) => {
    const icon = element.querySelector(parts.icon);
    const classes = (icon?.className ?? '').split(' ').filter((name) => name.startsWith('codicon-'));
    const name = classes.find((one) => !one.startsWith('codicon-modifier-'))?.slice('codicon-'.length) ?? '';
    const modifier = classes.find((one) => one.startsWith('codicon-modifier-'))?.slice('codicon-modifier-'.length);
    const color = /color: *([^;]+)/.exec(icon?.getAttribute('style') ?? '')?.[1] ?? '';
    const expanded = element.getAttribute('aria-expanded');
    return {
      index: Number(element.getAttribute('data-index')),
      text: element.querySelector(parts.label)?.textContent ?? '',
      description: element.querySelector(parts.description)?.textContent ?? '',
      level: Number(element.getAttribute('aria-level')),
      icon: modifier ? `${name}~${modifier}` : name,
      iconColor: color,
      expanded: expanded === null ? undefined : expanded === 'true',
      selected: element.getAttribute('aria-selected') === 'true',
      accessibleName: element.getAttribute('aria-label') ?? '',
    };
  });
}
