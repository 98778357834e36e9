import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { VariableScope } from '../definitions/taskVariables.ts';

/** The answers by what stands between the braces, and which of them are secret. */
export type Answered = Pick<VariableScope, 'answers' | 'secrets'>;

const noAnswers: Answered = { answers: new Map(), secrets: new Set() };

/** What variables stand for in this window, now. @param folder absolute path */
export function variableScope(folder: string, { answers, secrets } = noAnswers): VariableScope {
  const editor = vscode.window.activeTextEditor;
  return {
    folder,
    folders: (vscode.workspace.workspaceFolders ?? []).map(({ name, uri }) => ({ name, path: uri.fsPath })),
    env: process.env,
    home: homedir(),
    setting: (name) => vscode.workspace.getConfiguration(undefined, vscode.Uri.file(folder)).get(name),
    editor: editor
      ? {
          file: editor.document.uri.fsPath,
          folder: vscode.workspace.getWorkspaceFolder(editor.document.uri)?.uri.fsPath ?? null,
          line: editor.selection.active.line + 1,
          column: editor.selection.active.character + 1,
          selection: editor.document.getText(editor.selection),
        }
      : null,
    answers,
    secrets,
  };
}
