import { globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { top } from '../../scripts/editor/places.ts';
import { endProcessesWithEnvironment } from '../../scripts/editor/processes.ts';
import { serve, type RunningServer } from '../../scripts/editor/serve.ts';
import { removeFolder, temporaryFolder } from '../../scripts/editor/temporary.ts';
import { quietSettings } from './settings.ts';
import { Workbench } from './workbench.ts';

export interface EditorOptions {
  /** The files of the workspace, by path. */
  files?: Record<string, string>;
  /** The file that is opened, a .code-workspace. Default: the workspace folder. */
  open?: string;
  /** User settings, in addition to the quiet ones. */
  settings?: Record<string, unknown>;
  /** Folders of extensions. Default: this checkout as built, unless `packages` is set. */
  extensions?: readonly string[];
  /** VSIX files to install; see `packageExtension`. */
  packages?: readonly string[];
  workspaceTrust?: boolean;
  env?: Record<string, string>;
  /** The language of the extension. Default: English. */
  locale?: string;
}

/** A new VS Code with one window, a new workspace and a new store. */
export class Editor {
  readonly #folder = temporaryFolder('bgj');
  readonly #options: EditorOptions;
  #server: RunningServer | undefined;
  #workbench: Workbench | undefined;

  /** The workspace folder. */
  readonly workspace = join(this.#folder, 'workspace');
  /** The store: BGJOBS_HOME. */
  readonly home = join(this.#folder, 'home');
  /** HOME: without files of shells, which may do anything when a terminal begins. */
  readonly userHome = join(this.#folder, 'user');

  constructor(options: EditorOptions = {}) {
    this.#options = options;
  }

  get server(): RunningServer {
    if (!this.#server) throw new Error('The editor has not been started.');
    return this.#server;
  }

  get workbench(): Workbench {
    if (!this.#workbench) throw new Error('The editor has no window.');
    return this.#workbench;
  }

  async start(): Promise<void> {
    mkdirSync(this.workspace, { recursive: true });
    mkdirSync(this.userHome, { recursive: true });
    for (const [name, content] of Object.entries(this.#options.files ?? {})) {
      mkdirSync(dirname(join(this.workspace, name)), { recursive: true });
      writeFileSync(join(this.workspace, name), content);
    }
    await this.startServer();
    await this.openWindow();
  }

  async startServer(): Promise<void> {
    const { packages = [], settings, env, workspaceTrust = false } = this.#options;
    const { extensions = packages.length > 0 ? [] : [top] } = this.#options;
    this.#server = await serve({
      dataDir: join(this.#folder, 'server'),
      extensions,
      packages,
      settings: { ...quietSettings, ...settings },
      workspaceTrust,
      env: { BGJOBS_HOME: this.home, HOME: this.userHome, ...env },
    });
  }

  async openWindow(): Promise<Workbench> {
    const url = this.server.url(join(this.workspace, this.#options.open ?? ''));
    this.#workbench = await Workbench.open(url, this.#options.locale);
    return this.#workbench;
  }

  async screenshot(name: string): Promise<string> {
    return this.workbench.screenshot(name);
  }

  /** The last lines of what the newest extension host has logged: why the extension is not there, for example. */
  extensionHostLog(lines = 8): string {
    const logs = join(this.#folder, 'server', 'data', 'logs');
    const path = globSync('*/exthost*/remoteexthost.log', { cwd: logs })
      .map((name) => join(logs, name))
      .sort((one, other) => statSync(one).mtimeMs - statSync(other).mtimeMs)
      .at(-1);
    return path === undefined ? '' : readFileSync(path, 'utf8').split('\n').slice(-lines).join('\n');
  }

  async closeWindow(): Promise<void> {
    await this.#workbench?.close();
    this.#workbench = undefined;
  }

  /** Ends VS Code as a user does who quits it. Detached processes keep running. */
  async stopServer(): Promise<void> {
    await this.closeWindow();
    await this.#server?.stop();
    this.#server = undefined;
  }

  /** Ends everything, including the processes that have the path of the store in their environment. */
  async dispose(): Promise<void> {
    await this.stopServer();
    await endProcessesWithEnvironment('BGJOBS_HOME', this.home);
    removeFolder(this.#folder);
  }
}

/** An editor for the tests of the enclosing describe block. A failed test leaves a screenshot in out/screenshots. */
export function useEditor(options: EditorOptions = {}): Editor {
  const editor = new Editor(options);
  before(() => editor.start());
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return;
    const name = this.currentTest.fullTitle().replace(/[^\w]+/g, '-');
    // A failed screenshot must not hide the failure of the test.
    const path = await editor.screenshot(name).catch((error: unknown) => String(error));
    console.error(`See ${path}\n${editor.extensionHostLog()}`);
  });
  after(() => editor.dispose());
  return editor;
}
