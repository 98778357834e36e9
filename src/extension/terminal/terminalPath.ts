import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type * as vscode from 'vscode';
import { type Translate } from '../../text/grammar.ts';
import { singleQuoted } from '../../text/quoting.ts';

/** Of this window's `bgjobs`; {@link putOnTerminalPath} puts it there. */
function bgjobsPath(context: vscode.ExtensionContext): string {
  return join(folderOf(context), shimOf(context).name);
}

/** How an agent starts this window's `bgjobs`, with the variables that it needs and a client does not pass on. */
export function bgjobsCommand(context: vscode.ExtensionContext) {
  const home = process.env['BGJOBS_HOME'];
  return { command: bgjobsPath(context), args: [], env: home ? { BGJOBS_HOME: home } : {} };
}

/** Makes `bgjobs` a command of the editor's terminals, with the window's session as its default. */
export async function putOnTerminalPath(
  context: vscode.ExtensionContext,
  session: string,
  t: Translate,
): Promise<void> {
  const folder = folderOf(context);
  await writeWhenChanged(folder, shimOf(context));
  const variables = context.environmentVariableCollection;
  variables.description = t('Adds the `bgjobs` command to the PATH');
  // Login shells build their PATH anew: the shell integration puts the folder there again.
  const options = { applyAtProcessCreation: true, applyAtShellIntegration: true };
  variables.prepend('PATH', folder + delimiter, options);
  variables.replace('BGJOBS_SESSION', session, options);
}

function folderOf(context: vscode.ExtensionContext): string {
  return join(context.globalStorageUri.fsPath, 'bin');
}

function shimOf(context: vscode.ExtensionContext): Shim {
  return bgjobsShim(process.platform, process.execPath, context.asAbsolutePath(join('dist', 'cli.js')));
}

/** By rename: another window, or a terminal, may be reading it. */
async function writeWhenChanged(folder: string, { name, text, mode }: Shim): Promise<void> {
  const path = join(folder, name);
  const present = await readFile(path, 'utf8').catch(() => null);
  if (present === text) return;
  await mkdir(folder, { recursive: true });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, text, { mode });
  await rename(draft, path);
}

/** A file that runs the command line with the editor's own Node. */
interface Shim {
  name: string;
  text: string;
  mode: number;
}

/**
 * What to put on the PATH as `bgjobs`. A desktop editor's executable is Electron, which is a Node when it is told so;
 * a server's is Node already, and does not mind. Without the `--`, Node itself looks for the file of our `--env-file`.
 */
export function bgjobsShim(platform: NodeJS.Platform, execPath: string, cliScript: string): Shim {
  if (platform === 'win32') {
    const text = ['@echo off', 'setlocal', 'set "ELECTRON_RUN_AS_NODE=1"', `"${execPath}" -- "${cliScript}" %*`, ''];
    // A percent sign in a batch file has to be doubled to stand for itself.
    return { name: 'bgjobs.cmd', text: text.join('\r\n').replaceAll(/%(?!\*)/g, '%%'), mode: 0o600 };
  }
  const text = `#!/bin/sh\nELECTRON_RUN_AS_NODE=1 exec ${singleQuoted(execPath)} -- ${singleQuoted(cliScript)} "$@"\n`;
  return { name: 'bgjobs', text, mode: 0o755 };
}
