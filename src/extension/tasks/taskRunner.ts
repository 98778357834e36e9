import * as vscode from 'vscode';
import { BgJobsError } from '../../protocol/errors.ts';
import type { Job } from '../../protocol/job.ts';
import type { App } from '../commands/app.ts';
import { taskType } from '../ids.ts';
import { t } from '../l10n.ts';
import { cannotRun } from '../start/cannotRun.ts';
import { startJob, type JobStart } from '../start/startJob.ts';
import type { RunnableTask } from '../start/workspaceTasks.ts';
import { JobsOfTasks } from './jobsOfTasks.ts';
import { JobTerminal } from './jobTerminal.ts';
import { TaskOutput } from './taskOutput.ts';
import { taskStart, type JobTask } from './taskStart.ts';

/** A task that has been started. */
export interface TaskRun {
  /** Undefined when it came to none. */
  job: Promise<Job | undefined>;
  /** When others may begin that depend on it: whether it has succeeded, or does its work in the background. */
  settled: Promise<boolean>;
}

/** Runs tasks as jobs, in terminals of the editor's task system. */
export class TaskRunner {
  readonly #app: Pick<App, 'connection' | 'model' | 'session'>;
  readonly #jobs: JobsOfTasks;
  /** By task: what was found in its last run. */
  readonly #outputs = new Map<string, TaskOutput>();
  readonly #background = new Map<string, TaskRun>();

  constructor(app: Pick<App, 'connection' | 'model' | 'session' | 'context'>) {
    this.#app = app;
    this.#jobs = new JobsOfTasks(app.context.workspaceState);
  }

  /** The terminal of a task of our type, whose problem matchers the editor applies itself. */
  terminalOf({ scope, ...task }: Omit<JobTask, 'folder'> & { scope: vscode.Task['scope'] }): vscode.Pseudoterminal {
    const folder = typeof scope === 'object' ? scope : vscode.workspace.workspaceFolders?.[0];
    const key = JSON.stringify([folder?.uri.toString(), task.name, task.definition]);
    return new JobTerminal({
      app: this.#app,
      start: () => {
        if (!folder) throw new BgJobsError('invalid_request', cannotRun(task.name, t('it belongs to no folder')));
        return this.#start(key, () => taskStart({ ...task, folder }));
      },
      onRelease: (jobId) => this.#jobs.hide(jobId),
    });
  }

  /**
   * Runs a task of tasks.json as one of our type. Named problem matchers are applied by the editor; it takes no others
   * from an extension, so these are applied here.
   */
  async run({ name, task, folder, described }: RunnableTask, start: JobStart): Promise<TaskRun> {
    const key = keyOf(folder, name);
    this.#outputs.get(key)?.dispose();
    const matchers = described?.problemMatcher ?? [];
    const job = Promise.withResolvers<Job | undefined>();
    const settled = Promise.withResolvers<boolean>();
    const output = new TaskOutput({ name, folder: folder.uri.fsPath, matchers, done: () => settled.resolve(true) });
    this.#outputs.set(key, output);
    const isBackground = described?.isBackground ?? task.isBackground;
    const terminal = new JobTerminal({
      app: this.#app,
      start: async () => {
        const started = await this.#start(key, () => Promise.resolve(start));
        job.resolve(started);
        if (isBackground && !output.tellsWhenDone) settled.resolve(true);
        return started;
      },
      onText: (text) => output.push(text),
      onEnd: (exitCode) => {
        output.end();
        job.resolve(undefined);
        settled.resolve(exitCode === 0);
        this.#background.delete(key);
      },
      onRelease: (jobId) => this.#jobs.hide(jobId),
    });
    const run = { job: job.promise, settled: settled.promise };
    if (isBackground) this.#background.set(key, run);
    const execution = new vscode.CustomExecution(() => Promise.resolve(terminal));
    const named = matchers.filter((matcher) => typeof matcher === 'string');
    const wrapped = new vscode.Task({ type: taskType, task: name }, folder, name, task.source, execution, named);
    wrapped.isBackground = isBackground;
    wrapped.presentationOptions = task.presentationOptions;
    await vscode.tasks.executeTask(wrapped);
    return run;
  }

  /** A task in the background that runs already is not started again for one that depends on it. */
  runningInBackground({ folder, name }: RunnableTask): TaskRun | undefined {
    return this.#background.get(keyOf(folder, name));
  }

  dispose(): void {
    for (const output of this.#outputs.values()) output.dispose();
  }

  async #start(key: string, prepare: () => Promise<JobStart | undefined>): Promise<Job | undefined> {
    if (!vscode.workspace.isTrusted) {
      throw new BgJobsError('invalid_request', t('This workspace is not trusted: nothing is started.'));
    }
    const left = await this.#jobs.leftOf(key, await this.#app.connection.need());
    const start = left ? undefined : await prepare();
    const job = left ?? (start && (await startJob(this.#app, start)));
    if (job) await this.#jobs.show(key, job.id);
    return job;
  }
}

function keyOf(folder: vscode.WorkspaceFolder, name: string): string {
  return JSON.stringify([folder.uri.toString(), name]);
}
