import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import type { Handler } from './app.ts';
import { targets } from './targets.ts';

/** Selects the schedule that has made a job. */
export const showSchedule: Handler = async (app, args) => {
  const none = t('No job was made by a schedule.');
  const { jobs } = await targets(app, args, { flag: 'schedule', title: t('Show the Schedule of a Job'), none });
  const id = jobs[0]?.schedule ?? undefined;
  if (id === undefined) return undefined;
  if (!app.model.job(id)) {
    void vscode.window.showInformationMessage(t('Its schedule is no more, or has ended.'));
    return undefined;
  }
  await app.reveal(id);
  return app.model.job(id);
};
