import * as vscode from 'vscode';
import { BgJobsError } from '../../api/errors.ts';
import type { Dependency } from '../../api/options.ts';
import { t } from '../base/l10n.ts';
import { askAgain, askWhen, type When } from '../start/startOptions.ts';
import { fillTask } from '../tasks/fill.ts';
import { History } from '../start/history.ts';
import { prepareStart, withLiveInput, withName } from '../start/prepare.ts';
import type { JobStart } from '../base/jobStart.ts';
import { startJob } from '../host/startJob.ts';
import { pickStart, type StartChoice } from '../start/startPick.ts';
import { needsTaskSystem } from '../tasks/workspaceTasks.ts';
import { requireTrust } from '../base/trust.ts';
import type { App, Handler } from './app.ts';
import { pickDependencies } from './dependenciesCommands.ts';

/** What to start, when, after which jobs, and whether it is tried again. */
export const startWithOptions: Handler = async (app) => {
  if (!(await requireTrust())) return;
  const title = t('Start a Job with Options');
  const history = new History(app.context.workspaceState);
  const choice = await pickStart(history.list());
  const prepared = choice && (await prepare(choice, history));
  const when = prepared && (await askWhen(title));
  const dependsOn = when && (await askAfter(app, title, when));
  const again = dependsOn && (await askAgain(title));
  if (!prepared || !again) return;
  const request = { ...prepared.request, ...when, ...again };
  const job = await startJob(app, { ...prepared, request: dependsOn.length > 0 ? { ...request, dependsOn } : request });
  await app.reveal(job.id);
  return job;
};

/** @throws BgJobsError `invalid_request` for a task that is more than one command */
async function prepare(choice: StartChoice, history: History): Promise<JobStart | undefined> {
  if (choice.type !== 'task') return prepareStart(choice, history);
  const { task } = choice;
  if (task.what.type === 'job' || task.what.type === 'compound' || needsTaskSystem(task)) {
    const text = t('The task "{0}" is more than one command: Start a Job runs it, without options.', task.name);
    throw new BgJobsError('invalid_request', text);
  }
  const filled = await withName(fillTask(task, task.what.execution), task.name);
  return filled && withLiveInput(filled, choice);
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
