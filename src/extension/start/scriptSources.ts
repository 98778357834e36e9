import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import which from 'which';
import { BgJobsError } from '../../api/errors.ts';
import { t } from '../base/l10n.ts';
import { makeTargets } from './makeTargets.ts';
import { composerScripts, denoTasks, packageScripts, procfileProcesses, type Script } from './scripts.ts';
import { toolScripts, type ToolName } from './toolScripts.ts';

/** Files of the workspace that name scripts. */
interface ScriptSource {
  title: string;
  icon: string;
  /** Of several in one folder, the first is read, as the program does it. */
  names: readonly string[];
  /** Without it, nothing of the file could be run. */
  program?: string;
  read: (text: string, file: string) => Script[] | Promise<Script[]>;
  most: number;
}

const most = 100;
const taskfiles = ['yml', 'yaml', 'dist.yml', 'dist.yaml'].flatMap((end) => [`Taskfile.${end}`, `taskfile.${end}`]);

const scriptSources: readonly ScriptSource[] = [
  {
    title: t('Package scripts'),
    icon: 'package',
    names: ['package.json'],
    read: (text, file) => packageScripts(text, dirname(file), scriptRunner(file)),
    most,
  },
  {
    title: t('Deno tasks'),
    icon: 'package',
    names: ['deno.json', 'deno.jsonc'],
    program: 'deno',
    read: denoTasks,
    most,
  },
  {
    title: t('Composer scripts'),
    icon: 'package',
    names: ['composer.json'],
    program: 'composer',
    read: composerScripts,
    most,
  },
  {
    title: t('Make targets'),
    icon: 'tools',
    names: ['GNUmakefile', 'makefile', 'Makefile'],
    program: 'make',
    read: makeTargets,
    most,
  },
  { title: t('Procfile processes'), icon: 'server-process', names: ['Procfile'], read: procfileProcesses, most },
  toolSource(t('Just recipes'), 'just', ['justfile', 'Justfile', '.justfile']),
  toolSource(t('Taskfile tasks'), 'task', taskfiles),
  toolSource(t('mise tasks'), 'mise', ['mise.toml', '.mise.toml']),
  toolSource(t('Cargo targets'), 'cargo', ['Cargo.toml']),
  toolSource(t('Go programs'), 'go', ['go.mod']),
];

/** The tool lists them itself. Each file is read by a process of its own. */
function toolSource(title: string, program: ToolName, names: readonly string[]): ScriptSource {
  return { title, icon: 'tools', names, program, read: (_, file) => toolScripts(program, file), most: 20 };
}

/** What the user has chosen to run scripts of packages with. */
function scriptRunner(file: string): string | undefined {
  const settings = vscode.workspace.getConfiguration('npm', vscode.Uri.file(file));
  const chosen = [settings.get('scriptRunner'), settings.get('packageManager')];
  return chosen.find((one): one is string => /^(?:npm|pnpm|yarn|bun|deno|node)$/.test(String(one)));
}

export interface FoundScripts extends Pick<ScriptSource, 'title' | 'icon'> {
  found: FoundScript[];
}

interface FoundScript {
  script: Script;
  /** Absolute path of the file that names it. */
  file: string;
}

const notSearched = '**/{node_modules,.vscode-test,.git,vendor,.venv}/**';
/** More files than all sources read. */
const mostFiles = 5000;
export const allNames = scriptSources.flatMap((source) => source.names);

/**
 * What the files of the workspace name, by source. The files at the top of its folders are looked at first: in a window
 * that is still opening, a search takes seconds.
 */
export function workspaceScripts(): { top: Promise<FoundScripts>[]; below: Promise<FoundScripts>[] } {
  const tops = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  const top = Promise.all(tops.map(filesIn)).then((files) => files.flat());
  const all = vscode.workspace.findFiles(`**/{${allNames.join(',')}}`, notSearched, mostFiles);
  const below = all.then((files) => files.map(({ fsPath }) => fsPath).filter((file) => !tops.includes(dirname(file))));
  return {
    top: scriptSources.map((source) => scriptsOf(source, top)),
    below: scriptSources.map((source) => scriptsOf(source, below)),
  };
}

/**
 * The scripts that one file names; undefined for a file that names none.
 * @throws BgJobsError `invalid_request` when the program that runs them is not installed
 */
export async function scriptsIn(file: string): Promise<Script[] | undefined> {
  const source = scriptSources.find(({ names }) => names.includes(basename(file)));
  if (!source) return undefined;
  if (await canRun(source)) return read(source, file);
  throw new BgJobsError(
    'invalid_request',
    t('"{0}" was not found. Install it, or correct the PATH.', source.program ?? ''),
  );
}

async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => allNames.includes(name)).map((name) => join(folder, name));
}

async function scriptsOf(source: ScriptSource, files: PromiseLike<string[]>): Promise<FoundScripts> {
  const { title, icon, names, most } = source;
  const chosen = new Map<string, string>();
  const ofSource = (await files).filter((file) => names.includes(basename(file)));
  for (const file of ofSource.sort((a, b) => names.indexOf(basename(a)) - names.indexOf(basename(b)))) {
    if (!chosen.has(dirname(file))) chosen.set(dirname(file), file);
  }
  if (chosen.size === 0 || !(await canRun(source))) return { title, icon, found: [] };
  const found = [...chosen.values()].slice(0, most).map(async (file) => {
    return (await read(source, file)).map((script) => ({ script, file }));
  });
  return { title, icon, found: (await Promise.all(found)).flat() };
}

async function canRun({ program }: ScriptSource): Promise<boolean> {
  return program === undefined || (await which(program, { nothrow: true })) !== null;
}

/** A file that has been deleted in the meantime has none. */
async function read(source: ScriptSource, file: string): Promise<Script[]> {
  return readFile(file, 'utf8')
    .then((text) => source.read(text, file))
    .catch(() => []);
}
