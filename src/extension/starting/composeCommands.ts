import * as vscode from 'vscode';
import { composeBundle } from '../../bundles.ts';
import type * as Compose from '../../compose/main.ts';
import type { Difference, Project } from '../../compose/project.ts';
import type { Outcome } from '../../compose/up.ts';
import { jobEnvironment } from '../base/jobStart.ts';
import { number, t } from '../base/l10n.ts';
import { pickMany } from '../base/pickMany.ts';
import { withoutIcons, withoutLinks } from '../base/readableText.ts';
import { shell } from '../base/settings.ts';
import { inform } from '../commands/acting.ts';
import { trusted, type Handler } from '../commands/app.ts';

/** Starts jobs that a file describes, those without a profile unless others are chosen. */
export const composeUp = trusted(async ({ connection }, [given]) => {
  const file = await chooseFile(given);
  if (file === undefined) return;
  // What an editor shows is what is started.
  await vscode.workspace.textDocuments.find(({ uri, isDirty }) => isDirty && uri.fsPath === file)?.save();
  const { readProject, up } = await loadCompose();
  const env = jobEnvironment(process.env);
  const project = readProject(file, env);
  const chosen = await chooseJobs(project);
  if (!chosen || chosen.length === 0) return;
  const isUsual = project.jobs.every(({ name, profiles }) => chosen.includes(name) === (profiles.length === 0));
  const ownShell = shell();
  const outcomes = await up(await connection.need(), project, {
    names: isUsual ? [] : chosen,
    complete: (request) => ({
      inheritEnv: env,
      ...(request.command !== undefined && ownShell !== undefined && { shell: ownShell }),
      ...request,
    }),
  });
  report(project, outcomes);
  return outcomes;
});

/** Stopping is possible in Restricted Mode, too. */
export const composeDown: Handler = async ({ connection }, [given]) => {
  const file = await chooseFile(given);
  if (file === undefined) return;
  const { down } = await loadCompose();
  const results = await down(await connection.need(), file, []);
  inform(
    results.length === 0
      ? t('No jobs of {0} are running.', vscode.workspace.asRelativePath(file))
      : t('Jobs stopped: {0}', number(results.length)),
  );
  return results;
};

async function loadCompose(): Promise<typeof Compose> {
  return (await import(composeBundle())) as typeof Compose;
}

const notSearched = '**/{node_modules,.vscode-test,.git,vendor,.venv}/**';
const mostFiles = 100;

/** The file of a menu, or the only one of the workspace, or the one that the user selects. */
async function chooseFile(given: unknown): Promise<string | undefined> {
  if (given instanceof vscode.Uri) return given.fsPath;
  const { projectFiles } = await loadCompose();
  const found = await vscode.workspace.findFiles(`**/{${projectFiles.join(',')},Procfile.*}`, notSearched, mostFiles);
  const files = found.map(({ fsPath }) => fsPath).sort();
  if (files.length === 0)
    return inform(t('There is no bgjobs.yaml, process-compose.yaml or Procfile in the workspace.'));
  if (files.length === 1) return files[0];
  const items = files.map((file) => ({ label: withoutIcons(vscode.workspace.asRelativePath(file)), file }));
  return (await vscode.window.showQuickPick(items, { placeHolder: t('Select a file with jobs') }))?.file;
}

async function chooseJobs({ jobs }: Project): Promise<string[] | undefined> {
  const items = jobs.map(({ name, profiles, request: { command, argv } }) => ({
    label: withoutIcons(name),
    description: withoutIcons(command ?? argv?.join(' ') ?? ''),
    picked: profiles.length === 0,
    name,
  }));
  const words = { title: t('Start Jobs of a File'), placeHolder: t('Select the jobs to start') };
  return (await pickMany(items, words))?.map(({ name }) => name);
}

/** What was done, and what in the file means something else here. */
function report({ file, differences }: Project, outcomes: readonly Outcome[]): void {
  const failed = outcomes.flatMap(({ name, error }) => (error ? `${name}: ${error.message}` : []));
  const started = outcomes.filter(({ action }) => action === 'started').length;
  const changed = outcomes.flatMap(({ name, action }) => (action === 'changed' ? name : []));
  const parts = [
    t('Jobs started: {0}', number(started)),
    ...(changed.length > 0 ? [t('Running as before the file was changed: {0}', changed.join(', '))] : []),
    ...(differences.length > 0 ? [t('Differences in what the file means: {0}', number(differences.length))] : []),
  ];
  if (failed.length > 0) void vscode.window.showErrorMessage(withoutLinks(failed.join('\n')));
  const show = t('Show Differences');
  const buttons = differences.length > 0 ? [show] : [];
  void vscode.window.showInformationMessage(withoutLinks(`${parts.join('. ')}.`), ...buttons).then((button) => {
    return button === show ? showDifferences(file, differences) : undefined;
  });
}

async function showDifferences(file: string, differences: readonly Difference[]): Promise<void> {
  const lines = differences.map(({ line, field, text }) => `${file}:${line}: ${field}: ${text}`);
  const document = await vscode.workspace.openTextDocument({ content: `${lines.join('\n')}\n` });
  await vscode.window.showTextDocument(document);
}
