import * as vscode from 'vscode';
import type { Dependency } from '../../api/options.ts';
import type { JobStart } from '../base/jobStart.ts';
import { t } from '../base/l10n.ts';
import { optionEntries, type OptionEntry } from './optionEntries.ts';
import { saveAsTemplate } from './saveTemplate.ts';

export interface OptionsQuestion {
  title: string;
  start: JobStart;
  /** Whether Back leads somewhere. */
  hasBack: boolean;
  /** Lets the user select jobs to wait for. @returns undefined when the user has gone back */
  pickDependencies: (before: readonly Dependency[]) => Promise<Dependency[] | undefined>;
  /** Variables that the job had and whose values are no longer known. */
  lostVariables?: readonly string[];
}

/** How the page was left, and with what. */
export interface OptionsAnswer {
  type: 'start' | 'back' | 'canceled';
  start: JobStart;
  isChanged: boolean;
}

interface PageItem extends vscode.QuickPickItem {
  entry?: OptionEntry;
  action?: 'start' | 'save';
}

/** One list of all options of a start, each of which is changed by itself; its first item starts the job. */
export async function askOptions(question: OptionsQuestion): Promise<OptionsAnswer> {
  let { start } = question;
  let last: string | undefined;
  const answer = (type: OptionsAnswer['type']): OptionsAnswer => ({ type, start, isChanged: start !== question.start });
  for (;;) {
    const chosen = await pickEntry(question, start, last);
    if (chosen === 'back' || chosen === undefined) return answer(chosen ?? 'canceled');
    if (chosen.action === 'start') return answer('start');
    last = chosen.label;
    if (chosen.action === 'save') await saveAsTemplate(question.title, start);
    else start = (await chosen.entry?.edit(start, question)) ?? start;
  }
}

function pickEntry(
  { title, hasBack, lostVariables = [] }: OptionsQuestion,
  start: JobStart,
  last: string | undefined,
): Promise<PageItem | 'back' | undefined> {
  const box = vscode.window.createQuickPick<PageItem>();
  const entries = optionEntries(start, lostVariables).map((entry) => ({
    label: `$(${entry.icon}) ${entry.label}`,
    description: entry.value,
    entry,
  }));
  box.title = title;
  box.placeholder = t('Select an option to change, or start the job');
  box.ignoreFocusOut = true;
  box.matchOnDescription = true;
  box.buttons = hasBack ? [vscode.QuickInputButtons.Back] : [];
  box.items = [
    { label: t('$(play) Start'), action: 'start' },
    { label: t('Options'), kind: vscode.QuickPickItemKind.Separator },
    ...entries,
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    { label: t('$(bookmark) Save as Template…'), action: 'save' },
  ];
  const active = box.items.find(({ label }) => label === last);
  if (active) box.activeItems = [active];
  return new Promise((resolve) => {
    box.onDidAccept(() => {
      if (!box.activeItems[0]) return;
      resolve(box.activeItems[0]);
      box.hide();
    });
    box.onDidTriggerButton(() => {
      resolve('back');
      box.hide();
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}
