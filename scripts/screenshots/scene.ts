import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Job } from '../../src/api/job.ts';
import type { ApiClient } from '../../src/client/apiClient.ts';
import { Editor } from '../../test/helpers/editor.ts';
import { selectors } from '../../test/helpers/selectors.ts';
import { storeOf } from '../../test/helpers/store.ts';
import { until } from '../../test/helpers/until.ts';
import type { Workbench } from '../../test/helpers/workbench.ts';
import { top } from '../editor/places.ts';
import { lookOf, type LookName } from './looks.ts';

const size = { width: 1440, height: 900 };

/** An editor with jobs in many states, whose pictures are taken. */
export class Scene {
  readonly #editor: Editor;
  readonly #texts: Record<string, string>;
  #store: ApiClient | undefined;

  /** @param locale the language of the extension. That of the editor stays English, whose language packs are not here */
  constructor(locale: string) {
    const read = (name: string) => JSON.parse(readFileSync(join(top, name), 'utf8')) as Record<string, string>;
    this.#texts = read(locale === 'en' ? 'package.nls.json' : `package.nls.${locale}.json`);
    this.#editor = new Editor({ locale, settings: { 'explorer.autoReveal': false } });
  }

  get workbench(): Workbench {
    return this.#editor.workbench;
  }

  /** A text of the manifest by its key. */
  text(key: string): string {
    return this.#texts[key] ?? key;
  }

  get jobs() {
    return this.workbench.tree(this.text('view.jobs'));
  }

  async run(command: string): Promise<void> {
    await this.workbench.runCommand(`${this.text('category')}: ${this.text(`command.${command}`)}`);
  }

  async start(name: string, command: string, request: object = {}): Promise<Job> {
    if (!this.#store) throw new Error('The scene is not prepared.');
    const common = { name, command, cwd: this.#editor.workspace, session: 'workspace', capture: 'merged' as const };
    return (await this.#store.startJob({ ...common, ...request })).job;
  }

  /** A job that fails while the view is hidden. */
  async failUnseen(name: string): Promise<void> {
    await this.workbench.openContainer('Explorer');
    const { id } = await this.start(name, 'exit 3');
    await this.#store?.waitForJob(id);
  }

  async prepare(): Promise<void> {
    const { workspace } = this.#editor;
    cpSync(join(top, 'sample'), workspace, { recursive: true });
    this.#settings({});
    await this.#editor.start();
    this.#store = storeOf(this.#editor);
    const store = this.#store;
    await store.updateHost({ maxConcurrentJobsPerSession: 20, sessionLimits: { web: 1 } });
    const failing = `echo 'src/app.ts(3,7): error TS2322: Type "string" is not assignable to type "number".'; exit 2`;
    const colors = `printf '\\033[1mTests\\033[0m\\n\\033[32m✓ 12 passed\\033[0m\\n\\033[31m✗ 1 failed\\033[0m\\n'; exit 1`;
    const ended = [
      await this.start('build', 'echo compiled 42 files'),
      await this.start('a name that is so long that no side bar of any width will ever show all of it', 'true'),
      await this.start('type check', failing),
      await this.start('unit tests', colors),
      await this.start('missing program', 'no-such-program --version'),
      await this.start('nightly', 'sleep 30', { timeoutMs: 500, session: 'ci' }),
      await this.start('flaky', 'exit 1', { session: 'ci', retry: { maxAttempts: 2, delayMs: 100 } }),
    ];
    for (const { id } of ended) await store.waitForJob(id);
    const stopped = await this.start('stopped', 'sleep 600');
    await store.killJob(stopped.id);
    await this.start('server', 'echo listening on http://127.0.0.1:8123/; sleep 3600', { session: 'web' });
    await this.start('training', 'for i in $(seq 1 3600); do echo "epoch $i of 3600"; sleep 1; done');
    const long = await this.start('paused import', 'sleep 3600');
    await this.start('watcher', 'sleep 3600');
    await this.start('terminal', `printf '\\033[36mready\\033[0m\\n'; cat`, { tty: true });
    await this.start('queued', 'sleep 3600', { session: 'web', priority: 8 });
    await this.start('deploy', 'true', { dependsOn: [{ job: long.id }] });
    await this.start('later', 'true', { delayMs: 5_400_000 });
    await this.start('on hold', 'true', { held: true });
    await this.start('backup', 'true', { cron: '0 3 * * *' });
    await until('it can be paused', async () => (await store.getJob(long.id)).status === 'running' || undefined);
    await store.pauseJob(long.id);
    await this.workbench.openContainer(this.text('view.container'));
    await this.jobs.waitForRow('training');
  }

  async look(name: LookName): Promise<void> {
    const { theme, scale = 1, sideBar } = lookOf(name);
    const { page } = this.workbench;
    this.#settings({ 'workbench.colorTheme': theme });
    const kind = /High Contrast Light/.test(theme) ? 'hc-light' : /High Contrast/.test(theme) ? 'hc-black' : '';
    const wanted = kind === '' ? (/Dark/.test(theme) ? 'vs-dark' : 'vs') : kind;
    await page.locator(`${selectors.workbench}.${wanted}`).waitFor();
    await page.setViewportSize({ width: Math.round(size.width / scale), height: Math.round(size.height / scale) });
    const edge = await page.locator('.part.sidebar').boundingBox();
    if (!edge) return;
    await page.mouse.move(edge.x + edge.width, 300);
    await page.mouse.down();
    await page.mouse.move(edge.x + (sideBar ?? 290), 300, { steps: 5 });
    await page.mouse.up();
  }

  async take(path: string): Promise<void> {
    mkdirSync(dirname(path), { recursive: true });
    const { page } = this.workbench;
    // The mouse shows what it is over, unless that is what was wanted.
    if ((await page.locator(`${selectors.tooltip} a, ${selectors.menu}`).count()) === 0)
      await page.mouse.move(700, 620);
    // What comes and goes by itself is over then; nothing else says that a page has been drawn.
    await page.waitForTimeout(300);
    await page.screenshot({ path, animations: 'disabled' });
  }

  /** Closes what a view has opened. */
  async clear(): Promise<void> {
    const { page, quickInput } = this.workbench;
    for (let tries = 0; tries < 3; tries++) {
      if (await page.locator(selectors.menu).isVisible()) await page.keyboard.press('Escape');
      if (await quickInput.isOpen()) await page.keyboard.press('Escape');
    }
    if (await page.locator(selectors.modalEditor).isVisible()) await this.workbench.closeModalEditor();
    if ((await page.locator(selectors.editorTabs).count()) > 0) {
      await this.workbench.runCommand('View: Close All Editors');
    }
    if ((await page.locator(selectors.toast).count()) > 0) {
      await this.workbench.runCommand('Notifications: Clear All Notifications');
    }
    if (await page.locator('.part.panel').isVisible()) await page.keyboard.press('Control+j');
    await this.workbench.openContainer(this.text('view.container'));
  }

  async dispose(): Promise<void> {
    await this.#store?.killJobs({ all: true, signal: 'KILL' }).catch(() => undefined);
    this.#store?.dispose();
    await this.#editor.dispose();
  }

  #settings(more: object): void {
    const templates = { 'release build': { command: 'make release' } };
    const path = join(this.#editor.workspace, '.vscode', 'settings.json');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify({ 'backgroundJobs.templates': templates, ...more }));
  }
}
