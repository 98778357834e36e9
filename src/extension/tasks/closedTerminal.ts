import * as vscode from 'vscode';

/** The editor tells why a terminal was closed right behind the call that closes it. */
const toldWithinMs = 2000;

/**
 * Whether the terminal that is just being closed is closed by somebody, and not by its window going away. The editor
 * does not tell a pseudoterminal which; when a window goes away, it closes all of its terminals for that reason.
 */
export function isClosedBySomebody(): Promise<boolean> {
  return new Promise((resolve) => {
    const decide = (answer: boolean): void => {
      subscription.dispose();
      clearTimeout(timer);
      resolve(answer);
    };
    const subscription = vscode.window.onDidCloseTerminal(({ exitStatus }) =>
      decide(exitStatus?.reason !== vscode.TerminalExitReason.Shutdown),
    );
    const timer = setTimeout(() => decide(true), toldWithinMs);
  });
}
