import * as vscode from 'vscode';
import type { JobStart } from '../base/jobStart.ts';
import { t } from '../base/l10n.ts';
import { optionEntries, type OptionEntry, type PageQuestion } from './optionEntries.ts';
import { saveAsTemplate } from './saveTemplate.ts';

export interface OptionsQuestion extends PageQuestion {
  start: JobStart;
  /** Whether Back leads somewhere. */
  hasBack: boolean;
}

/** How the page was left, and with what. */
export interface OptionsAnswer {
  type: 'done' | 'back' | 'canceled';
  start: JobStart;
  isChanged: boolean;
}

interface PageItem extends vscode.QuickPickItem {
  entry?: OptionEntry;
  action?: 'done' | 'saveTemplate';
}

/** One list of all options of a start, each of which is changed by itself; its first item starts or saves the job. */
export async function askOptions(question: OptionsQuestion): Promise<OptionsAnswer> {
  let { start } = question;
  let last: string | undefined;
  const answer = (type: OptionsAnswer['type']): OptionsAnswer => ({ type, start, isChanged: start !== question.start });
  for (;;) {
    const chosen = await pickEntry(question, start, last);
    if (chosen === 'back' || chosen === undefined) return answer(chosen ?? 'canceled');
    if (chosen.action === 'done') return answer('done');
    last = chosen.label;
    if (chosen.action === 'saveTemplate') await saveAsTemplate(question.title, start);
    else start = (await chosen.entry?.edit(start, question)) ?? start;
  }
}

function pickEntry(
  question: OptionsQuestion,
  start: JobStart,
  last: string | undefined,
): Promise<PageItem | 'back' | undefined> {
  const { title, hasBack, edited } = question;
  const box = vscode.window.createQuickPick<PageItem>();
  const entries = optionEntries(start, question).map((entry) => ({
    label: `$(${entry.icon}) ${entry.label}`,
    description: entry.value,
    entry,
  }));
  box.title = title;
  box.placeholder = edited
    ? t('Select an option to change, or save the job')
    : t('Select an option to change, or start the job');
  box.ignoreFocusOut = true;
  box.matchOnDescription = true;
  box.buttons = hasBack ? [vscode.QuickInputButtons.Back] : [];
  box.items = [
    { label: edited ? t('$(save) Save') : t('$(play) Start'), action: 'done' },
    { label: t('Options'), kind: vscode.QuickPickItemKind.Separator },
    ...entries,
  ];
  if (!edited) {
    const save: PageItem = { label: t('$(bookmark) Save as Template…'), action: 'saveTemplate' };
    box.items = [...box.items, { label: '', kind: vscode.QuickPickItemKind.Separator }, save];
  }
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
