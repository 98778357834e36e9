import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { isRecord } from '../../api/values.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { Job } from '../../api/job.ts';
import type { Dependency, StartRequest } from '../../api/options.ts';
import { commandText } from '../../text/grammar.ts';
import type { JobStart } from '../base/jobStart.ts';
import { t } from '../base/l10n.ts';
import { startJob } from '../host/startJob.ts';
import { pickStart } from '../start/startPick.ts';
import {
  askAgain,
  askWhen,
  pickFolder,
  prepareStart,
  withLiveInput,
  withName,
  type StartChoice,
  type When,
} from '../start/startQuestions.ts';
import { fillTask } from '../tasks/fill.ts';
import { TaskGraph } from '../tasks/taskGraph.ts';
import { templateNamed } from '../tasks/templates.ts';
import { needsTaskSystem, taskNamed } from '../tasks/workspaceTasks.ts';
import { inform, pickDependencies, startShown, targets, trusted, type App } from './app.ts';

/** With a request, or the name of a template or a task, as an argument it does not show the list. */
export const start = trusted(async (app, [given]) => {
  if (isRecord(given) && ('command' in given || 'argv' in given || 'codingAgent' in given)) {
    const request: Partial<StartRequest> = given;
    const cwd = request.cwd ?? (await pickFolder());
    return cwd === undefined ? undefined : startJob(app, { request: { ...request, cwd } });
  }
  const state = app.context.workspaceState;
  const choice = isRecord(given) ? await named(given) : await pickStart(state);
  if (choice?.type === 'task') return startTask(app, choice, !isRecord(given));
  const prepared = choice && (await prepareStart(choice, state));
  return prepared && startShown(app, prepared);
});

async function named({ template, task, folder }: Record<string, unknown>): Promise<StartChoice | undefined> {
  const place = folder === undefined ? undefined : workspaceFolder(folder);
  if (typeof template === 'string') {
    const found = templateNamed(template, place?.uri.fsPath);
    return { type: 'template', template: place ? { ...found, folder: place.uri.fsPath } : found, liveInput: false };
  }
  if (typeof task !== 'string') return undefined;
  return { type: 'task', task: await taskNamed(task, place, place === undefined), liveInput: false };
}

/**
 * @param named a name, a path or a URI
 * @throws BgJobsError `invalid_request` that names the folders there are
 */
function workspaceFolder(named: unknown): vscode.WorkspaceFolder {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const found = folders.find(({ name, uri }) => [name, uri.fsPath, uri.toString()].includes(String(named)));
  if (found) return found;
  const known = folders.map(({ name }) => name).join(', ') || t('none');
  throw new BgJobsError(
    'invalid_request',
    t('There is no folder "{0}" in this workspace. There are: {1}.', String(named), known),
  );
}

/** A command is a job like any other, unless the task system has something to do with it. */
async function startTask(app: App, choice: StartChoice<'task'>, asksName: boolean): Promise<Job | undefined> {
  const { task } = choice;
  if (task.what.type === 'job') return void (await vscode.tasks.executeTask(task.task));
  if (task.what.type === 'compound' || needsTaskSystem(task)) {
    const job = await new TaskGraph(app.tasks).run(task, (filled) => withLiveInput(filled, choice));
    if (job) await app.reveal(job.id);
    return job;
  }
  const filled = fillTask(task, task.what.execution, app.tasks.answers());
  const prepared = await (asksName ? withName(filled, task.name) : filled);
  return prepared && startShown(app, withLiveInput(prepared, choice));
}

/** The selected text, or the line of the cursor, as a script for the shell. */
export const startSelection = trusted(async (app) => {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return inform(t('Select a command in an editor first.'));
  const { document, selection } = editor;
  const range = selection.isEmpty ? document.lineAt(selection.active.line).range : selection;
  const command = document.getText(range).replaceAll('\r\n', '\n').trim();
  if (command === '') return inform(t('There is nothing to run on this line.'));
  const folder = vscode.workspace.getWorkspaceFolder(document.uri)?.uri.fsPath;
  const cwd = folder ?? (document.uri.scheme === 'file' ? dirname(document.uri.fsPath) : await pickFolder());
  return cwd === undefined ? undefined : startShown(app, { request: { command, cwd } });
});

