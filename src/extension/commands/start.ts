import { dirname } from 'node:path';
import * as vscode from 'vscode';
import type { StartRequest } from '../../protocol/start.ts';
import { t } from '../l10n.ts';
import { History } from '../start/history.ts';
import { pickFolder } from '../start/startFolder.ts';
import { prepareStart, prepareTemplate } from '../start/prepare.ts';
import { startJob, type JobStart } from '../start/startJob.ts';
import { pickStart } from '../start/startPick.ts';
import { isRecord } from '../start/template.ts';
import { templateNamed } from '../start/templates.ts';
import { requireTrust } from '../trust.ts';
import type { App, Handler } from './app.ts';

/** A request can be given, or parts of one, or the name of a template; then nothing else is asked. */
export const start: Handler = async (app, args) => {
  if (!(await requireTrust())) return;
  const given = args[0];
  if (isRecord(given) && ('command' in given || 'argv' in given || 'codingAgent' in given)) {
    const request: Partial<StartRequest> = given;
    const cwd = request.cwd ?? (await pickFolder());
    return cwd === undefined ? undefined : startJob(app, { request: { ...request, cwd } });
  }
  const prepared = await (isRecord(given) && typeof given['template'] === 'string'
    ? prepareTemplate(templateNamed(given['template']))
    : prepareChoice(app));
  if (!prepared) return;
  const job = await startJob(app, prepared);
  await app.reveal(job.id);
  return job;
};

async function prepareChoice(app: App): Promise<JobStart | undefined> {
  const history = new History(app.context.workspaceState);
  const choice = await pickStart(history.list());
  return choice && prepareStart(choice, history);
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
