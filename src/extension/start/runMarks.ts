import { basename, dirname, sep } from 'node:path';
import * as vscode from 'vscode';
import { commands } from '../base/ids.ts';
import { scriptPlaces } from './scriptPlaces.ts';

const mainGuard = /^if\s+__name__\s*==\s*['"]__main__['"]\s*:/;

/** Something in a document that can be run: a script that it names, or the script that it is. */
export interface RunMark {
  of: 'script' | 'file';
  /** From 0. */
  line: number;
  /** The name and the folder of the job that it starts. */
  name: string;
  cwd: string;
  command: typeof commands.runScript | typeof commands.runFile;
  arguments: unknown[];
}

/** Nothing in a workspace that is not trusted, and in installed packages. */
export function runMarks(document: vscode.TextDocument): RunMark[] {
  const { uri } = document;
  const file = uri.fsPath;
  if (!vscode.workspace.isTrusted || file.includes(`${sep}node_modules${sep}`)) return [];
  const cwd = dirname(file);
  const marks = scriptPlaces(file, document.getText()).map(({ name, line }): RunMark => {
    return { of: 'script', line, name, cwd, command: commands.runScript, arguments: [file, name] };
  });
  const line = beginningOf(document);
  if (line === undefined) return marks;
  const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? cwd;
  return [
    ...marks,
    { of: 'file', line, name: basename(file), cwd: folder, command: commands.runFile, arguments: [uri] },
  ];
}

/** The line where a file that can be run begins. */
function beginningOf(document: vscode.TextDocument): number | undefined {
  if (document.languageId === 'shellscript') return 0;
  if (document.languageId !== 'python') return undefined;
  const line = document
    .getText()
    .split('\n')
    .findIndex((text) => mainGuard.test(text));
  return line < 0 ? undefined : line;
}
