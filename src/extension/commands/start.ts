import { dirname } from 'node:path';
import * as vscode from 'vscode';
import type { Job } from '../../protocol/job.ts';
import type { StartRequest } from '../../protocol/start.ts';
import { t } from '../l10n.ts';
import { jobEnvironment } from '../session.ts';
import { shell } from '../settings.ts';
import { History } from '../start/history.ts';
import { pickFolder } from '../start/startFolder.ts';
import { pickStart } from '../start/startPick.ts';
import { requireTrust } from '../trust.ts';
import type { App, Handler } from './app.ts';

/** A request can be given, or parts of one; then nothing is asked. */
export const start: Handler = async (app, args) => {
  if (!(await requireTrust())) return;
  const given = args[0];
  if (typeof given === 'object' && given !== null && ('command' in given || 'argv' in given)) {
    const cwd = (given as Partial<StartRequest>).cwd ?? (await pickFolder());
    return cwd === undefined ? undefined : startJob(app, { ...(given as Partial<StartRequest>), cwd });
  }
  const history = new History(app.context.workspaceState);
  const choice = await pickStart(history.list());
  if (!choice) return;
  const cwd = choice.job.cwd ?? (await pickFolder());
  if (cwd === undefined) return;
  const name = await vscode.window.showInputBox({
    title: t('Start a Job'),
    prompt: t('A name for it (optional)'),
    value: choice.name ?? '',
  });
  if (name === undefined) return;
  if (choice.name === undefined && choice.job.command !== undefined) {
    await history.add({ command: choice.job.command, cwd });
  }
  const stdin = choice.liveInput ? { stdin: { type: 'pipe' } as const } : {};
  const job = await startJob(app, {
    ...choice.job,
    ...stdin,
    cwd,
    ...(name.trim() === '' ? {} : { name: name.trim() }),
  });
  await app.reveal(job.id);
  return job;
};

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
  const job = await startJob(app, { command, cwd });
  await app.reveal(job.id);
  return job;
};

async function startJob(app: App, request: Partial<StartRequest> & { cwd: string }): Promise<Job> {
  const service = await app.connection.need();
  const ownShell = request.command === undefined ? undefined : shell();
  const { job } = await service.startJob({
    session: app.session(),
    inheritEnv: jobEnvironment(process.env),
    ...(ownShell === undefined ? {} : { shell: ownShell }),
    ...request,
  });
  return job;
}
