import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import * as vscode from 'vscode';
import type { Job } from '../../api/job.ts';
import type { StartRequest } from '../../api/options.ts';
import { commandText } from '../../text/grammar.ts';
import { quoteArgument } from '../../text/quoting.ts';
import { duration, readDuration } from '../../text/timeText.ts';
import { parseArguments } from '../base/arguments.ts';
import { longestName, type JobStart } from '../base/jobStart.ts';
import { t } from '../base/l10n.ts';
import { askOne, askText, type Asking } from './questions.ts';

type Request = JobStart['request'];
/** What a question changes; undefined takes an option away. */
export type Changes = { [Name in keyof StartRequest]?: StartRequest[Name] | undefined };
/** The questions of the page, one per option. Undefined: nothing is changed. */
type Answer = Promise<Changes | undefined>;

export async function askCommand({ command, argv }: Request, { title }: Asking): Answer {
  const value = commandText({ command: command ?? null, argv: argv ?? null });
  const validate = (text: string): string | undefined => (text === '' ? t('Enter a command.') : undefined);
  const line = await askText({ title, prompt: t('Command line'), value, validate });
  return line === undefined || line === value ? undefined : { command: line, argv: undefined };
}

/** @param edited a job whose name can be changed and not be taken away */
export async function askName({ name = '' }: Request, { title, edited }: Asking & { edited?: Job }): Answer {
  const validate = (text: string): string | undefined => {
    if (text === '' && edited && edited.name !== null) return t('Enter a name.');
    return text.length > longestName ? t('A name has at most {0} characters.', longestName) : undefined;
  };
  const typed = await askText({ title, prompt: t('Job name (optional)'), value: name, validate });
  return typed === undefined ? undefined : { name: typed || undefined };
}

export async function askFolder({ cwd }: Request, { title }: Asking): Answer {
  const base = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir();
  const validate = async (text: string): Promise<string | undefined> => {
    const found = await stat(resolve(base, text)).catch(() => undefined);
    return found?.isDirectory() ? undefined : t('There is no such folder.');
  };
  const button = { iconPath: new vscode.ThemeIcon('folder-opened'), tooltip: t('Browse…') };
  const text = async (): Promise<string | undefined> => {
    const options = { canSelectFiles: false, canSelectFolders: true, defaultUri: vscode.Uri.file(cwd), title };
    return (await vscode.window.showOpenDialog(options))?.[0]?.fsPath;
  };
  const prompt = t('Folder to run in. A relative path starts at {0}', base);
  const typed = await askText({ title, prompt, value: cwd, validate, browse: { button, text } });
  return typed === undefined ? undefined : { cwd: resolve(base, typed) };
}

export async function askEnvironment({ env = {} }: Request, { title }: Asking): Answer {
  const words = Object.entries(env).map(([name, value]) =>
    value === null ? `${name}-` : `${name}=${quoteArgument(value)}`,
  );
  const validate = (text: string): string | undefined => {
    const wrong = parseArguments(text).find((word) => !variable.test(word));
    return wrong === undefined ? undefined : t('"{0}" is not NAME=value. Put a value with spaces in quotes.', wrong);
  };
  const prompt = t('Variables to set: NAME=value NAME2="two words". NAME- removes a variable.');
  const typed = await askText({ title, prompt, value: words.join(' '), validate });
  if (typed === undefined) return undefined;
  const entries = parseArguments(typed).map((word): [string, string | null] => {
    const [, name = '', value] = variable.exec(word) ?? [];
    return [name, value ?? null];
  });
  return { env: entries.length > 0 ? Object.fromEntries(entries) : undefined };
}

const variable = /^([A-Za-z_]\w*)(?:-|=([^]*))$/;

