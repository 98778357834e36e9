import { createRequire } from 'node:module';
import * as vscode from 'vscode';
import type { Job, Run } from '../../api/job.ts';
import { linesBundle } from '../../bundles.ts';
import { bytes, jobTitle } from '../../text/grammar.ts';
import type * as Lines from '../../text/lines.ts';
import { logScheme } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import { logUri, readLogUri, runOf } from '../output/logDocuments.ts';
import { inform } from './acting.ts';
import { targets, type App, type Handler } from './app.ts';

/** The editor is slow with longer documents (bytes). */
const largeLog = 20 * 1024 ** 2;
/** What is shown of them (bytes). */
const shownEnd = 5 * 1024 ** 2;

/** After an id, a run can be passed. */
export const openLog: Handler = async (app, args) => {
  const question = { flag: 'log', title: t('Open Logs'), none: t('No jobs have run.') } as const;
  const { jobs, given } = await targets(app, args, question);
  for (const job of jobs) {
    const run = runOf(job, typeof given === 'number' ? given : job.run);
    if (run) await openRun(job, run);
  }
};

async function openRun(job: Job, run: Run): Promise<void> {
  const size = run.stdoutBytes + run.stderrBytes;
  if (size <= largeLog) return show(logUri(job, run.number));
  const [last, reveal, anyway] = [t('Show Last 5 MB'), t('Reveal in File Manager'), t('Open Anyway')];
  const text = t('This log is {0} and can be slow to open.', bytes(size));
  const choice = await vscode.window.showWarningMessage(text, last, reveal, anyway);
  const path = vscode.Uri.file(
    run.stdoutBytes >= run.stderrBytes ? run.logs.stdout : (run.logs.stderr ?? run.logs.stdout),
  );
  if (choice === last) await show(logUri(job, run.number, { last: shownEnd }));
  if (choice === reveal) await vscode.commands.executeCommand('revealFileInOS', path);
  if (choice === anyway) await vscode.commands.executeCommand('vscode.open', path);
}

/** At the end, where the newest lines are. */
async function show(uri: vscode.Uri): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  const editor = await vscode.window.showTextDocument(document, { preview: false });
  const end = document.lineAt(document.lineCount - 1).range;
  editor.revealRange(end);
}

/** Of the log in the active editor. */
export const toggleTimestamps: Handler = async () => {
  const editor = activeLog();
  if (!editor) return inform(t('Open the log of a job first.'));
  const { uri, lineCount } = editor.document;
  const query = readLogUri(uri);
  const other = uri.with({ query: JSON.stringify({ ...query, times: !query.times }) });
  const line = Math.min(editor.visibleRanges[0]?.start.line ?? 0, lineCount - 1);
  const document = await vscode.workspace.openTextDocument(other);
  await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  const shown = await vscode.window.showTextDocument(document, { preview: false });
  shown.revealRange(new vscode.Range(line, 0, line, 0), vscode.TextEditorRevealType.AtTop);
};

/** In the log in the active editor. */
export const goToFirstError: Handler = () => {
  const editor = activeLog();
  if (!editor) return Promise.resolve(inform(t('Open the log of a job first.')));
  const { wrong } = createRequire(linesBundle)(linesBundle) as typeof Lines;
  const match = new RegExp(wrong.slice('(?i)'.length), 'i').exec(editor.document.getText());
  if (!match) return Promise.resolve(inform(t('No line of this log mentions an error.')));
  const { range } = editor.document.lineAt(editor.document.positionAt(match.index));
  editor.selection = new vscode.Selection(range.start, range.start);
  editor.revealRange(range, vscode.TextEditorRevealType.InCenter);
  return Promise.resolve(range.start.line);
};

/** The last two runs, or those that are passed after an id. */
export const compareRuns: Handler = async (app, args) => {
  const title = t('Compare with Previous Run');
  const none = t('No jobs have run more than once.');
  const { jobs } = await targets(app, idOfActiveLog(app, args), { flag: 'compare', title, none });
  const [job] = jobs;
  const [before, after] = job?.runs.slice(-2) ?? [];
  if (!job || !before || !after) return;
  const name = t('{0}: run {1} and run {2}', jobTitle(job), before.number, after.number);
  await vscode.commands.executeCommand('vscode.diff', logUri(job, before.number), logUri(job, after.number), name);
};

/** The command in the title of an editor gets the URI of the document. */
function idOfActiveLog(_app: App, args: unknown[]): unknown[] {
  const [uri] = args;
  return uri instanceof vscode.Uri && uri.scheme === logScheme ? [readLogUri(uri).jobId] : args;
}

function activeLog(): vscode.TextEditor | undefined {
  const editor = vscode.window.activeTextEditor;
  return editor?.document.uri.scheme === logScheme ? editor : undefined;
}
