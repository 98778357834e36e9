import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { Run } from '../../api/job.ts';
import { bytes } from '../../text/grammar.ts';
import { t } from '../base/l10n.ts';
import { type Handler, targets } from './app.ts';

/** The editor opens larger files slowly, and does not pass them to extensions. */
const largeFile = 50 * 1024 ** 2;

export const showOutput: Handler = async (app, args) => {
  const question = { flag: 'job', title: t('Show Output'), none: t('There are no jobs.') } as const;
  const { jobs } = await targets(app, args, question);
  for (const job of jobs) app.channels.show(job);
};

export const openLog: Handler = async (app, args) => {
  const question = { flag: 'log', title: t('Open Full Log'), none: t('No jobs have run.') } as const;
  const { jobs } = await targets(app, args, question);
  for (const job of jobs) {
    const run = job.runs.find(({ number }) => number === job.run);
    const path = run && (await pickLog(run));
    if (path !== undefined) await openFile(path);
  }
};

/** When the editor runs remotely, it opens a tunnel. By id the caller gets the opened addresses. */
export const openInBrowser: Handler = async (app, args) => {
  const none = t('No running job has printed a URL.');
  const { jobs } = await targets(app, args, { flag: 'browse', title: t('Open in Browser'), none });
  const opened: string[] = [];
  for (const { url } of jobs) {
    if (url === null) continue;
    const external = await vscode.env.asExternalUri(vscode.Uri.parse(url, true));
    if (await vscode.env.openExternal(external)) opened.push(external.toString(true));
  }
  if (jobs.length > 0 && jobs.every(({ url }) => url === null)) void vscode.window.showInformationMessage(none);
  return opened;
};

/** Handles a click in the tree. */
export const open: Handler = async (app) => {
  const [node] = app.selection();
  if (node?.type === 'more') app.model.wantMore(node.session, node.kind);
  if (node?.type === 'job') await showOutput(app, [node]);
};

/** The log that is not empty; the user's choice when both are not. */
async function pickLog(run: Run): Promise<string | undefined> {
  const { stdout, stderr } = run.logs;
  if (stderr === null || run.stderrBytes === 0) return stdout;
  if (run.stdoutBytes === 0) return stderr;
  const items = [
    { label: 'stdout', description: bytes(run.stdoutBytes), path: stdout },
    { label: 'stderr', description: bytes(run.stderrBytes), path: stderr },
  ];
  return (await vscode.window.showQuickPick(items, { title: t('Select a Log') }))?.path;
}

async function openFile(path: string): Promise<void> {
  const uri = vscode.Uri.file(path);
  const { size } = await stat(path);
  if (size > largeFile) {
    const [open, copy, reveal] = [t('Open Anyway'), t('Copy Path'), t('Reveal')];
    const text = t('This log is {0} and can be slow to open: {1}', bytes(size), path);
    const choice = await vscode.window.showWarningMessage(text, open, copy, reveal);
    if (choice === copy) await vscode.env.clipboard.writeText(path);
    if (choice === reveal) await vscode.commands.executeCommand('revealFileInOS', uri);
    if (choice !== open) return;
  }
  await vscode.commands.executeCommand('vscode.open', uri);
}
