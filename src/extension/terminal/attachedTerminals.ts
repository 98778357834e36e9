import * as vscode from 'vscode';
import type { Job } from '../../api/job.ts';
import { jobTitle, shorten } from '../../text/grammar.ts';
import { storageKeys } from '../base/ids.ts';
import { AttachedTerminal, type AttachedDeps } from './attachedTerminal.ts';
import { JobLinks } from './jobLinks.ts';

interface Deps extends AttachedDeps {
  state: vscode.Memento;
}

/** The terminals of jobs that are open in this window, one for each job. They come back when the window is reloaded. */
export class AttachedTerminals {
  readonly #deps: Deps;
  /** Keyed by job id. */
  readonly #open = new Map<string, { terminal: vscode.Terminal; cwd: string }>();
  readonly #subscriptions: vscode.Disposable[];

  constructor(deps: Deps) {
    this.#deps = deps;
    const folderOf = (terminal: vscode.Terminal): string | undefined =>
      this.#open.values().find((one) => one.terminal === terminal)?.cwd;
    this.#subscriptions = [
      vscode.window.onDidCloseTerminal((terminal) => this.#closed(terminal)),
      vscode.window.registerTerminalLinkProvider(new JobLinks(folderOf)),
    ];
  }

  /** @param keepsFocus whether the focus stays where it is: what somebody types there must not go to the job */
  show(job: Job, keepsFocus = false): void {
    const terminal = this.#open.get(job.id)?.terminal ?? this.#create(job);
    this.#remember();
    terminal.show(keepsFocus);
  }

  /** Opens those that were open when the window closed, without showing them. A job that was removed has none. */
  async restore(): Promise<void> {
    const { state, connection } = this.#deps;
    for (const id of state.get<string[]>(storageKeys.terminals, [])) {
      const job = await connection.need().then(
        (service) => service.getJob(id),
        () => undefined,
      );
      if (job && !this.#open.has(id)) this.#create(job);
    }
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #create(job: Job): vscode.Terminal {
    const terminal = vscode.window.createTerminal({
      name: shorten(jobTitle(job), 60),
      iconPath: new vscode.ThemeIcon('server-process'),
      isTransient: true,
      pty: new AttachedTerminal(this.#deps, job),
    });
    this.#open.set(job.id, { terminal, cwd: job.cwd });
    return terminal;
  }

  /** A window that closes takes its terminals along: those are wanted again. */
  #closed(terminal: vscode.Terminal): void {
    const [id] = [...this.#open].find(([, one]) => one.terminal === terminal) ?? [];
    if (id === undefined || terminal.exitStatus?.reason === vscode.TerminalExitReason.Shutdown) return;
    this.#open.delete(id);
    this.#remember();
  }

  #remember(): void {
    void this.#deps.state.update(storageKeys.terminals, [...this.#open.keys()]);
  }
}
