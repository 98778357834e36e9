import * as vscode from 'vscode';
import { isEnded } from '../../api/values.ts';
import { t } from '../base/l10n.ts';
import type { App } from './app.ts';
import { isNode } from './targets.ts';

/** The session that a command is for: the name or tree item it was given, else the one that the person picks. */
export async function pickSession(
  app: App,
  given: unknown,
  sessions: readonly string[],
  question: { title: string; none: string },
): Promise<string | undefined> {
  if (typeof given === 'string') return given;
  if (isNode(given) && given.type === 'session') return given.session;
  if (sessions.length === 0) {
    void vscode.window.showInformationMessage(question.none);
    return undefined;
  }
  const items = sessions.map((label) => ({ label, description: t('{0} run or wait', going(app, label)) }));
  return (await vscode.window.showQuickPick(items, { title: question.title }))?.label;
}

/** How many of its jobs run or wait. What is held does neither, until somebody releases it. */
export function going({ model }: App, session: string): number {
  return model.jobs().filter((job) => job.session === session && job.status !== 'held' && !isEnded(job.status)).length;
}
