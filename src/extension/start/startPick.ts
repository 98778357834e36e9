import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { shorten } from '../../text/grammar.ts';
import { pastCommands } from '../base/history.ts';
import { storageKeys } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import { withoutIcons, withoutLinks } from '../base/readableText.ts';
import { iconOf } from '../definitions/jobDefinition.ts';
import { templates, type Template } from '../tasks/templates.ts';
import { cannotRun, workspaceTasks, type OfferedTask } from '../tasks/workspaceTasks.ts';
import type { Script } from './scripts.ts';
import { workspaceScripts, type FoundScripts } from './scriptSources.ts';
import { placeText } from './placeText.ts';
import type { Choice, StartChoice } from './choice.ts';

/** A tool that lists its recipes may take seconds. */
const mostBeforeTasksMs = 500;

interface StartItem extends vscode.QuickPickItem {
  choice?: Choice;
  /** The line that was typed, of the item that runs it. */
  typed?: string;
  problem?: { name: string; reason: string };
}

const withOptions: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('settings-gear'),
  tooltip: t('Start with Options…'),
};

/**
 * One list: the line as it is typed, what was typed before, templates, and what the workspace offers.
 * @param alwaysWithOptions whether options are changed whatever is chosen
 */
export function pickStart(state: vscode.Memento, alwaysWithOptions = false): Promise<StartChoice | undefined> {
  const box = vscode.window.createQuickPick<StartItem>();
  const liveInput: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon('keyboard'),
    tooltip: t('Keep standard input open, to send input while the job runs'),
    location: vscode.QuickInputButtonLocation.Input,
    toggle: { checked: false },
  };
  const offered = [
    ...draftItems(state),
    ...historyItems(state),
    ...section(t('Templates'), templates().map(templateItem)),
  ];
  // Typing is ahead of the list, whose first item is the line that was typed: until the window has it, what it says of the
  // active item is about the list before, and Enter means the line.
  let isBehind = false;
  const draw = (): void => {
    const items = [...typedItems(box.value), ...offered];
    box.items = alwaysWithOptions ? items : items.map(withGear);
  };
  box.title = alwaysWithOptions ? t('Start Job with Options') : t('Start Job');
  box.placeholder = t('Enter a command, or select a script or task');
  box.matchOnDescription = true;
  box.buttons = [liveInput];
  box.busy = true;
  draw();
  const add = async (items: Promise<StartItem[]>): Promise<void> => {
    offered.push(...(await items.catch(() => [])));
    const active = box.activeItems[0]?.label;
    draw();
    const same = box.items.find(({ label }) => label === active);
    if (same && !isBehind) box.activeItems = [same];
  };
  void addAll(add).then(() => (box.busy = false));
  return new Promise((resolve) => {
    let isChosen = false;
    const choose = (item: StartItem | undefined, changes: boolean): void => {
      const choice = item?.choice ?? typedChoice(box.value);
      if (item?.problem !== undefined) {
        const { name, reason } = item.problem;
        void vscode.window.showInformationMessage(withoutLinks(cannotRun(name, reason)));
      } else if (choice) {
        resolve({ ...choice, liveInput: liveInput.toggle?.checked ?? false, withOptions: changes });
      } else {
        return;
      }
      isChosen = true;
      void state.update(storageKeys.draft, undefined);
      box.hide();
    };
    box.onDidChangeActive(([active]) => {
      if (active?.typed === box.value.trim()) isBehind = false;
    });
    box.onDidChangeValue(() => {
      isBehind = box.value.trim() !== '';
      // A click elsewhere must not take away what was typed.
      box.ignoreFocusOut = box.value !== '';
      draw();
    });
    box.onDidAccept(() => choose(isBehind ? undefined : box.selectedItems[0], alwaysWithOptions));
    box.onDidTriggerItemButton(({ item }) => choose(item, true));
    box.onDidHide(() => {
      if (!isChosen && box.value.trim() !== '') void state.update(storageKeys.draft, box.value.trim());
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}

/**
 * Each is added at the end as soon as it is there, because nothing may move under the pointer. The providers of tasks come
 * last: to start their extensions may take seconds, in which nothing else is answered.
 */
async function addAll(add: (items: Promise<StartItem[]>) => Promise<void>): Promise<void> {
  const { top, below } = workspaceScripts();
  const atTop = top.map((source) => add(scriptItems(source)));
  const others = below.map(async (source) => {
    await Promise.all(atTop);
    await add(scriptItems(source, true));
  });
  await Promise.race([Promise.all(atTop), delay(mostBeforeTasksMs)]);
  const tasks = workspaceTasks().then((found) => section(t('Tasks'), found.map(taskItem)));
  await Promise.all([...others, add(tasks)]);
}

function withGear(item: StartItem): StartItem {
  const canStart = item.kind !== vscode.QuickPickItemKind.Separator && item.problem === undefined;
  return canStart ? { ...item, buttons: [withOptions] } : item;
}

function typedItems(value: string): StartItem[] {
  const choice = typedChoice(value);
  if (!choice) return [];
  const label = `$(play) ${withoutIcons(shorten(choice.line.command, 200))}`;
  return [{ label, description: t('run command'), alwaysShow: true, choice, typed: choice.line.command }];
}

function typedChoice(value: string): Extract<Choice, { type: 'line' }> | undefined {
  const command = value.trim();
  return command === '' ? undefined : { type: 'line', line: { command } };
}

/** What was typed when the list was left. */
function draftItems(state: vscode.Memento): StartItem[] {
  const command = state.get<string>(storageKeys.draft);
  if (command === undefined) return [];
  const label = `$(edit) ${withoutIcons(shorten(command, 200))}`;
  return [{ label, description: t('typed before, not started'), choice: { type: 'line', line: { command } } }];
}

function historyItems(state: vscode.Memento): StartItem[] {
  const items = pastCommands(state).map(({ command, cwd }): StartItem => ({
    label: `$(history) ${withoutIcons(shorten(command, 200))}`,
    description: placeText(cwd),
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
    label: `$(${iconOf(definition)?.id ?? 'bookmark'}) ${withoutIcons(name)}`,
    description: withPlace(withoutIcons(shorten(what, 80)), folderNamed(template.folder)),
    choice: { type: 'template', template },
  };
}

async function scriptItems(source: Promise<FoundScripts>, isBelow = false): Promise<StartItem[]> {
  const { title, icon, found } = await source;
  return section(
    isBelow ? t('{0} in Subfolders', title) : title,
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
