import * as vscode from 'vscode';

/** A folder as a person names it: empty for the only folder of the workspace, else relative to its folder. */
export function placeText(path: string): string {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const folder = folders.find(({ uri }) => uri.fsPath === path);
  if (folder) return folders.length === 1 ? '' : folder.name;
  return vscode.workspace.asRelativePath(path);
}
