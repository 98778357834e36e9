import * as vscode from 'vscode';
import type { StartRequest } from '../../api/start.ts';
import { t } from '../base/l10n.ts';

export type Again = Pick<StartRequest, 'retry' | 'restart'>;

/** What to do when it has ended. @returns undefined when the person has stepped back */
export async function askAgain(title: string): Promise<Again | undefined> {
  const attempts = (maxAttempts: number): Again => ({ retry: { maxAttempts } });
  const items: (vscode.QuickPickItem & { again: Again })[] = [
    { label: t('Nothing'), again: {} },
    { label: t('Try again after a failure: 3 attempts'), again: attempts(3) },
    { label: t('Try again after a failure: 10 attempts'), again: attempts(10) },
    {
      label: t('Start it again after a failure, for ever'),
      description: t('for servers; it gives up after 5 within a minute'),
      again: { restart: { policy: 'on-failure' } },
    },
    {
      label: t('Start it again whenever it ends'),
      description: t('also after success'),
      again: { restart: { policy: 'always' } },
    },
  ];
  const options = { title, placeHolder: t('What then, when it has ended?'), ignoreFocusOut: true };
  return (await vscode.window.showQuickPick(items, options))?.again;
}
