import type { FrameLocator, Locator, Page } from 'playwright-core';
import { closePage, openPage, takeScreenshot } from './browser.ts';
import { clickSurely } from './clicks.ts';
import type { DomElement } from './dom.ts';
import { contains } from './match.ts';
import { pickFromContextMenu, pickFromMenu } from './menu.ts';
import { Dialog, Notifications } from './notifications.ts';
import { Output, Terminal, visibleLines } from './panel.ts';
import { QuickInput } from './quickInput.ts';
import { selectors } from './selectors.ts';
import { Tree } from './tree.ts';
import { until } from './until.ts';

/** A window of VS Code in the browser, as the user sees it. All methods wait for the elements that they need. */
export class Workbench {
  readonly page: Page;
  readonly quickInput: QuickInput;
  readonly notifications: Notifications;
  readonly dialog: Dialog;
  readonly output: Output;
  readonly terminal: Terminal;

  constructor(page: Page) {
    this.page = page;
    this.quickInput = new QuickInput(page);
    this.notifications = new Notifications(page);
    this.dialog = new Dialog(page);
    this.output = new Output(page);
    this.terminal = new Terminal(page);
  }

  static async open(url: string, locale?: string): Promise<Workbench> {
    const workbench = new Workbench(await openPage(locale));
    await workbench.page.goto(url);
    await workbench.ready();
    return workbench;
  }

  /** Waits until the window is drawn and has restored its editors. Extensions may not have started yet. */
  async ready(): Promise<void> {
    await this.page.locator(selectors.workbench).waitFor();
    await this.page.locator(selectors.bell).waitFor();
    await this.page.waitForFunction(`performance.getEntriesByName('code/LifecyclePhase/Restored').length > 0`);
  }

