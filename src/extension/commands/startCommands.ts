import { dirname } from 'node:path';
import * as vscode from 'vscode';
import type { Job } from '../../api/job.ts';
import type { StartRequest } from '../../api/start.ts';
import { t } from '../base/l10n.ts';
import { fillTask } from '../tasks/fill.ts';
import { History } from '../start/history.ts';
import { pickFolder } from '../start/startFolder.ts';
import { prepareStart, withLiveInput, withName } from '../start/prepare.ts';
import type { JobStart } from '../base/jobStart.ts';
import { startJob } from '../host/startJob.ts';
import { pickStart, type StartChoice } from '../start/startPick.ts';
import { isRecord } from '../base/isRecord.ts';
import { templateNamed } from '../tasks/templates.ts';
import { needsTaskSystem, taskNamed } from '../tasks/workspaceTasks.ts';
import { TaskGraph } from '../tasks/taskGraph.ts';
import { requireTrust } from '../base/trust.ts';
import type { App, Handler } from './app.ts';

/** A request can be given, or parts of one, or the name of a template or a task: then nothing is to be chosen. */
export const start: Handler = async (app, args) => {
  if (!(await requireTrust())) return;
  const given = args[0];
  if (isRecord(given) && ('command' in given || 'argv' in given || 'codingAgent' in given)) {
    const request: Partial<StartRequest> = given;
    const cwd = request.cwd ?? (await pickFolder());
    return cwd === undefined ? undefined : startJob(app, { request: { ...request, cwd } });
  }
  const history = new History(app.context.workspaceState);
  const choice = isRecord(given) ? await named(given) : await pickStart(history.list());
  if (!choice) return;
  const job = await (choice.type === 'task'
    ? startTask(app, choice, !isRecord(given))
    : startPrepared(app, prepareStart(choice, history)));
  if (job) await app.reveal(job.id);
  return job;
};

async function named({ template, task }: Record<string, unknown>): Promise<StartChoice | undefined> {
  if (typeof template === 'string') return { type: 'template', template: templateNamed(template), liveInput: false };
  return typeof task === 'string' ? { type: 'task', task: await taskNamed(task), liveInput: false } : undefined;
}

async function startPrepared(app: App, prepared: Promise<JobStart | undefined>): Promise<Job | undefined> {
  const start = await prepared;
  return start && startJob(app, start);
}

/** A command is a job like any other, unless the task system has something to do with it. */
async function startTask(app: App, choice: StartChoice<'task'>, asksName: boolean): Promise<Job | undefined> {
  const { task } = choice;
  if (task.what.type === 'job') return void (await vscode.tasks.executeTask(task.task));
  if (task.what.type === 'compound' || needsTaskSystem(task)) {
    return new TaskGraph(app.tasks).run(task, (start) => withLiveInput(start, choice));
  }
  const filled = fillTask(task, task.what.execution).then((start) => start && withLiveInput(start, choice));
  return startPrepared(app, asksName ? withName(filled, task.name) : filled);
}

/** The selected text, or the line of the cursor, as a script for the shell. */
export const startSelection: Handler = async (app) => {
  if (!(await requireTrust())) return;
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    void vscode.window.showInformationMessage(t('Select a command in an editor first.'));
    return;
  }
  const { document, selection } = editor;
  const range = selection.isEmpty ? document.lineAt(selection.active.line).range : selection;
  const command = document.getText(range).trim();
  if (command === '') {
    void vscode.window.showInformationMessage(t('There is nothing to run on this line.'));
    return;
  }
  const folder = vscode.workspace.getWorkspaceFolder(document.uri)?.uri.fsPath;
  const cwd = folder ?? (document.uri.scheme === 'file' ? dirname(document.uri.fsPath) : await pickFolder());
  if (cwd === undefined) return;
  const job = await startJob(app, { request: { command, cwd } });
  await app.reveal(job.id);
  return job;
};
