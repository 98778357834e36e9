/**
 * `extension/tasks` finds the tasks and templates of the workspace and runs them as jobs. `start`, `commands` and `app`
 * import it; it imports `api` and the rooms below.
 */

import * as vscode from 'vscode';
import { BgJobsError } from '../../api/errors.ts';
import type { Job } from '../../api/job.ts';
import { taskType } from '../base/ids.ts';
import type { JobStart } from '../base/jobStart.ts';
import { t } from '../base/l10n.ts';
import { withoutLinks } from '../base/readableText.ts';
import { resolveVariables } from '../definitions/taskVariables.ts';
import { startJob, type StarterDeps } from '../host/startJob.ts';
import type { JobModel } from '../model/jobModel.ts';
import { ProblemsPanel, taskOutput } from '../problems/problems.ts';
import { JobTerminal, type NewFollower } from '../terminal/jobTerminal.ts';
import { Answers, variableScope } from './answers.ts';
import { JobsOfTasks } from './jobsOfTasks.ts';
import { cannotRun, folderOf, referenceTo, tasksFile, type RunnableTask } from './workspaceTasks.ts';

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
  /** As tasks.json writes them. */
  matchers: readonly unknown[];
  /** Whether the editor shows what they find. */
  isMatched: boolean;
  /** The key under which its job is remembered. */
  memory: string;
  start: () => Promise<JobStart | undefined>;
}

/** What the editor's API does not name of `vscode.RunOptions`, but hands on. */
interface InstanceOptions {
  instanceLimit?: number;
  instancePolicy?: string;
}

interface TaskRunnerDeps extends StarterDeps {
  model: JobModel;
  newFollower: NewFollower;
  /** Storage of this workspace, for which job belongs to which task. */
  state: vscode.Memento;
}

/** Runs tasks as jobs, in terminals of the editor's task system. */
export class TaskRunner {
  readonly #deps: TaskRunnerDeps;
  readonly #jobs: JobsOfTasks;
  readonly #problems = new ProblemsPanel();
  /** By task: its runs that go on, of which there may be as many as its `instanceLimit`. */
  readonly #running = new Map<string, TaskRun[]>();
  /** What the named groups of an `endsPattern` have last held, by `taskVar:` and the name. */
  readonly #fromTasks = new Map<string, string>();
  /** Names of tasks whose order was told to be ignored. */
  readonly #told = new Set<string>();
  /** By task: callers that wait for the editor to open its terminal. */
  readonly #awaited = new Map<string, PromiseWithResolvers<TaskRun>>();

  constructor(deps: TaskRunnerDeps) {
    this.#deps = deps;
    this.#jobs = new JobsOfTasks(deps.state);
  }

