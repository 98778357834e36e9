/**
 * `extension/tasks` finds the tasks and templates of the workspace and runs them as jobs. `start`, `commands` and `app`
 * import it; it imports `api` and the rooms below.
 */

import * as vscode from 'vscode';
import { BgJobsError } from '../../api/errors.ts';
import type { Job } from '../../api/job.ts';
import { taskType } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import { cannotRun, tasksFile, referenceTo, type RunnableTask } from './workspaceTasks.ts';
import { type JobStart, type ServiceSource } from '../base/jobStart.ts';
import type { JobModel } from '../model/jobModel.ts';
import { startJob } from '../host/startJob.ts';
import { resolveVariables } from '../definitions/taskVariables.ts';
import { variableScope } from './variableScope.ts';
import { JobsOfTasks } from './jobsOfTasks.ts';
import { JobTerminal } from '../terminal/jobTerminal.ts';
import { TaskOutput } from '../problems/problems.ts';

/** A task that has been started. */
export interface TaskRun {
  /** Undefined when none was started. */
  job: Promise<Job | undefined>;
  /** When others may begin that depend on it: whether it has succeeded, or does its work in the background. */
  settled: Promise<boolean>;
}

/** The task for which a terminal is opened. */
interface Beginning {
  /** Identifies the task for its dependents. */
  key: string;
  name: string;
  folder: string;
  isBackground: boolean;
  /** All of them, and those that the editor does not apply itself. */
  matchers: { all: readonly unknown[]; described: readonly unknown[] };
  /** The key under which its job is remembered. */
  memory: string;
  start: () => Promise<JobStart | undefined>;
}

export interface TaskRunnerDeps {
  connection: ServiceSource;
  model: JobModel;
  /** Storage of this workspace, for which job belongs to which task. */
  state: vscode.Memento;
  /** Of the jobs that this window starts. */
  session: () => string;
}

/** A task of our type, as the editor runs it. */
interface OwnTask {
  name: string;
  scope: vscode.Task['scope'];
  definition: vscode.TaskDefinition;
  start: (folder: vscode.WorkspaceFolder) => Promise<JobStart | undefined>;
}

/** Runs tasks as jobs, in terminals of the editor's task system. */
export class TaskRunner {
  readonly #deps: TaskRunnerDeps;
  readonly #jobs: JobsOfTasks;
  /** By task: what was found in its last run. */
  readonly #outputs = new Map<string, TaskOutput>();
  /** By task: its run, as long as it goes on. */
  readonly #running = new Map<string, TaskRun>();
  /** By task: callers that wait for the editor to open its terminal. */
  readonly #awaited = new Map<string, PromiseWithResolvers<TaskRun>>();

  constructor(deps: TaskRunnerDeps) {
    this.#deps = deps;
    this.#jobs = new JobsOfTasks(deps.state);
  }

