import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { BgJobsError } from '../../api/errors.ts';
import type { StartRequest } from '../../api/options.ts';
import { cronBundle } from '../../bundles.ts';
import type * as Cron from '../../engine/queue/cron.ts';
import { quoteArgument } from '../../text/quoting.ts';
import { coarseRemaining, readTime } from '../../text/timeText.ts';
import { storageKeys } from '../base/ids.ts';
import type { JobStart } from '../base/jobStart.ts';
import { t } from '../base/l10n.ts';
import { startOf } from '../definitions/jobDefinition.ts';
import { Answers } from '../tasks/answers.ts';
import { fillTemplate } from '../tasks/fill.ts';
import { templateNamed, type Template } from '../tasks/templates.ts';
import type { RunnableTask } from '../tasks/workspaceTasks.ts';
import type { Parameter, Script } from './scripts.ts';

export type Choice =
  { type: 'line'; line: ChosenLine } | { type: 'template'; template: Template } | { type: 'task'; task: RunnableTask };

/** The user's choice of what to start. */
export type StartChoice<Type = Choice['type']> = Extract<Choice, { type: Type }> & {
  /** Whether the job can be given input while it runs. */
  liveInput: boolean;
};

/** A line with what is known of a script; the name is used when the user enters no other one. */
interface ChosenLine extends Partial<Script> {
  command: string;
  /** Undefined: the folder of the window. */
  cwd?: string;
}

/**
 * Prompts for what a choice leaves open: inputs, folder, name.
 * @returns undefined when the user has canceled
 * @throws BgJobsError `invalid_request` when it cannot be a job
 */
export async function prepareStart(
  choice: StartChoice<'line' | 'template'>,
  state: vscode.Memento,
): Promise<JobStart | undefined> {
  const prepared = await (choice.type === 'line'
    ? prepareLine(choice.line, state)
    : prepareTemplate(choice.template, state));
  return prepared && withLiveInput(prepared, choice);
}

export function withLiveInput(start: JobStart, { liveInput }: Pick<StartChoice, 'liveInput'>): JobStart {
  return liveInput ? { ...start, request: { ...start.request, stdin: { type: 'pipe' } } } : start;
}

async function prepareTemplate(template: Template, state: vscode.Memento): Promise<JobStart | undefined> {
  const folder = template.folder ?? (await pickFolder());
  if (folder === undefined) return undefined;
  const filled = await fillTemplate(templateNamed(template.name, folder), folder, new Answers(state));
  return filled && startOf(filled, folder);
}

async function prepareLine(line: ChosenLine, state: vscode.Memento): Promise<JobStart | undefined> {
  if (line.confirmation !== undefined && !(await confirms(line.command, line.confirmation))) return undefined;
  const words = await askWords(line.command, line.required ?? []);
  if (!words) return undefined;
  const cwd = line.cwd ?? (await pickFolder());
  if (cwd === undefined) return undefined;
  const command = [line.command, ...words].join(' ');
  const prepared = await withName(Promise.resolve({ request: { command, cwd } }), line.name ?? '');
  if (prepared && line.name === undefined) await remember(state, { command, cwd });
  return prepared;
}

/** Prompts for a name, after everything else. */
export async function withName(start: Promise<JobStart | undefined>, suggested: string): Promise<JobStart | undefined> {
  const prepared = await start;
  if (!prepared) return undefined;
  const prompt = t('Job name (optional)');
  const typed = await vscode.window.showInputBox({ title: t('Start Job'), prompt, value: suggested });
  if (typed === undefined) return undefined;
  const { name: _, ...request } = prepared.request;
  const name = typed.trim();
  return { ...prepared, request: name === '' ? request : { ...request, name } };
}

async function confirms(command: string, detail: string): Promise<boolean> {
  const yes = t('Start');
  return (await vscode.window.showWarningMessage(command, { modal: true, detail }, yes)) === yes;
}

/** @returns the words, quoted for a shell; undefined when the user has canceled */
async function askWords(title: string, parameters: readonly Parameter[]): Promise<string[] | undefined> {
  const words: string[] = [];
  for (const { name, several, option } of parameters) {
    const prompt = several ? t('{0}: one or more words, as in a command line', name) : name;
    const value = await vscode.window.showInputBox({ title, prompt, ignoreFocusOut: true });
    if (value === undefined) return undefined;
    words.push((option === undefined ? '' : `${option}=`) + (several ? value : quoteArgument(value)));
  }
  return words;
}

/** The folder of a new job: the only one, the one that the user picks, or the home folder when there is none. */
export async function pickFolder(): Promise<string | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length <= 1) return folders[0]?.uri.fsPath ?? homedir();
  const picked = await vscode.window.showWorkspaceFolderPick({ placeHolder: t('Select the folder to run in') });
  return picked?.uri.fsPath;
}

