import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { isActive, isRecord } from '../../api/values.ts';
import type { JobService } from '../../api/endpoints.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { Job } from '../../api/job.ts';
import type { StartRequest } from '../../api/options.ts';
import { commandText, jobTitle, shorten } from '../../text/grammar.ts';
import type { JobStart } from '../base/jobStart.ts';
import { t } from '../base/l10n.ts';
import { pickFolder } from '../base/pickFolder.ts';
import { withoutLinks } from '../base/readableText.ts';
import { inform } from '../commands/acting.ts';
import { pickDependencies, startShown, targets, trusted, type App } from '../commands/app.ts';
import { startJob } from '../host/startJob.ts';
import type { StartChoice } from '../start/choice.ts';
import { startOf, updateOf } from '../start/jobEdit.ts';
import { askOptions } from '../start/optionsPage.ts';
import { prepareStart, withLiveInput } from '../start/prepareStart.ts';
import { saveAsTemplate as saveStart } from '../start/saveTemplate.ts';
import { pickStart } from '../start/startPick.ts';
import { fillTask } from '../tasks/fill.ts';
import { TaskGraph } from '../tasks/taskGraph.ts';
import { templateNamed } from '../tasks/templates.ts';
import { needsTaskSystem, taskNamed } from '../tasks/workspaceTasks.ts';

/** With a request, a choice, or the name of a template or a task, as an argument it does not show the list. */
export const start = trusted(async (app, [given]) => {
  if (isRecord(given) && ('command' in given || 'argv' in given || 'codingAgent' in given)) {
    const request: Partial<StartRequest> = given;
    const cwd = request.cwd ?? (await pickFolder());
    return cwd === undefined ? undefined : startJob(app, { request: { ...request, cwd } });
  }
  if (isRecord(given) && 'choice' in given) return startChoice(app, given['choice'] as StartChoice);
  const choice = isRecord(given) ? await named(given) : await pickStart(app.context.workspaceState);
  return choice && startChoice(app, choice);
});

/** The same for the palette, where people search for these words. */
export const runInBackground = start;

/** Prompts for what to start, and shows all its options before it starts. */
export const startWithOptions = trusted(async (app) => {
  const choice = await pickStart(app.context.workspaceState, true);
  return choice && startChoice(app, choice);
});

/** Asks what is left open, and starts it. */
async function startChoice(app: App, choice: StartChoice): Promise<unknown> {
  if (choice.type === 'task' && !choice.withOptions && isMoreThanCommand(choice)) return startTask(app, choice);
  const prepared = await (choice.type === 'task'
    ? prepareTask(app, choice)
    : prepareStart(choice, app.context.workspaceState));
  if (!prepared) return offerAgain(titleOf(choice), () => startChoice(app, choice));
  if (!choice.withOptions) return startShown(app, prepared);
  const title = t('Start Job with Options');
  return startFromPage(app, { title, start: prepared, back: () => startWithOptions(app, []) });
}

function titleOf(choice: StartChoice): string {
  if (choice.type === 'line') return choice.line.command;
  return choice.type === 'task' ? choice.task.name : choice.template.name;
}

/** A question was left: what has been chosen is not lost without a word. */
function offerAgain(what: string, again: () => Promise<unknown>, isEdited = false): undefined {
  const edit = t('Continue');
  const name = shorten(what, 100);
  const text = isEdited ? t('"{0}" was not changed.', name) : t('"{0}" was not started.', name);
  void vscode.window.showInformationMessage(withoutLinks(text), edit).then((choice) => choice === edit && again());
}

interface Page {
  title: string;
  start: JobStart;
  back?: () => Promise<unknown>;
  lostVariables?: readonly string[];
  /** Makes sure that it may start. @returns whether it may */
  mayStart?: () => Promise<boolean>;
  /** The job that gets the options, in place of a new one. */
  edited?: Job;
}

/** Shows the options of a start until it is started or saved, or left. What was changed can be taken up again. */
async function startFromPage(app: App, page: Page): Promise<unknown> {
  const { title, start: before, back, lostVariables = [], mayStart, edited } = page;
  const answer = await askOptions({
    title,
    start: before,
    hasBack: back !== undefined,
    lostVariables,
    pickDependencies: (chosen) => pickDependencies(app, title, edited ? [edited] : [], chosen),
    ...(edited && { edited }),
  });
  const again = (): Promise<unknown> => startFromPage(app, { ...page, start: answer.start });
  if (answer.type === 'back') return back?.();
  if (answer.type === 'canceled') {
    const { command = null, argv = null, name } = answer.start.request;
    const what = name ?? commandText({ command, argv });
    return answer.isChanged ? offerAgain(what, again, edited !== undefined) : undefined;
  }
  if (mayStart && !(await mayStart())) return again();
  try {
    return await (edited ? saveEdits(app, edited, answer.start) : startShown(app, answer.start));
  } catch (error) {
    if (!(error instanceof BgJobsError)) throw error;
    const edit = t('Continue');
    const said = vscode.window.showErrorMessage(withoutLinks(error.message), edit);
    return void said.then((choice) => choice === edit && again());
  }
}

