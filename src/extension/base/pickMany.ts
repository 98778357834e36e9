import * as vscode from 'vscode';

/**
 * Lets a person select any of the items. They are there when the list opens: `showQuickPick` fills it afterwards, and
 * Enter before that would mean "none of them".
 * @returns undefined when the person has stepped back
 */
export function pickMany<T extends vscode.QuickPickItem>(
  items: readonly T[],
  { title, placeHolder }: { title: string; placeHolder: string },
): Promise<readonly T[] | undefined> {
  const box = vscode.window.createQuickPick<T>();
  box.title = title;
  box.placeholder = placeHolder;
  box.canSelectMany = true;
  box.matchOnDescription = true;
  box.matchOnDetail = true;
  box.items = items;
  box.selectedItems = items.filter(({ picked }) => picked);
  return new Promise((resolve) => {
    box.onDidAccept(() => {
      resolve(box.selectedItems);
      box.hide();
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}
