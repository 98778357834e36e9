import * as vscode from 'vscode';
import { filesIn, isFile } from '../base/fileLinks.ts';
import { logScheme } from '../base/ids.ts';

/** Links are made in so many lines at the end: the editor asks for all of a document after each change. */
const mostLines = 2000;
/** More than that are no names of files that somebody wants to open. */
const mostFiles = 500;

/** Makes links of the names of files in channels and logs of jobs, which count from the folder of the job. */
export function linkFiles(folderOf: (document: vscode.TextDocument) => Promise<string | undefined>): vscode.Disposable {
  return vscode.languages.registerDocumentLinkProvider([{ scheme: 'output' }, { scheme: logScheme }], {
    async provideDocumentLinks(document) {
      const folder = await folderOf(document);
      return folder === undefined ? [] : linksIn(document, folder);
    },
  });
}

async function linksIn(document: vscode.TextDocument, folder: string): Promise<vscode.DocumentLink[]> {
  const first = Math.max(0, document.lineCount - mostLines);
  const found = Array.from({ length: document.lineCount - first }, (_, index) =>
    filesIn(document.lineAt(first + index).text, folder).map((file) => ({ ...file, at: first + index })),
  ).flat();
  const paths = [...new Set(found.map(({ path }) => path))].slice(-mostFiles);
  const exists = new Map(await Promise.all(paths.map(async (path) => [path, await isFile(path)] as const)));
  return found
    .filter(({ path }) => exists.get(path))
    .map(({ at, startIndex, length, path, line, column }) => {
      const range = new vscode.Range(at, startIndex, at, startIndex + length);
      return new vscode.DocumentLink(range, vscode.Uri.file(path).with({ fragment: `L${line},${column}` }));
    });
}
