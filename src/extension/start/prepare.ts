import * as vscode from 'vscode';
import { quoteArgument } from '../../words/text.ts';
import { t } from '../l10n.ts';
import { fillTask, fillTemplate } from './fill.ts';
import type { History } from './history.ts';
import type { JustParameter } from './justfile.ts';
import { pickFolder } from './startFolder.ts';
import type { JobStart } from './startJob.ts';
import type { ChosenLine, StartChoice } from './startPick.ts';
import { startOf } from './template.ts';
import type { Template } from './templates.ts';

/**
 * Asks what a choice leaves open: inputs, the folder, the name.
 * @returns undefined when the person has stepped back
 * @throws BgJobsError `invalid_request` when it cannot be a job
 */
export async function prepareStart(choice: StartChoice, history: History): Promise<JobStart | undefined> {
  const prepared = await prepare(choice, history);
  if (!prepared || !choice.liveInput) return prepared;
  return { ...prepared, request: { ...prepared.request, stdin: { type: 'pipe' } } };
}

function prepare(choice: StartChoice, history: History): Promise<JobStart | undefined> {
  switch (choice.type) {
    case 'line':
      return prepareLine(choice.line, history);
    case 'template':
      return prepareTemplate(choice.template);
    case 'task':
      return withName(fillTask(choice.task), choice.task.name);
  }
}

export async function prepareTemplate(template: Template): Promise<JobStart | undefined> {
  const folder = template.folder ?? (await pickFolder());
  if (folder === undefined) return undefined;
  const filled = await fillTemplate(template, folder);
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

async function withName(start: Promise<JobStart | undefined>, suggested: string): Promise<JobStart | undefined> {
  const prepared = await start;
  if (!prepared) return undefined;
  const prompt = t('A name for it (optional)');
  const typed = await vscode.window.showInputBox({ title: t('Start a Job'), prompt, value: suggested });
  if (typed === undefined) return undefined;
  const name = typed.trim();
  return name === '' ? prepared : { ...prepared, request: { ...prepared.request, name } };
}

/** @returns the words as they stand in a shell line; undefined when the person has stepped back */
async function askWords(title: string, parameters: readonly JustParameter[]): Promise<string[] | undefined> {
  const words: string[] = [];
  for (const { name, several } of parameters) {
    const prompt = several ? t('{0}: one or more words, as in a shell line', name) : name;
    const value = await vscode.window.showInputBox({ title, prompt, ignoreFocusOut: true });
    if (value === undefined) return undefined;
    words.push(several ? value : quoteArgument(value));
  }
  return words;
}
