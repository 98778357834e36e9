import { readdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { justRecipes, type JustParameter } from './justfile.ts';
import { makeTargets } from './makefile.ts';
import { packageScripts } from './packageScripts.ts';

/** A workspace with more files of a kind than this is searched no further. */
const mostFiles = 100;
const notSearched = '**/{node_modules,.vscode-test,.git,vendor,.venv}/**';

/** What a file of the workspace offers to run. */
export interface OfferedScript {
  name: string;
  description: string;
  /** Absolute path of the file. */
  file: string;
  /** The line that runs it, without what is asked for. */
  command: string;
  cwd: string;
  /** What has to be asked for: it goes behind the line. */
  required: JustParameter[];
}

type ScriptsOf = (text: string, siblings: readonly string[]) => Omit<OfferedScript, 'file' | 'cwd'>[];

export interface OfferedScripts {
  packages: OfferedScript[];
  targets: OfferedScript[];
  recipes: OfferedScript[];
}

/** The scripts of every package.json, the targets of every makefile and the recipes of every justfile. */
export async function workspaceScripts(): Promise<OfferedScripts> {
  const [packages, targets, recipes] = await Promise.all([
    offered('**/package.json', ofPackage),
    offered('**/{GNUmakefile,makefile,Makefile}', ofMakefile),
    offered('**/{justfile,Justfile,.justfile}', ofJustfile),
  ]);
  return { packages, targets, recipes };
}

async function offered(pattern: string, scriptsOf: ScriptsOf): Promise<OfferedScript[]> {
  const files = await vscode.workspace.findFiles(pattern, notSearched, mostFiles);
  const found = await Promise.all(files.map(({ fsPath }) => scriptsIn(fsPath, scriptsOf)));
  return found.flat();
}

async function scriptsIn(file: string, scriptsOf: ScriptsOf): Promise<OfferedScript[]> {
  const cwd = dirname(file);
  try {
    const [text, siblings] = await Promise.all([readFile(file, 'utf8'), readdir(cwd)]);
    return scriptsOf(text, siblings).map((script) => ({ ...script, file, cwd }));
  } catch {
    return []; // It has gone in the meantime.
  }
}

const ofPackage: ScriptsOf = (text, siblings) =>
  packageScripts(text, siblings).map(({ script, ...rest }) => ({ ...rest, description: script, required: [] }));

const ofMakefile: ScriptsOf = (text) => makeTargets(text).map((target) => ({ ...target, required: [] }));

const ofJustfile: ScriptsOf = (text) =>
  justRecipes(text).map((recipe) => ({ ...recipe, command: `just ${recipe.name}` }));
