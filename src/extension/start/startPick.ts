import { join } from 'node:path';
import * as vscode from 'vscode';
import { t } from '../l10n.ts';
import { withoutIcons, withoutLinks } from '../plainText.ts';
import { shorten } from '../words.ts';
import type { PastCommand } from './history.ts';
import { workspaceScripts } from './workspaceScripts.ts';
import { workspaceTasks, type OfferedTask } from './workspaceTasks.ts';
import type { TaskJob } from './taskJob.ts';

/** What the person has chosen to start. */
export interface StartChoice {
  job: Omit<TaskJob, 'cwd'> & { cwd?: string };
  /** Taken when the person gives no other. */
  name?: string;
  /** Whether the job can be given input while it runs. */
  liveInput: boolean;
}

interface StartItem extends vscode.QuickPickItem {
  /** Neither of them: what is typed. */
  choice?: Omit<StartChoice, 'liveInput'>;
  problem?: { task: string; reason: string };
}

/** One list: the line as it is typed, what was typed before, the workspace's tasks and its package scripts. */
export function pickStart(history: readonly PastCommand[]): Promise<StartChoice | undefined> {
  const box = vscode.window.createQuickPick<StartItem>();
  const liveInput: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon('keyboard'),
    tooltip: t('Keep its standard input open, to send input while it runs'),
    location: vscode.QuickInputButtonLocation.Input,
    toggle: { checked: false },
  };
  let offered = historyItems(history);
  const draw = (): void => {
    box.items = [...typedItems(box.value), ...offered];
  };
  box.title = t('Start a Job');
  box.placeholder = t('Type a command line, or choose');
  box.matchOnDescription = true;
  box.buttons = [liveInput];
  box.busy = true;
  draw();
  void Promise.allSettled([workspaceTasks(), workspaceScripts()]).then(([tasks, scripts]) => {
    const scriptItems =
      scripts.status === 'fulfilled' ? section(t('Package scripts'), scripts.value.map(scriptItem)) : [];
    const taskItems = tasks.status === 'fulfilled' ? section(t('Tasks'), tasks.value.map(taskItem)) : [];
    offered = [...offered, ...scriptItems, ...taskItems];
    box.busy = false;
    draw();
  });
  return new Promise((resolve) => {
    box.onDidChangeValue(draw);
    box.onDidAccept(() => {
      const item = box.activeItems[0];
      // Who types quickly is ahead of the list: the box has what was typed, the item may have less.
      const choice = item?.choice ?? typedChoice(box.value);
      if (item?.problem !== undefined) {
        void vscode.window.showInformationMessage(
          withoutLinks(t('"{0}" cannot run as a job: {1}.', item.problem.task, item.problem.reason)),
        );
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
  return [
    { label: `$(play) ${withoutIcons(shorten(command, 200))}`, description: t('run this line'), alwaysShow: true },
  ];
}

function typedChoice(value: string): StartItem['choice'] {
  const command = value.trim();
  return command === '' ? undefined : { job: { command, env: {} } };
}

function historyItems(history: readonly PastCommand[]): StartItem[] {
  const items = history.map(({ command, cwd }) => ({
    label: `$(history) ${withoutIcons(shorten(command, 200))}`,
    description: cwd,
    choice: { job: { command, cwd, env: {} } },
  }));
  return section(t('Recent'), items);
}

function scriptItem({ name, script, command, cwd }: Awaited<ReturnType<typeof workspaceScripts>>[number]): StartItem {
  return {
    label: `$(package) ${command}`,
    description: `${withoutIcons(shorten(script, 80))} · ${vscode.workspace.asRelativePath(join(cwd, 'package.json'))}`,
    choice: { job: { command, cwd, env: {} }, name },
  };
}

function taskItem({ name, source, offer }: OfferedTask): StartItem {
  if ('problem' in offer) {
    const { problem } = offer;
    return {
      label: `$(circle-slash) ${name}`,
      description: t('cannot run as a job: {0}', withoutIcons(problem)),
      problem: { task: name, reason: problem },
    };
  }
  return { label: `$(checklist) ${name}`, description: source, choice: { job: offer.job, name } };
}

function section(label: string, items: StartItem[]): StartItem[] {
  return items.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...items];
}
