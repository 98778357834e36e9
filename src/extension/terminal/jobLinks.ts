import * as vscode from 'vscode';
import { filesIn, isFile, type FoundFile } from '../base/fileLinks.ts';

type FileLink = FoundFile & vscode.TerminalLink;

/** More than that in a line are no names of files that somebody wants to open. */
const mostLinks = 20;

/** The names of files in the terminal of a job, which count from the folder of the job. */
export class JobLinks implements vscode.TerminalLinkProvider<FileLink> {
  readonly #folderOf: (terminal: vscode.Terminal) => string | undefined;

  /** @param folderOf undefined for a terminal that is no job's */
  constructor(folderOf: (terminal: vscode.Terminal) => string | undefined) {
    this.#folderOf = folderOf;
  }

  async provideTerminalLinks({ line, terminal }: vscode.TerminalLinkContext): Promise<FileLink[]> {
    const folder = this.#folderOf(terminal);
    if (folder === undefined) return [];
    const found = filesIn(line, folder).slice(0, mostLinks);
    const exists = await Promise.all(found.map(({ path }) => isFile(path)));
    return found.filter((_, index) => exists[index]);
  }

  async handleTerminalLink({ path, line, column }: FileLink): Promise<void> {
    const at = new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1));
    await vscode.window.showTextDocument(vscode.Uri.file(path), { selection: new vscode.Range(at, at) });
  }
}
