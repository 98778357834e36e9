import * as vscode from 'vscode';

/** The last line that was run in a terminal. Its text becomes more exact when it has ended. */
export interface LastCommand {
  readonly execution: vscode.TerminalShellExecution;
  /** Settles when it has ended, or its terminal is closed. */
  readonly ended: Promise<void>;
  isRunning: boolean;
  /** Called by {@link LastCommands}. */
  end(): void;
}

/** Keeps the last command line of each open terminal, as its shell integration reports it. */
export class LastCommands implements vscode.Disposable {
  readonly #last = new Map<vscode.Terminal, LastCommand>();
  readonly #subscriptions = [
    vscode.window.onDidStartTerminalShellExecution(({ terminal, execution }) => this.#started(terminal, execution)),
    vscode.window.onDidEndTerminalShellExecution(({ terminal, execution }) => {
      const last = this.#last.get(terminal);
      if (last?.execution === execution) last.end();
    }),
    vscode.window.onDidCloseTerminal((terminal) => {
      this.#last.get(terminal)?.end();
      this.#last.delete(terminal);
    }),
  ];

  /** Undefined: none is known. */
  of(terminal: vscode.Terminal): LastCommand | undefined {
    return this.#last.get(terminal);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#last.clear();
  }

  #started(terminal: vscode.Terminal, execution: vscode.TerminalShellExecution): void {
    // Enter at an empty prompt.
    if (execution.commandLine.value.trim() === '') return;
    this.#last.get(terminal)?.end();
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const last = {
      execution,
      ended,
      isRunning: true,
      end: () => {
        last.isRunning = false;
        resolve();
      },
    };
    this.#last.set(terminal, last);
  }
}