  /** Closes the window, like a user who closes the tab. */
  async close(): Promise<void> {
    await closePage(this.page);
  }

  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent('domcontentloaded');
    await this.#pickCommand('Developer: Reload Window');
    await loaded;
    await this.ready();
  }

  /** @param title as in the command palette, with its category: `Background Jobs: Start Job…` */
  async runCommand(title: string): Promise<void> {
    await this.#pickCommand(title);
    await until(`command "${title}" has left the palette`, async () =>
      (await this.quickInput.value()) === `>${title}` && (await this.quickInput.isOpen()) ? undefined : true,
    );
  }

  async #pickCommand(title: string): Promise<void> {
    // An open palette does not show new commands, and closes when something else takes the focus: it is opened again.
    await until(`command "${title}"`, async () => {
      await this.page.keyboard.press('F1');
      const isTyped = await this.quickInput.type(`>${title}`, 5000).then(
        () => true,
        () => false,
      );
      if (!isTyped) return undefined;
      const found = await this.#hasItem(title);
      if (!found) await this.quickInput.cancel();
      return found || undefined;
    });
    await this.quickInput.pick(title);
  }

  async #hasItem(title: string): Promise<boolean> {
    const search = async () => (await this.quickInput.items()).some((item) => item.label === title) || undefined;
    return until(title, search, 1000).catch(() => false);
  }

  /** Opens a view container of the activity bar, unless it is open. */
  async openContainer(title: string): Promise<void> {
    const tab = this.#containerTab(title);
    const heading = this.page.locator(selectors.sideBarTitle, { hasText: title });
    await tab.waitFor();
    // A click on the tab of a container that is already opening closes it, so the result of the click is checked.
    await until(`"${title}" is open`, async () => {
      if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
      return heading.waitFor({ timeout: 2000 }).then(
        () => true,
        () => undefined,
      );
    });
  }

  async isContainerOpen(title: string): Promise<boolean> {
    return (await this.#containerTab(title).getAttribute('aria-selected')) === 'true';
  }

  /** The text of the badge on a view container's icon. */
  async badge(title: string): Promise<string> {
    return (await this.#containerTab(title).locator(selectors.containerTabBadge).textContent()) ?? '';
  }

  #containerTab(title: string): Locator {
    // The title may be followed by a keybinding in parentheses, or by the tooltip of the badge.
    const name = this.page.locator(`[aria-label="${title}"], [aria-label^="${title} "]`);
    return this.page.locator(selectors.containerTab).filter({ has: name });
  }

  tree(view: string): Tree {
    return new Tree(this.page, view);
  }

  /** Clicks a button in the title of a view, which shows it while the mouse is over the view. */
  async clickViewAction(view: string, label: string): Promise<void> {
    const pane = this.page.locator(selectors.pane(view));
    const action = selectors.viewAction(label);
    await pane.hover();
    await clickSurely(this.page, pane.locator(action), action);
  }

  /** Picks an item of the menu that stands in the title of a view. */
  async pickFromViewMenu(view: string, label: string): Promise<void> {
    const pane = this.page.locator(selectors.pane(view));
    await until(`${label} is picked from the menu of ${view}`, async () => {
      await pane.hover();
      // The menu opens with the button of the mouse down, over the place of the click. The button is drawn again at times.
      const button = pane.locator(selectors.viewAction('More Actions'));
      await button.click({ force: true, timeout: 2000 }).catch(() => undefined);
      return (await pickFromMenu(this.page, label)) || undefined;
    });
  }

  /** The texts of the status bar as extensions set them, with `$(icon)` for icons. */
  async statusBar(): Promise<string[]> {
    return this.page.locator(`${selectors.statusBarItem} ${selectors.statusBarButton}`).evaluateAll(readStatusBar);
  }

  async waitForStatusBar(pattern: string | RegExp): Promise<string> {
    return until(`"${pattern}" in the status bar`, async () =>
      (await this.statusBar()).find((text) => contains(text, pattern)),
    );
  }

  async clickStatusBar(text: string | RegExp): Promise<void> {
    const button = this.page.locator(selectors.statusBarItem, { hasText: text }).locator(selectors.statusBarButton);
    await clickSurely(this.page, button, selectors.statusBarButton);
  }

  /** Trusts the workspace in an editor that was started with `workspaceTrust`. */
  async trustWorkspace(): Promise<void> {
    await this.runCommand('Workspaces: Manage Workspace Trust');
    await this.page.locator(selectors.trustButton).click();
    await until('the workspace is trusted', async () =>
      (await this.statusBar()).some((text) => text.includes('Restricted Mode')) ? undefined : true,
    );
    await this.closeModalEditor();
  }

  async closeModalEditor(): Promise<void> {
    await this.page.locator(selectors.modalEditorClose).click();
    await this.page.locator(selectors.modalEditor).waitFor({ state: 'hidden' });
  }

  /** Opens a file of the workspace, and waits until it is shown. @param path relative to the folder */
  async openFile(path: string): Promise<void> {
    await this.page.keyboard.press('Control+p');
    await this.quickInput.type(path);
    await this.quickInput.pick(path.split('/').at(-1) ?? path);
    await this.page.locator(selectors.editorTab(path.split('/').at(-1) ?? path)).waitFor();
  }

  /** The code lenses of the active editor with this title. */
  lenses(title: string): Locator {
    return this.page.locator(selectors.lens(title));
  }

  /** The names of the icons of ours beside the lines of the active editor, in their order. */
  async gutterIcons(): Promise<string[]> {
    return this.page.evaluate<string[]>(`
      [...document.querySelectorAll('${selectors.gutterIcon}')]
        .map((icon) => ({
          name: /gutter(?:\\/|%2F)(\\w+)\\.svg/.exec(getComputedStyle(icon).backgroundImage)?.[1],
          top: icon.getBoundingClientRect().top,
        }))
        .filter(({ name }) => name !== undefined)
        .sort((one, other) => one.top - other.top)
        .map(({ name }) => name)
    `);
  }

  /** Opens the context menu of the number of a line (from 1) in the active editor and picks an item. */
  async pickFromLineNumber(line: number, label: string): Promise<void> {
    const number = this.page.locator(selectors.lineNumber, { hasText: new RegExp(`^${line}$`) });
    await pickFromContextMenu(this.page, number, label);
  }

  /** Opens the context menu of a file in the Explorer and picks an item. */
  async pickFromExplorer(file: string, label: string): Promise<void> {
    await pickFromContextMenu(this.page, this.page.locator(selectors.explorerRow(file)), label);
  }

  /** The visible lines of the active text editor. */
  async editorLines(): Promise<string[]> {
    return visibleLines(this.page.locator(selectors.editorLine));
  }

  /** The content of the visible webview. */
  webview(): FrameLocator {
    return this.page.frameLocator(selectors.webview).frameLocator(selectors.webviewContent);
  }

  /** A color of the theme in CSS: `rgb(56, 138, 52)` for `charts.green`. */
  async themeColor(id: string): Promise<string> {
    const variable = `--vscode-${id.replaceAll('.', '-')}`;
    return this.page.evaluate<string>(`{
      const probe = document.querySelector('${selectors.workbench}').appendChild(document.createElement('i'));
      probe.style.color = 'var(${variable})';
      const { color } = getComputedStyle(probe);
      probe.remove();
      color;
    }`);
  }

  async waitForClipboard(pattern: string | RegExp): Promise<string> {
    return until(`"${pattern}" in the clipboard`, async () => {
      const text = await this.page.evaluate<string>('navigator.clipboard.readText()');
      return contains(text, pattern) ? text : undefined;
    });
  }

  /** @returns the path of the screenshot, out/screenshots/NAME.png */
  async screenshot(name: string): Promise<string> {
    return takeScreenshot(this.page, name);
  }
}

function readStatusBar(labels: DomElement[]): string[] {
  const read = (node: DomElement) => {
    const icon = /codicon-([\w-]+)/.exec(node.className ?? '')?.[1];
    return icon ? `$(${icon})` : (node.textContent ?? '');
  };
  return labels.map((label) => [...label.childNodes].map(read).join('').replaceAll('\u00a0', ' ').trim());
}