async function named({ template, task, folder }: Record<string, unknown>): Promise<StartChoice | undefined> {
  const place = folder === undefined ? undefined : workspaceFolder(folder);
  if (typeof template === 'string') {
    const found = templateNamed(template, place?.uri.fsPath);
    return {
      type: 'template',
      template: place ? { ...found, folder: place.uri.fsPath } : found,
      liveInput: false,
      withOptions: false,
    };
  }
  if (typeof task !== 'string') return undefined;
  return {
    type: 'task',
    task: await taskNamed(task, place, place === undefined),
    liveInput: false,
    withOptions: false,
  };
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

/** For more than one command, and for problem matchers. */
function isMoreThanCommand({ task }: StartChoice<'task'>): boolean {
  return task.what.type !== 'command' || needsTaskSystem(task);
}

async function startTask(app: App, choice: StartChoice<'task'>): Promise<Job | undefined> {
  const { task } = choice;
  if (task.what.type === 'job') return void (await vscode.tasks.executeTask(task.task));
  const job = await new TaskGraph(app.tasks).run(task, (filled) => withLiveInput(filled, choice));
  if (job) await app.showStarted(job.id);
  return job;
}

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
  const filled = await fillTask(task, what.execution, app.tasks.answers());
  return filled && withLiveInput(filled, choice);
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

/** After an id, the command line can be passed: then nothing is asked. */
export const rerunWithEdits = trusted(async (app, args) => {
  const title = t('Rerun with Edits');
  const { service, jobs, given } = await targets(app, args, { flag: 'rerun', title, none: t('No jobs to rerun.') });
  const [job] = jobs;
  if (!job) return;
  const request = requestOf(job);
  if (typeof given === 'string') {
    const { argv: _, ...others } = request;
    return startShown(app, { request: given === commandText(job) ? request : { ...others, command: given } });
  }
  return startFromPage(app, {
    title,
    start: { request },
    lostVariables: job.options.env,
    mayStart: () => mayStartAnother(app, service, job.id),
  });
});

/** Changes a job that has not started. */
export const edit = trusted(async (app, args) => {
  const title = t('Edit Job');
  const { jobs } = await targets(app, args, { flag: 'edit', title, none: t('No waiting jobs to edit.') });
  const [job] = jobs;
  return job && startFromPage(app, { title, start: startOf(job), edited: job });
});

async function saveEdits(app: App, job: Job, start: JobStart): Promise<Job> {
  const update = updateOf(job, start);
  return update ? (await app.connection.need()).updateJob(job.id, update) : job;
}

/** Saves what a job was started with in the settings. */
export const saveAsTemplate = trusted(async (app, args) => {
  const title = t('Save as Template');
  const { jobs } = await targets(app, args, { flag: 'rerun', title, none: t('There are no jobs.') });
  const [job] = jobs;
  if (job) await saveStart(title, { request: requestOf(job) });
});

function requestOf(job: Job): JobStart['request'] {
  return { ...sameOptions(job), ...(job.argv ? { argv: job.argv } : { command: job.command ?? '' }) };
}

/** Prompts when the job that is started again still runs. */
async function mayStartAnother(app: App, service: JobService, id: string): Promise<boolean> {
  const job = await service.getJob(id).catch(() => undefined);
  if (!job || !isActive(job.status)) return true;
  const [stop, another] = [t('Stop It First'), t('Start Another')];
  const text = t('"{0}" is still running. Stop the running one?', jobTitle(job));
  const choice = await vscode.window.showWarningMessage(text, { modal: true }, stop, another);
  if (choice !== stop) return choice === another;
  app.notifications.expect(job.id, job.run);
  await service.killJob(id);
  return true;
}

/** The recorded options of a start, without those that belong to that start alone: time, dependencies, key. */
function sameOptions({ cwd, session, tags, priority, name, argv, options }: Job): JobStart['request'] {
  const { graceMs, capture, maxLogBytes, whenFull, leftovers, limits } = options;
  const { timeoutMs, idleTimeoutMs, retry, restart, mutex, readyWhen } = options;
  const shell = argv ? null : options.shell;
  const optional = { name, shell, timeoutMs, idleTimeoutMs, retry, restart, mutex, readyWhen };
  return {
    ...{ cwd, session, tags, priority, graceMs, capture, maxLogBytes, whenFull, leftovers, limits },
    ...(options.tty && { tty: true }),
    ...(options.stdin === 'pipe' && { stdin: { type: 'pipe' as const } }),
    ...definedOnly(optional),
  };
}

type DefinedOnly<T> = { [Key in keyof T]?: NonNullable<T[Key]> };

function definedOnly<T extends Record<string, unknown>>(values: T): DefinedOnly<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as DefinedOnly<T>;
}