/** Prompts for what to start, when, after which jobs, and whether to retry. */
export const startWithOptions = trusted(async (app) => {
  const title = t('Start Job with Options');
  const state = app.context.workspaceState;
  const choice = await pickStart(state);
  const prepared = await (choice?.type === 'task' ? prepareTask(app, choice) : choice && prepareStart(choice, state));
  const when = prepared && (await askWhen(title));
  const dependsOn = when && (await askAfter(app, title, when));
  const again = dependsOn && (await askAgain(title));
  if (!prepared || !again) return;
  const after = dependsOn.length > 0 ? { dependsOn } : {};
  return startShown(app, { ...prepared, request: { ...prepared.request, ...when, ...again, ...after } });
});

/** @throws BgJobsError `invalid_request` for a task that is more than one command */
async function prepareTask(app: App, choice: StartChoice<'task'>): Promise<JobStart | undefined> {
  const { task } = choice;
  const { name, what } = task;
  if (what.type !== 'command' || needsTaskSystem(task)) {
    const text = t(
      'The task "{0}" consists of more than one command. Use "Start Job" to run it without options.',
      name,
    );
    throw new BgJobsError('invalid_request', text);
  }
  const filled = await withName(fillTask(task, what.execution, app.tasks.answers()), name);
  return filled && withLiveInput(filled, choice);
}

/** A schedule waits for its times alone. */
async function askAfter(app: App, title: string, when: When): Promise<Dependency[] | undefined> {
  if (when.cron !== undefined) return [];
  const at = t("Don't Wait");
  const items = [at, t('After Other Jobs…')];
  const how = await vscode.window.showQuickPick(items, { title, placeHolder: t('Wait for other jobs?') });
  if (how === undefined) return undefined;
  return how === at ? [] : pickDependencies(app, title);
}

/** After an id, the command line can be passed. */
export const rerunWithEdits = trusted(async (app, args) => {
  const title = t('Rerun with Edits');
  const { jobs, given } = await targets(app, args, { flag: 'rerun', title, none: t('No jobs to rerun.') });
  const [job] = jobs;
  if (!job) return;
  const line = typeof given === 'string' ? given : await askLine(title, job);
  if (!line) return;
  const what = line === commandText(job) && job.argv ? { argv: job.argv } : { command: line };
  return startShown(app, { request: { ...sameOptions(job), ...what } });
});

async function askLine(title: string, job: Job): Promise<string | undefined> {
  const { env } = job.options;
  const lost = t('These environment values are no longer known: {0}', env.join(', '));
  const prompt = t('Command line of the new job, which runs in {0}', job.cwd);
  const typed = await vscode.window.showInputBox({
    title,
    prompt: env.length === 0 ? prompt : `${prompt}. ${lost}`,
    value: commandText(job),
    ignoreFocusOut: true,
  });
  return typed?.trim();
}

/** The recorded options of a start, without those that belong to that start alone: time, dependencies, key. */
function sameOptions({ cwd, session, tags, priority, name, argv, options }: Job): JobStart['request'] {
  const { graceMs, capture, maxLogBytes, leftovers, limits } = options;
  const { timeoutMs, idleTimeoutMs, retry, restart, mutex, readyWhen } = options;
  const shell = argv ? null : options.shell;
  const optional = { name, shell, timeoutMs, idleTimeoutMs, retry, restart, mutex, readyWhen };
  return {
    ...{ cwd, session, tags, priority, graceMs, capture, maxLogBytes, leftovers, limits },
    ...(options.stdin === 'pipe' && { stdin: { type: 'pipe' as const } }),
    ...definedOnly(optional),
  };
}

type DefinedOnly<T> = { [Key in keyof T]?: NonNullable<T[Key]> };

function definedOnly<T extends Record<string, unknown>>(values: T): DefinedOnly<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as DefinedOnly<T>;
}
