import { open, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import * as vscode from 'vscode';
import { BgJobsError } from '../../api/errors.ts';
import { shorten } from '../../text/grammar.ts';
import { quoteArgument } from '../../text/quoting.ts';
import { t } from '../base/l10n.ts';
import { withoutIcons } from '../base/readableText.ts';
import type { StartChoice } from './choice.ts';
import { scriptsIn } from './scriptSources.ts';
import type { Script } from './scripts.ts';

type LineChoice = StartChoice<'line'>;

/**
 * A script by the file that names it.
 * @throws BgJobsError `invalid_request` when it is not there
 */
export async function scriptChoice(file: string, name: string): Promise<LineChoice> {
  await save(file);
  const script = (await scriptsIn(file))?.find((one) => one.name === name);
  if (script) return choiceOf(script, dirname(file));
  throw new BgJobsError('invalid_request', t('"{0}" cannot run: {1} does not name it.', name, basename(file)));
}

/**
 * How to run a file, or which of the scripts that it names.
 * @returns undefined when the user has canceled
 * @throws BgJobsError `invalid_request` for a file that cannot be run
 */
export async function fileChoice({ fsPath: file }: vscode.Uri): Promise<LineChoice | undefined> {
  await save(file);
  const scripts = await scriptsIn(file);
  if (scripts) return pickScript(file, scripts);
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(file))?.uri.fsPath ?? dirname(file);
  const command = await commandOf(file, relative(folder, file), folder);
  if (command !== undefined) return choiceOf({ name: basename(file), description: '', command }, folder);
  throw new BgJobsError('invalid_request', t('"{0}" is not a script that can be run.', basename(file)));
}

function choiceOf(script: Script, cwd: string): LineChoice {
  return { type: 'line', line: { ...script, cwd }, liveInput: false, withOptions: false };
}

async function pickScript(file: string, scripts: readonly Script[]): Promise<LineChoice | undefined> {
  const items = scripts.map((script) => ({
    label: `$(play) ${withoutIcons(script.name)}`,
    description: withoutIcons(shorten(script.description, 80)),
    script,
  }));
  const placeHolder = t('Select a script of {0} to run in the background', basename(file));
  const chosen = await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true });
  return chosen && choiceOf(chosen.script, dirname(file));
}

/** What an editor shows is what runs. */
async function save(file: string): Promise<void> {
  await vscode.workspace.textDocuments.find(({ uri, isDirty }) => isDirty && uri.fsPath === file)?.save();
}

const isWindows = process.platform === 'win32';
const interpreters: Readonly<Record<string, string>> = {
  '.sh': isWindows ? 'bash' : 'sh',
  '.bash': 'bash',
  '.zsh': 'zsh',
  '.fish': 'fish',
  '.js': 'node',
  '.mjs': 'node',
  '.cjs': 'node',
  '.rb': 'ruby',
  '.pl': 'perl',
  '.php': 'php',
  '.ps1': isWindows ? 'powershell -File' : 'pwsh -File',
  ...(isWindows && { '.bat': '', '.cmd': '' }),
};

/** @param path of the file, relative to the folder where it runs */
async function commandOf(file: string, path: string, folder: string): Promise<string | undefined> {
  const program = quoteArgument(path.includes(sep) ? path : `.${sep}${path}`);
  const argument = quoteArgument(path.startsWith('-') ? `.${sep}${path}` : path);
  const ending = extname(file).toLowerCase();
  if (ending === '.py') return `${await pythonOf(folder)} ${argument}`;
  const shebang = await shebangOf(file);
  const { mode } = await stat(file);
  if (shebang !== undefined && !isWindows && (mode & 0o111) !== 0) return program;
  const interpreter = shebang ?? interpreters[ending];
  return interpreter === undefined ? undefined : `${interpreter} ${interpreter === '' ? program : argument}`.trim();
}

/** The program that a script names in its first line, by its name alone: on Windows it lies elsewhere. */
async function shebangOf(file: string): Promise<string | undefined> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(200), 0, 200, 0);
    const line = /^#!\s*(\S[^\r\n]*)/.exec(buffer.toString('utf8', 0, bytesRead))?.[1] ?? '';
    const words = line.replace(/^\S*\/env(?:\s+-S)?\s+/, '').trim();
    return words === '' ? undefined : words.replace(/^\S*\//, '');
  } finally {
    await handle.close();
  }
}

/** The interpreter that is selected for the folder, its virtual environment, or the one on the PATH. */
async function pythonOf(folder: string): Promise<string> {
  if (vscode.extensions.getExtension('ms-python.python')) {
    const selected = await vscode.commands
      .executeCommand<unknown>('python.interpreterPath', { workspaceFolder: folder })
      .then(undefined, () => undefined);
    if (typeof selected === 'string' && selected !== '') return quoteArgument(selected);
  }
  const own = isWindows ? join('.venv', 'Scripts', 'python.exe') : join('.venv', 'bin', 'python');
  const isThere = await stat(join(folder, own)).then(
    () => true,
    () => false,
  );
  return isThere ? own : isWindows ? 'python' : 'python3';
}
