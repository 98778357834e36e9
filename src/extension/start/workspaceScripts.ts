import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { justRecipes, type JustParameter } from './justRecipes.ts';
import { makeTargets } from './makefile.ts';
import { packageScripts } from './packageScripts.ts';

/** Maximum number of files of each kind that are read. */
const mostFiles = 100;
/** Each of these is read by a process of its own. */
const mostJustfiles = 20;
const notSearched = '**/{node_modules,.vscode-test,.git,vendor,.venv}/**';

/** A script, target or recipe in a file of the workspace. */
export interface OfferedScript {
  name: string;
  description: string;
  /** Absolute path of the file. */
  file: string;
  /** The line that runs it, without its parameters. */
  command: string;
  cwd: string;
  /** Parameters to prompt for; their values follow the line. */
  required: JustParameter[];
}

type ScriptsOf = (file: string) => Promise<Omit<OfferedScript, 'file' | 'cwd'>[]>;

/** The scripts of every package.json. */
export function offeredScripts(): Promise<OfferedScript[]> {
  return offered('**/package.json', async (file) => {
    const scripts = await packageScripts(await readFile(file, 'utf8'), dirname(file));
    return scripts.map((script) => ({ ...script, required: [] }));
  });
}

/** The targets of every makefile. */
export function offeredTargets(): Promise<OfferedScript[]> {
  return offered('**/{GNUmakefile,makefile,Makefile}', async (file) =>
    makeTargets(await readFile(file, 'utf8')).map((target) => ({ ...target, required: [] })),
  );
}

/** The recipes of every justfile. */
export function offeredRecipes(): Promise<OfferedScript[]> {
  const scriptsOf: ScriptsOf = async (file) =>
    (await justRecipes(file)).map((recipe) => ({ ...recipe, command: `just ${recipe.name}` }));
  return offered('**/{justfile,Justfile,.justfile}', scriptsOf, mostJustfiles);
}

async function offered(pattern: string, scriptsOf: ScriptsOf, most = mostFiles): Promise<OfferedScript[]> {
  const files = await vscode.workspace.findFiles(pattern, notSearched, most);
  const found = await Promise.all(
    files.map(async ({ fsPath: file }) => {
      // A file that has been deleted in the meantime has none.
      const scripts = await scriptsOf(file).catch(() => []);
      return scripts.map((script) => ({ ...script, file, cwd: dirname(file) }));
    }),
  );
  return found.flat();
}
