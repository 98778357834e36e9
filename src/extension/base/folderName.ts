import * as vscode from 'vscode';

/** A folder as people know it: by the name of its workspace folder and the path in it; the whole path outside. */
export function folderName(path: string): string {
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(path));
  if (!folder) return path;
  return folder.uri.fsPath === path ? folder.name : vscode.workspace.asRelativePath(path, true);
}