  /** For one start. */
  answers(): Answers {
    return new Answers(this.#deps.state, this.#fromTasks);
  }

  /** The terminal of a task of our type, whose problem matchers the editor applies itself. */
  terminalOf(
    { name, scope, definition }: Pick<vscode.Task, 'name' | 'scope' | 'definition'>,
    start: (folder: vscode.WorkspaceFolder) => Promise<JobStart | undefined>,
  ): vscode.Pseudoterminal {
    const folder = folderOf(scope);
    const written = folder && tasksFile(folder).tasks.find(({ label, type }) => label === name && type === taskType);
    if (written?.dependsOrder === 'sequence' && written.dependsOn.length > 1) this.#tellOrder(name);
    return this.#begin({
      key: keyOf(folder, taskType, name),
      name,
      folder: folder?.uri.fsPath ?? '',
      isBackground: written?.isBackground ?? false,
      matchers: written?.problemMatcher ?? [],
      isMatched: true,
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
    const { instanceLimit = 1, instancePolicy = 'prompt' } = task.task.runOptions as InstanceOptions;
    const running = this.#running.get(key) ?? [];
    const isFull = running.length >= instanceLimit;
    const terminates = instancePolicy.startsWith('terminate');
    if (start && isFull && terminates) await terminate(task, instancePolicy);
    const awaited = this.#awaited.get(key) ?? Promise.withResolvers<TaskRun>();
    this.#awaited.set(key, awaited);
    await vscode.tasks.executeTask(start ? this.#wrapped(task, key, start) : task.task);
    return (isFull && !terminates && running.at(-1)) || awaited.promise;
  }

  /** The current run of a task, which its dependents use instead of a second one. */
  running(task: RunnableTask): TaskRun | undefined {
    return this.#running.get(keyOfTask(task))?.at(-1);
  }

  dispose(): void {
    this.#problems.dispose();
  }

  /**
   * A task as one of our type. The editor applies its problem matchers when all of them are named: it takes no others from
   * an extension. The matchers of a task share its lines, so all of them are applied here otherwise. The editor asks for
   * a terminal each time it runs the task, also when somebody runs it again.
   */
  #wrapped(runnable: RunnableTask, key: string, start: JobStart): vscode.Task {
    const { name, task, folder, described: written } = runnable;
    const matchers = written?.problemMatcher ?? [];
    const named = matchers.filter((matcher) => typeof matcher === 'string');
    const isMatched = named.length === matchers.length;
    const isBackground = written?.isBackground ?? task.isBackground;
    const beginning = { key, name, folder: folder.uri.fsPath, isBackground, matchers, isMatched, memory: key };
    const execution = new vscode.CustomExecution(() =>
      Promise.resolve(this.#begin({ ...beginning, start: () => Promise.resolve(start) })),
    );
    const definition = { type: taskType, task: referenceTo(runnable) };
    const wrapped = new vscode.Task(definition, folder, name, task.source, execution, isMatched ? named : []);
    wrapped.isBackground = isBackground;
    wrapped.presentationOptions = task.presentationOptions;
    wrapped.runOptions = task.runOptions;
    return wrapped;
  }

  /** The editor reads the order for tasks of its own types only. */
  #tellOrder(name: string): void {
    if (this.#told.has(name)) return;
    this.#told.add(name);
    const text = t(
      'VS Code ignores "dependsOrder" of the task "{0}", because it has a type of an extension: what it depends on starts at the same time. Let it depend on a task without a type that has the order.',
      name,
    );
    void vscode.window.showWarningMessage(withoutLinks(text));
  }

  #begin(beginning: Beginning): vscode.Pseudoterminal {
    const { key, isBackground, memory, start } = beginning;
    const job = Promise.withResolvers<Job | undefined>();
    const settled = Promise.withResolvers<boolean>();
    const run = { job: job.promise, settled: settled.promise };
    const output = this.#outputOf(beginning, (groups) => {
      for (const [name, value = ''] of Object.entries(groups)) this.#fromTasks.set(`taskVar:${name}`, value);
      settled.resolve(true);
    });
    this.#running.set(key, [...(this.#running.get(key) ?? []), run]);
    this.#awaited.get(key)?.resolve(run);
    this.#awaited.delete(key);
    return new JobTerminal({
      ...this.#deps,
      start: async (isClosed) => {
        const started = await this.#start(memory, start, isClosed);
        job.resolve(started);
        if (started && isBackground && !output?.tellsWhenDone) settled.resolve(true);
        return started;
      },
      onText: (text) => void output?.push(text),
      onEnd: (exitCode) => {
        job.resolve(undefined);
        void Promise.resolve(output?.end()).then(() => settled.resolve(exitCode === 0));
        const others = (this.#running.get(key) ?? []).filter((one) => one !== run);
        this.#running.set(key, others);
      },
      onLeave: (left) => this.#jobs.leave(memory, left),
      onRelease: (jobId) => this.#jobs.hide(jobId),
    });
  }

  /** Undefined when nothing is to be found in it. */
  #outputOf(
    { key, name, folder, isBackground, matchers, isMatched }: Beginning,
    done: Parameters<typeof taskOutput>[0]['done'],
  ) {
    if (matchers.length === 0 || (isMatched && !isBackground)) return undefined;
    const resolve = (text: string): string => resolveVariables(text, variableScope(folder));
    const panel = isMatched ? null : this.#problems;
    return taskOutput({ name, matchers, isBackground, panel, owner: key, folder, resolve, done });
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

/** The editor cannot do it itself: it forgets how to run a task of ours when another one has been started since. */
async function terminate(task: RunnableTask, policy: string): Promise<void> {
  const executions = vscode.tasks.taskExecutions.filter(
    ({ task: { definition, scope } }) =>
      definition['task'] === referenceTo(task) && folderOf(scope)?.uri.toString() === task.folder.uri.toString(),
  );
  const execution = policy === 'terminateOldest' ? executions[0] : executions.at(-1);
  if (!execution) return;
  const ended = Promise.withResolvers<undefined>();
  const subscription = vscode.tasks.onDidEndTask((event) => {
    if (event.execution === execution) ended.resolve(undefined);
  });
  execution.terminate();
  await ended.promise;
  subscription.dispose();
}

/** A label names one task of tasks.json in a folder; an extension may provide another of that name. */
export function keyOfTask({ folder, name, task, what }: RunnableTask): string {
  return keyOf(folder, what.type === 'job' ? taskType : task.source, name);
}

function keyOf(folder: vscode.WorkspaceFolder | undefined, kind: string, name: string): string {
  return JSON.stringify([folder?.uri.toString(), kind, name]);
}
