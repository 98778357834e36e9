/**
 * `extension/start` asks what to start and how: command lines, scripts, recipes, coding agents, times. `commands`
 * imports it; it imports `api`, `text`, `tasks` and the rooms below, and loads the reader of cron patterns on demand.
 */

import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { withoutIcons, withoutLinks } from '../base/readableText.ts';
import { shorten, quoteArgument } from '../../text/grammar.ts';
import { cannotRun, workspaceTasks, type OfferedTask, type RunnableTask } from '../tasks/workspaceTasks.ts';
import type { PastCommand, History } from './history.ts';
import type { JustParameter } from './justRecipes.ts';
import { templates, type Template, templateNamed } from '../tasks/templates.ts';
import { offeredRecipes, offeredScripts, offeredTargets, type OfferedScript } from './workspaceScripts.ts';
import { fillTemplate } from '../tasks/fill.ts';
import { pickFolder } from './startFolder.ts';
import type { JobStart } from '../base/jobStart.ts';
import { startOf } from '../definitions/jobDefinition.ts';

/** The user's choice of what to start. */
export type StartChoice<Type = Choice['type']> = Extract<Choice, { type: Type }> & {
  /** Whether the job can be given input while it runs. */
  liveInput: boolean;
};

type Choice =
  { type: 'line'; line: ChosenLine } | { type: 'template'; template: Template } | { type: 'task'; task: RunnableTask };

interface ChosenLine {
  command: string;
  /** Undefined: the folder of the window. */
  cwd?: string;
  /** Used when the user enters no other name. */
  name?: string;
  /** Parameters to prompt for; their values follow the line. */
  required?: readonly JustParameter[];
}

interface StartItem extends vscode.QuickPickItem {
  /** Without choice and problem, the item is the typed line. */
  choice?: Choice;
  problem?: { name: string; reason: string };
}

/** One list: the line as it is typed, what was typed before, templates, and what the workspace offers. */
export function pickStart(history: readonly PastCommand[]): Promise<StartChoice | undefined> {
  const box = vscode.window.createQuickPick<StartItem>();
  const liveInput: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon('keyboard'),
    tooltip: t('Keep standard input open, to send input while the job runs'),
    location: vscode.QuickInputButtonLocation.Input,
    toggle: { checked: false },
  };
  const offered = [...historyItems(history), ...section(t('Templates'), templates().map(templateItem))];
  const draw = (): void => {
    box.items = [...typedItems(box.value), ...offered];
  };
  box.title = t('Start Job');
  box.placeholder = t('Enter a command, or select a script or task');
  box.matchOnDescription = true;
  box.buttons = [liveInput];
  box.busy = true;
  draw();
  // Each is added at the end as soon as it is there: a task provider, or just, may take seconds, and nothing may move
  // under the pointer meanwhile.
  const sources = workspaceItems().map(async (items) => {
    offered.push(...(await items.catch(() => [])));
    const [active] = box.activeItems;
    draw();
    if (active && box.items.includes(active)) box.activeItems = [active];
  });
  void Promise.all(sources).then(() => (box.busy = false));
  return new Promise((resolve) => {
    box.onDidChangeValue(draw);
    box.onDidAccept(() => {
      const item = box.activeItems[0];
      // Typing may be ahead of the list: the box has the full text, the item may not.
      const choice = item?.choice ?? typedChoice(box.value);
      if (item?.problem !== undefined) {
        const { name, reason } = item.problem;
        void vscode.window.showInformationMessage(withoutLinks(cannotRun(name, reason)));
      } else if (choice) {
        resolve({ ...choice, liveInput: liveInput.toggle?.checked ?? false });
      } else {
        return;
      }
      box.hide();
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}

function typedItems(value: string): StartItem[] {
  const command = value.trim();
  if (command === '') return [];
  return [{ label: `$(play) ${withoutIcons(shorten(command, 200))}`, description: t('run command'), alwaysShow: true }];
}

function typedChoice(value: string): Choice | undefined {
  const command = value.trim();
  return command === '' ? undefined : { type: 'line', line: { command } };
}

function historyItems(history: readonly PastCommand[]): StartItem[] {
  const items = history.map(({ command, cwd }): StartItem => ({
    label: `$(history) ${withoutIcons(shorten(command, 200))}`,
    description: cwd,
    choice: { type: 'line', line: { command, cwd } },
  }));
  return section(t('Recent'), items);
}

function templateItem(template: Template): StartItem {
  const { name, problem, definition } = template;
  if (problem !== null) return problemItem(name, problem);
  const { command, argv } = definition;
  const what = typeof command === 'string' ? command : Array.isArray(argv) ? argv.join(' ') : '';
  return {
    label: `$(bookmark) ${withoutIcons(name)}`,
    description: withPlace(withoutIcons(shorten(what, 80)), folderNamed(template.folder)),
    choice: { type: 'template', template },
  };
}

/** What the workspace offers, by kind. */
function workspaceItems(): Promise<StartItem[]>[] {
  return [
    offeredScripts().then((scripts) => section(t('Package scripts'), scripts.map(scriptItem('package')))),
    offeredTargets().then((targets) => section(t('Make targets'), targets.map(scriptItem('tools')))),
    offeredRecipes().then((recipes) => section(t('Just recipes'), recipes.map(scriptItem('tools')))),
    workspaceTasks().then((tasks) => section(t('Tasks'), tasks.map(taskItem))),
  ];
}

function scriptItem(icon: string): (script: OfferedScript) => StartItem {
  return ({ name, description, file, command, cwd, required }) => {
    const place = vscode.workspace.asRelativePath(file);
    return {
      label: `$(${icon}) ${withoutIcons(command)}${required.map((one) => ` <${one.name}>`).join('')}`,
      description: description === '' ? place : `${withoutIcons(shorten(description, 80))} · ${place}`,
      choice: { type: 'line', line: { command, cwd, name, required } },
    };
  };
}

function taskItem({ name, source, offer }: OfferedTask): StartItem {
  if ('problem' in offer) return problemItem(name, offer.problem);
  return {
    label: `$(checklist) ${withoutIcons(name)}`,
    description: withPlace(source, offer.task.scope),
    choice: { type: 'task', task: offer },
  };
}

/** With several folders, the folder tells items of the same name apart. */
function withPlace(description: string, folder: vscode.Task['scope']): string {
  const isOneOfSeveral = typeof folder === 'object' && (vscode.workspace.workspaceFolders?.length ?? 0) > 1;
  return isOneOfSeveral ? `${description} · ${folder.name}` : description;
}

function folderNamed(path: string | undefined): vscode.WorkspaceFolder | undefined {
  return vscode.workspace.workspaceFolders?.find(({ uri }) => uri.fsPath === path);
}

function problemItem(name: string, reason: string): StartItem {
  return {
    label: `$(circle-slash) ${withoutIcons(name)}`,
    description: t('cannot run as a job: {0}', withoutIcons(reason)),
    problem: { name, reason },
  };
}

function section(label: string, items: StartItem[]): StartItem[] {
  return items.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...items];
}

/**
 * Prompts for what a choice leaves open: inputs, folder, name.
 * @returns undefined when the user has canceled
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

/** @returns the words, quoted for a shell; undefined when the user has canceled */
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