export async function askTimeLimit({ timeoutMs }: Request, { title }: Asking): Answer {
  const validate = (text: string): string | undefined => {
    const isValid = text === '' || Number(readDuration(text)) > 0;
    return isValid ? undefined : t('Enter a duration such as 90s, 30m, or 1h30m.');
  };
  const prompt = t('Stop the job after this time: 90s, 30m, or 1h30m. Leave empty for no limit.');
  const value = timeoutMs === undefined ? '' : duration(timeoutMs).replaceAll(' ', '');
  const typed = await askText({ title, prompt, value, validate });
  return typed === undefined ? undefined : { timeoutMs: readDuration(typed) };
}

const mebibyte = 1024 ** 2;

export async function askMemory({ limits = {} }: Request, { title }: Asking): Answer {
  const validate = (text: string): string | undefined => {
    return text === '' || sizeOf(text) !== undefined ? undefined : t('Enter a size such as 512M or 2G, at least 1M.');
  };
  const prompt = t('Stop the job when its processes need more memory than this: 512M or 2G. Leave empty for no limit.');
  const value = limits.memoryBytes === undefined ? '' : `${Math.round(limits.memoryBytes / mebibyte)}M`;
  const typed = await askText({ title, prompt, value, validate });
  if (typed === undefined) return undefined;
  const { memoryBytes: _, ...others } = limits;
  const size = sizeOf(typed);
  return { limits: size === undefined ? others : { ...others, memoryBytes: size } };
}

/** @returns bytes */
function sizeOf(text: string): number | undefined {
  const [, count = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([MGT])i?B?$/i.exec(text) ?? [];
  const size = Math.round(Number(count) * mebibyte * 1024 ** 'MGT'.indexOf(unit.toUpperCase()));
  return count !== '' && size >= mebibyte && Number.isSafeInteger(size) ? size : undefined;
}

export async function askPriority({ priority: current = 5 }: Request, { title }: Asking): Answer {
  const items = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1].map((priority) => ({
    label: String(priority),
    description: priority === 10 ? t('highest') : priority === 5 ? t('default') : '',
    priority,
  }));
  const active = items.find(({ priority }) => priority === current);
  const chosen = await askOne({ title, placeHolder: t('Select a priority. Higher starts first') }, items, active);
  return chosen && { priority: chosen.priority === 5 ? undefined : chosen.priority };
}

export async function askReady({ readyWhen }: Request, { title }: Asking): Answer {
  const form = typeof readyWhen === 'object' ? readyWhen : {};
  const known = (name: string): string => (name in form ? String((form as Record<string, unknown>)[name]) : '');
  const ask = async (
    prompt: string,
    value: string,
    make: (text: string) => Exclude<Request['readyWhen'], undefined>,
    isValid: (text: string) => boolean = (text) => text !== '',
  ): Answer => {
    const validate = (text: string): string | undefined => (isValid(text) ? undefined : prompt);
    const typed = await askText({ title, prompt, value, validate });
    return typed === undefined ? undefined : { readyWhen: make(typed) };
  };
  const items = [
    { label: t('When It Has Started'), ask: () => ({ readyWhen: undefined }) },
    { label: t('When It Listens on a Port'), ask: () => ({ readyWhen: 'listening' as const }) },
    {
      label: t('When a Port Accepts Connections…'),
      ask: () => ask(t('Enter a port from 1 to 65535'), known('port'), (text) => ({ port: Number(text) }), isPort),
    },
    {
      label: t('When a URL Answers…'),
      ask: () => ask(t('Enter a URL that starts with http:// or https://'), known('url'), (url) => ({ url }), isUrl),
    },
    {
      label: t('When a Line of Its Output Matches…'),
      ask: () => ask(t('Enter a regular expression'), known('pattern'), (pattern) => ({ pattern })),
    },
    {
      label: t('When a File Is Created or Changed…'),
      ask: () => ask(t('Enter a path, relative to the folder of the job'), known('file'), (file) => ({ file })),
    },
  ];
  return (await askOne({ title, placeHolder: t('Select when the job counts as ready') }, items))?.ask();
}

function isPort(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

function isUrl(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text);
}
