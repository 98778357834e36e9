import * as vscode from 'vscode';
import type { Node } from './nodes.ts';

/** The window answers within moments. */
const answersWithinMs = 500;

/**
 * What a key is for, as in the editor's own lists: the selected rows if the one with the focus is among them, else that row
 * alone. The editor does not say which row has the focus, but it selects that row, or no longer, when it is asked to.
 */
export async function focusedRows(view: vscode.TreeView<Node>): Promise<readonly Node[]> {
  const before = view.selection;
  const after = await toggled(view);
  if (!after) return before;
  const added = after.filter((node) => !before.includes(node));
  // It is as it was again, before anybody is asked anything.
  await toggled(view);
  return added.length > 0 ? added : before;
}

/** The selection with the row that has the focus, or without it if it was selected. */
async function toggled(view: vscode.TreeView<Node>): Promise<readonly Node[] | undefined> {
  const changed = Promise.withResolvers<readonly Node[] | undefined>();
  const subscription = view.onDidChangeSelection(({ selection }) => changed.resolve(selection));
  const timer = setTimeout(() => changed.resolve(undefined), answersWithinMs);
  await vscode.commands.executeCommand('list.toggleSelection');
  const selection = await changed.promise;
  clearTimeout(timer);
  subscription.dispose();
  return selection;
}
