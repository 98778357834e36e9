import * as vscode from 'vscode';
import type { Dependency } from '../../protocol/scheduling.ts';
import { t } from '../l10n.ts';
import { askAgain } from '../start/askAgain.ts';
import { askWhen, type When } from '../start/askWhen.ts';
import { History } from '../start/history.ts';
import { pickFolder } from '../start/startFolder.ts';
import { startJob } from '../start/startJob.ts';
import { requireTrust } from '../trust.ts';
import type { App, Handler } from './app.ts';
import { pickDependencies } from './dependencies.ts';

/** A command line, when it starts, after which jobs, and whether it is tried again. */
export const startWithOptions: Handler = async (app) => {
  if (!(await requireTrust())) return;
  const title = t('Start a Job with Options');
  const history = new History(app.context.workspaceState);
  const command = await askCommand(title, history);
  if (!command) return;
  const cwd = await pickFolder();
  const when = cwd === undefined ? undefined : await askWhen(title);
  const dependsOn = when && (await askAfter(app, title, when));
  const again = dependsOn && (await askAgain(title));
  const name = again && (await vscode.window.showInputBox({ title, prompt: t('A name for it (optional)') }));
  if (cwd === undefined || name === undefined) return;
  const named = name.trim() === '' ? {} : { name: name.trim() };
  const job = await startJob(app, {
    request: { command, cwd, ...named, ...when, ...again, dependsOn: dependsOn ?? [] },
  });
  await history.add({ command, cwd });
  await app.reveal(job.id);
  return job;
};

async function askCommand(title: string, history: History): Promise<string | undefined> {
  const typed = await vscode.window.showInputBox({
    title,
    prompt: t('The command line'),
    value: history.list()[0]?.command ?? '',
    ignoreFocusOut: true,
  });
  return typed?.trim();
}

/** A schedule waits for its times alone. */
async function askAfter(app: App, title: string, when: When): Promise<Dependency[] | undefined> {
  if (when.cron !== undefined) return [];
  const at = t('At once, or at its time');
  const after = t('After other jobs…');
  const how = await vscode.window.showQuickPick([at, after], { title, placeHolder: t('After other jobs?') });
  if (how === undefined) return undefined;
  if (how === at) return [];
  return pickDependencies(app, await app.connection.need(), { title, of: [] });
}