  /** The terminal of a task of our type, whose problem matchers the editor applies itself. */
  terminalOf({ name, scope, definition, start }: OwnTask): vscode.Pseudoterminal {
    const folder = typeof scope === 'object' ? scope : vscode.workspace.workspaceFolders?.[0];
    const written = folder && tasksFile(folder).tasks.find(({ label, type }) => label === name && type === taskType);
    return this.#begin({
      key: keyOf(folder, taskType, name),
      name,
      folder: folder?.uri.fsPath ?? '',
      isBackground: written?.isBackground ?? false,
      matchers: { all: written?.problemMatcher ?? [], described: [] },
      memory: JSON.stringify([folder?.uri.toString(), name, definition]),
      start: () => {
        if (folder) return start(folder);
        throw new BgJobsError('invalid_request', cannotRun(name, t("it doesn't belong to a folder")));
      },
    });
  }

  /**
   * Has the editor run a task: one of our type as it is, any other of tasks.json as one of our type. When it runs
   * already, the editor asks what to do about that.
   * @param start for what is not of our type
   */
  async run(task: RunnableTask, start?: JobStart): Promise<TaskRun> {
    const key = keyOfTask(task);
    const running = this.#running.get(key);
    const awaited = this.#awaited.get(key) ?? Promise.withResolvers<TaskRun>();
    this.#awaited.set(key, awaited);
    await vscode.tasks.executeTask(start ? this.#wrapped(task, key, start) : task.task);
    return running ?? awaited.promise;
  }

  /** The current run of a task, which its dependents use instead of a second one. */
  running(task: RunnableTask): TaskRun | undefined {
    return this.#running.get(keyOfTask(task));
  }

  dispose(): void {
    for (const output of this.#outputs.values()) output.dispose();
  }

  /**
   * A task as one of our type. Named problem matchers are applied by the editor; it takes no others from an extension,
   * so these are applied here. The editor asks for a terminal each time it runs the task, also when somebody runs it
   * again.
   */
  #wrapped(runnable: RunnableTask, key: string, start: JobStart): vscode.Task {
    const { name, task, folder, described: written } = runnable;
    const matchers = written?.problemMatcher ?? [];
    const named = matchers.filter((matcher) => typeof matcher === 'string');
    const described = matchers.filter((matcher) => typeof matcher !== 'string');
    const isBackground = written?.isBackground ?? task.isBackground;
    const beginning = { key, name, folder: folder.uri.fsPath, isBackground, matchers: { all: matchers, described } };
    const execution = new vscode.CustomExecution(() =>
      Promise.resolve(this.#begin({ ...beginning, memory: key, start: () => Promise.resolve(start) })),
    );
    const definition = { type: taskType, task: referenceTo(runnable) };
    const wrapped = new vscode.Task(definition, folder, name, task.source, execution, named);
    wrapped.isBackground = isBackground;
    wrapped.presentationOptions = task.presentationOptions;
    return wrapped;
  }

  #begin({ key, name, folder, isBackground, matchers, memory, start }: Beginning): vscode.Pseudoterminal {
    this.#outputs.get(key)?.dispose();
    const job = Promise.withResolvers<Job | undefined>();
    const settled = Promise.withResolvers<boolean>();
    const run = { job: job.promise, settled: settled.promise };
    const done = (): void => settled.resolve(true);
    const output = new TaskOutput({
      name,
      resolve: (text) => resolveVariables(text, variableScope(folder)),
      matchers: matchers.all,
      described: matchers.described,
      done,
    });
    this.#outputs.set(key, output);
    this.#running.set(key, run);
    this.#awaited.get(key)?.resolve(run);
    this.#awaited.delete(key);
    return new JobTerminal({
      connection: this.#deps.connection,
      model: this.#deps.model,
      start: async (isClosed) => {
        const started = await this.#start(memory, start, isClosed);
        job.resolve(started);
        if (started && isBackground && !output.tellsWhenDone) settled.resolve(true);
        return started;
      },
      onText: (text) => output.push(text),
      onEnd: (exitCode) => {
        output.end();
        job.resolve(undefined);
        settled.resolve(exitCode === 0);
        if (this.#running.get(key) === run) this.#running.delete(key);
      },
      onLeave: (left) => this.#jobs.leave(memory, left),
      onRelease: (jobId) => this.#jobs.hide(jobId),
    });
  }

  async #start(
    memory: string,
    prepare: () => Promise<JobStart | undefined>,
    isClosed: () => boolean,
  ): Promise<Job | undefined> {
    if (!vscode.workspace.isTrusted) {
      throw new BgJobsError('invalid_request', t("Can't start jobs in Restricted Mode."));
    }
    const left = await this.#jobs.leftOf(memory, await this.#deps.connection.need());
    const start = left || isClosed() ? undefined : await prepare();
    const job = left ?? (start && !isClosed() ? await startJob(this.#deps, start) : undefined);
    if (job) await this.#jobs.show(memory, job.id);
    return job;
  }
}

/** A label names one task of tasks.json in a folder; an extension may provide another of that name. */
export function keyOfTask({ folder, name, task, what }: RunnableTask): string {
  return keyOf(folder, what.type === 'job' ? taskType : task.source, name);
}

function keyOf(folder: vscode.WorkspaceFolder | undefined, kind: string, name: string): string {
  return JSON.stringify([folder?.uri.toString(), kind, name]);
}
