/**
 * `extension/start` asks what to start and how: command lines, scripts, recipes, coding agents, times. `commands`
 * imports it; it imports `api`, `text`, `tasks` and the rooms below, and loads the reader of cron patterns on demand.
 */

import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { shorten } from '../../text/grammar.ts';
import { t } from '../base/l10n.ts';
import { withoutIcons, withoutLinks } from '../base/readableText.ts';
import { templates, type Template } from '../tasks/templates.ts';
import { cannotRun, workspaceTasks, type OfferedTask } from '../tasks/workspaceTasks.ts';
import type { Script } from './scripts.ts';
import { workspaceScripts, type FoundScripts } from './scriptSources.ts';
import { pastCommands, type Choice, type StartChoice } from './startQuestions.ts';

interface StartItem extends vscode.QuickPickItem {
  /** Without choice and problem, the item is the typed line. */
  choice?: Choice;
  problem?: { name: string; reason: string };
}

/** One list: the line as it is typed, what was typed before, templates, and what the workspace offers. */
export function pickStart(state: vscode.Memento): Promise<StartChoice | undefined> {
  const box = vscode.window.createQuickPick<StartItem>();
  const liveInput: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon('keyboard'),
    tooltip: t('Keep standard input open, to send input while the job runs'),
    location: vscode.QuickInputButtonLocation.Input,
    toggle: { checked: false },
  };
  const offered = [...historyItems(state), ...section(t('Templates'), templates().map(templateItem))];
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
  const choice = typedChoice(value);
  if (!choice) return [];
  const label = `$(play) ${withoutIcons(shorten(choice.line.command, 200))}`;
  return [{ label, description: t('run command'), alwaysShow: true }];
}

function typedChoice(value: string): Extract<Choice, { type: 'line' }> | undefined {
  const command = value.trim();
  return command === '' ? undefined : { type: 'line', line: { command } };
}

function historyItems(state: vscode.Memento): StartItem[] {
  const items = pastCommands(state).map(({ command, cwd }): StartItem => ({
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
  const tasks = workspaceTasks().then((offered) => section(t('Tasks'), offered.map(taskItem)));
  return [...workspaceScripts().map(scriptItems), tasks];
}

async function scriptItems(source: Promise<FoundScripts>): Promise<StartItem[]> {
  const { title, icon, found } = await source;
  return section(
    title,
    found.map(({ script, file }) => scriptItem(icon, file, script)),
  );
}

function scriptItem(icon: string, file: string, script: Script): StartItem {
  const { description, command, required = [] } = script;
  const place = vscode.workspace.asRelativePath(file);
  return {
    label: `$(${icon}) ${withoutIcons(command)}${required.map((one) => ` <${one.name}>`).join('')}`,
    description: description === '' ? place : `${withoutIcons(shorten(description, 80))} · ${place}`,
    choice: { type: 'line', line: { ...script, cwd: dirname(file) } },
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
