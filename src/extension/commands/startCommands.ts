import { dirname } from 'node:path';
import * as vscode from 'vscode';
import type { Job } from '../../api/job.ts';
import type { Dependency, StartRequest } from '../../api/options.ts';
import { t } from '../base/l10n.ts';
import { fillTask } from '../tasks/fill.ts';
import { History } from '../start/history.ts';
import { pickFolder } from '../start/startFolder.ts';
import { prepareStart, withLiveInput, withName, pickStart, type StartChoice } from '../start/startPick.ts';
import { type JobStart, jobEnvironment } from '../base/jobStart.ts';
import { startJob } from '../host/startJob.ts';
import { isRecord } from '../base/readableText.ts';
import { templateNamed } from '../tasks/templates.ts';
import { needsTaskSystem, taskNamed } from '../tasks/workspaceTasks.ts';
import { TaskGraph } from '../tasks/taskGraph.ts';
import { requireTrust } from '../base/trust.ts';
import { type App, type Handler, targets } from './app.ts';
import { BgJobsError } from '../../api/errors.ts';
import { askAgain, askWhen, type When } from '../start/startOptions.ts';
import { pickDependencies } from '../view/jobPick.ts';
import { commandText, jobTitle } from '../../text/grammar.ts';
import { askAgent, askPrompt } from '../start/agentPick.ts';

/** With a request, or the name of a template or a task, as an argument it does not show the list. */
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

/** Prompts for what to start, when, after which jobs, and whether to retry. */
export const startWithOptions: Handler = async (app) => {
  if (!(await requireTrust())) return;
  const title = t('Start Job with Options');
  const history = new History(app.context.workspaceState);
  const choice = await pickStart(history.list());
  const prepared = choice && (await prepareWithOptions(choice, history));
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
async function prepareWithOptions(choice: StartChoice, history: History): Promise<JobStart | undefined> {
  if (choice.type !== 'task') return prepareStart(choice, history);
  const { task } = choice;
  if (task.what.type === 'job' || task.what.type === 'compound' || needsTaskSystem(task)) {
    const text = t(
      'The task "{0}" consists of more than one command. Use "Start Job" to run it without options.',
      task.name,
    );
    throw new BgJobsError('invalid_request', text);
  }
  const filled = await withName(fillTask(task, task.what.execution), task.name);
  return filled && withLiveInput(filled, choice);
}

/** A schedule waits for its times alone. */
async function askAfter(app: App, title: string, when: When): Promise<Dependency[] | undefined> {
  if (when.cron !== undefined) return [];
  const at = t("Don't Wait");
  const after = t('After Other Jobs…');
  const how = await vscode.window.showQuickPick([at, after], { title, placeHolder: t('Wait for other jobs?') });
  if (how === undefined) return undefined;
  if (how === at) return [];
  return pickDependencies(
    { service: await app.connection.need(), session: app.session(), model: app.model },
    { title, of: [] },
  );
}

/** After an id, the command line can be passed. */
export const rerunWithEdits: Handler = async (app, args) => {
  if (!(await requireTrust())) return;
  const title = t('Rerun with Edits');
  const { jobs, byId } = await targets(app, args, { flag: 'rerun', title, none: t('No jobs to rerun.') });
  const [job] = jobs;
  if (!job) return;
  const line = byId && typeof args[1] === 'string' ? args[1] : await askLine(title, job);
  if (!line) return;
  const what = line === commandText(job) && job.argv ? { argv: job.argv } : { command: line };
  const made = await startJob(app, { request: { ...sameOptions(job), ...what } });
  await app.reveal(made.id);
  return made;
};

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
function sameOptions(job: Job): Partial<StartRequest> & { cwd: string } {
  const { shell, timeoutMs, idleTimeoutMs, graceMs, stdin, capture, maxLogBytes, leftovers, limits } = job.options;
  const { retry, restart, mutex, readyWhen } = job.options;
  return {
    cwd: job.cwd,
    session: job.session,
    tags: job.tags,
    priority: job.priority,
    graceMs,
    capture,
    maxLogBytes,
    leftovers,
    limits,
    ...(stdin === 'pipe' && { stdin: { type: 'pipe' as const } }),
    ...definedOnly({
      name: job.name,
      shell: job.argv ? null : shell,
      timeoutMs,
      idleTimeoutMs,
      retry,
      restart,
      mutex,
      readyWhen,
    }),
  };
}

type DefinedOnly<T> = { [Key in keyof T]?: NonNullable<T[Key]> };

function definedOnly<T extends Record<string, unknown>>(values: T): DefinedOnly<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as DefinedOnly<T>;
}

export const startAgent: Handler = async (app) => {
  if (!(await requireTrust())) return;
  const codingAgent = await askAgent(app.context.workspaceState);
  if (!codingAgent) return;
  const cwd = await pickFolder();
  if (cwd === undefined) return;
  const job = await startJob(app, { request: { codingAgent, cwd } });
  await app.reveal(job.id);
  return job;
};

/** After an id, the prompt can be passed. */
export const continueAgent: Handler = async (app, args) => {
  if (!(await requireTrust())) return;
  const question = {
    flag: 'continue',
    title: t('Continue Agent Session'),
    none: t('No finished agent jobs.'),
  } as const;
  const { service, jobs, byId } = await targets(app, args, question);
  const [job] = jobs;
  if (!job) return;
  const prompt = byId && typeof args[1] === 'string' ? args[1] : await askPrompt(jobTitle(job));
  if (prompt === undefined) return;
  const next = await service.continueJob(job.id, { prompt, inheritEnv: jobEnvironment(process.env) });
  await app.reveal(next.id);
  return next;
};
