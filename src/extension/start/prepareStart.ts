import * as vscode from 'vscode';
import { quoteArgument } from '../../text/quoting.ts';
import { remember } from '../base/history.ts';
import { jobName, type JobStart } from '../base/jobStart.ts';
import { t } from '../base/l10n.ts';
import { pickFolder } from '../base/pickFolder.ts';
import { startOf } from '../definitions/jobDefinition.ts';
import { Answers } from '../tasks/answers.ts';
import { fillTemplate } from '../tasks/fill.ts';
import { templateNamed, type Template } from '../tasks/templates.ts';
import type { ChosenLine, StartChoice } from './choice.ts';
import type { Parameter } from './scripts.ts';

/**
 * Prompts for what a choice leaves open: inputs and folder.
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
  if (line.name === undefined) await remember(state, { command, cwd });
  return { request: { ...jobName(line.name ?? ''), command, cwd } };
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
