import { readdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { packageScripts, type PackageScript } from './packageScripts.ts';

/** A workspace with more packages than this is searched no further. */
const mostPackages = 100;

export interface OfferedScript extends PackageScript {
  cwd: string;
}

/** The scripts of every package.json of the workspace. */
export async function workspaceScripts(): Promise<OfferedScript[]> {
  const files = await vscode.workspace.findFiles('**/package.json', '**/{node_modules,.vscode-test}/**', mostPackages);
  const found = await Promise.all(files.map(({ fsPath }) => scriptsIn(fsPath)));
  return found.flat();
}

async function scriptsIn(path: string): Promise<OfferedScript[]> {
  const cwd = dirname(path);
  try {
    const [text, siblings] = await Promise.all([readFile(path, 'utf8'), readdir(cwd)]);
    return packageScripts(text, siblings).map((script) => ({ ...script, cwd }));
  } catch {
    return []; // It has gone in the meantime.
  }
}