interface PastCommand {
  command: string;
  cwd: string;
}

const mostRemembered = 50;

/** What was typed in this workspace, newest first. */
export function pastCommands(state: vscode.Memento): PastCommand[] {
  return state.get<PastCommand[]>(storageKeys.history, []);
}

export async function remember(state: vscode.Memento, { command, cwd }: PastCommand): Promise<void> {
  const others = pastCommands(state).filter((past) => past.command !== command || past.cwd !== cwd);
  await state.update(storageKeys.history, [{ command, cwd }, ...others].slice(0, mostRemembered));
}

export type When = Pick<StartRequest, 'at' | 'cron' | 'held'>;

/** @returns undefined when the user has canceled */
export async function askWhen(title: string): Promise<When | undefined> {
  const items = [
    { label: t('$(play) Now'), ask: () => ({}) },
    { label: t('$(clockface) At a Time…'), ask: () => askTime(title) },
    { label: t('$(calendar) On a Schedule…'), ask: () => askCron(title) },
    { label: t('$(lock) On Hold, Until You Release It'), ask: () => ({ held: true }) },
  ];
  const options = { title, placeHolder: t('Select when to start the job'), ignoreFocusOut: true };
  return (await vscode.window.showQuickPick(items, options))?.ask();
}

async function askTime(title: string): Promise<When | undefined> {
  const typed = await vscode.window.showInputBox({
    title,
    prompt: t('Start time: 17:30, 2026-11-21 09:00, or 10m for 10 minutes from now'),
    ignoreFocusOut: true,
    validateInput: (text) => {
      if (text.trim() === '') return ' ';
      const now = Date.now();
      const at = readTime(text.trim(), now);
      if (at === undefined) return t('Enter a time such as 17:30, 2026-11-21 09:00, 10m, or 1h30m.');
      const until = Date.parse(at) - now;
      if (until < 0) return t('{0} is in the past.', inFull(at));
      return info(until > 0 ? t('{0}, in {1}', inFull(at), coarseRemaining(until)) : t('{0}: now', inFull(at)));
    },
  });
  const at = typed === undefined ? undefined : readTime(typed.trim(), Date.now());
  return at === undefined ? undefined : { at };
}

async function askCron(title: string): Promise<When | undefined> {
  const typed = await vscode.window.showInputBox({
    title,
    placeHolder: t('Minute, hour, day, month, weekday: "30 4 * * 1-5" means 4:30 from Monday to Friday'),
    value: '0 * * * *',
    ignoreFocusOut: true,
    validateInput: async (text) => {
      try {
        const times = await nextTimes(text.trim(), Date.now());
        return info(t('Minute, hour, day, month, weekday. Next: {0}', times.map(inFull).join(' · ')));
      } catch (error) {
        if (error instanceof BgJobsError) return error.message;
        throw error;
      }
    },
  });
  return typed === undefined ? undefined : { cron: typed.trim() };
}

/**
 * The next three times of a pattern as the host reads it, in milliseconds since the epoch.
 * @throws BgJobsError `invalid_request` that says what is wrong with it
 */
async function nextTimes(cron: string, now: number): Promise<number[]> {
  const { checkCron, nextTime } = (await import(cronBundle)) as typeof Cron;
  checkCron(cron, undefined, now);
  const times: number[] = [];
  for (let after: number | null = now; times.length < 3; times.push(after)) {
    after = nextTime(cron, undefined, after);
    if (after === null) break;
  }
  return times;
}

function info(message: string): vscode.InputBoxValidationMessage {
  return { message, severity: vscode.InputBoxValidationSeverity.Info };
}

function inFull(time: string | number): string {
  const date = new Date(time);
  return date.toLocaleString([], {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    ...(date.getFullYear() !== new Date().getFullYear() && { year: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
  });
}

/** Prompts for what to do when the job has ended. @returns undefined when the user has canceled */
export async function askAgain(title: string): Promise<Pick<StartRequest, 'retry' | 'restart'> | undefined> {
  const [often, oftenInAnyCase] = [t('up to 5 times per minute'), t('after success too, up to 5 times per minute')];
  const items = [
    { label: t('Do Nothing'), again: {} },
    { label: t('Retry on Failure, up to 3 Attempts'), again: { retry: { maxAttempts: 3 } } },
    { label: t('Retry on Failure, up to 10 Attempts'), again: { retry: { maxAttempts: 10 } } },
    { label: t('Restart on Failure'), description: often, again: { restart: { policy: 'on-failure' as const } } },
    { label: t('Always Restart'), description: oftenInAnyCase, again: { restart: { policy: 'always' as const } } },
  ];
  const options = { title, placeHolder: t('When the job ends'), ignoreFocusOut: true };
  return (await vscode.window.showQuickPick(items, options))?.again;
}
