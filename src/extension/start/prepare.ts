import * as vscode from 'vscode';
import { quoteArgument } from '../../text/grammar.ts';
import { t } from '../base/l10n.ts';
import { fillTemplate } from '../tasks/fill.ts';
import type { History } from './history.ts';
import type { JustParameter } from './justRecipes.ts';
import { pickFolder } from './startFolder.ts';
import type { JobStart } from '../base/jobStart.ts';
import type { ChosenLine, StartChoice } from './startPick.ts';
import { startOf } from '../definitions/jobDefinition.ts';
import { templateNamed, type Template } from '../tasks/templates.ts';

/**
 * Asks what a choice leaves open: inputs, the folder, the name.
 * @returns undefined when the person has stepped back
 * @throws BgJobsError `invalid_request` when it cannot be a job
 */
export async function prepareStart(
  choice: StartChoice<'line' | 'template'>,
  history: History,
): Promise<JobStart | undefined> {
  const prepared = await (choice.type === 'line'
    ? prepareLine(choice.line, history)
    : prepareTemplate(choice.template));
  return prepared && withLiveInput(prepared, choice);
}

export function withLiveInput(start: JobStart, { liveInput }: Pick<StartChoice, 'liveInput'>): JobStart {
  return liveInput ? { ...start, request: { ...start.request, stdin: { type: 'pipe' } } } : start;
}

async function prepareTemplate(template: Template): Promise<JobStart | undefined> {
  const folder = template.folder ?? (await pickFolder());
  if (folder === undefined) return undefined;
  const filled = await fillTemplate(templateNamed(template.name, folder), folder);
  return filled && startOf(filled, folder);
}

async function prepareLine(line: ChosenLine, history: History): Promise<JobStart | undefined> {
  const words = await askWords(line.command, line.required ?? []);
  if (!words) return undefined;
  const cwd = line.cwd ?? (await pickFolder());
  if (cwd === undefined) return undefined;
  const command = [line.command, ...words].join(' ');
  const prepared = await withName(Promise.resolve({ request: { command, cwd } }), line.name ?? '');
  if (prepared && line.name === undefined) await history.add({ command, cwd });
  return prepared;
}

/** Asks for a name, when the rest has been answered. */
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

/** @returns the words as they stand in a shell line; undefined when the person has stepped back */
async function askWords(title: string, parameters: readonly JustParameter[]): Promise<string[] | undefined> {
  const words: string[] = [];
  for (const { name, several } of parameters) {
    const prompt = several ? t('{0}: one or more words, as in a command line', name) : name;
    const value = await vscode.window.showInputBox({ title, prompt, ignoreFocusOut: true });
    if (value === undefined) return undefined;
    words.push(several ? value : quoteArgument(value));
  }
  return words;
}
