import * as vscode from 'vscode';
import { BgJobsError } from '../../api/errors.ts';
import { taskType } from '../base/ids.ts';
import { isRecord } from '../../api/values.ts';
import { t } from '../base/l10n.ts';
import type { TaskArgument } from '../definitions/shellLine.ts';
import type { TaskExecution } from '../definitions/taskJob.ts';
import * as z from 'zod';
import { readInputs, type Input } from '../definitions/jobDefinition.ts';

export interface OfferedTask {
  name: string;
  source: string;
  /** How to run it as a job, or why that cannot be. */
  offer: RunnableTask | { problem: string };
}

/**
 * - `command`: a program or a shell line
 * - `compound`: nothing but other tasks
 * - `job`: runs as a job already
 */
export interface RunnableTask {
  name: string;
  task: vscode.Task;
  folder: vscode.WorkspaceFolder;
  what: { type: 'command'; execution: TaskExecution } | { type: 'compound' } | { type: 'job' };
  /** Its entry in tasks.json; undefined for a task that an extension provides. */
  described: DescribedTask | undefined;
}

/** The workspace's tasks, without those that are offered by other means: of package.json, and of templates. */
export async function workspaceTasks(): Promise<OfferedTask[]> {
  return (await allTasks()).filter(
    ({ source, offer }) =>
      source === fromFile || 'problem' in offer || !['npm', taskType].includes(offer.task.definition.type),
  );
}

export async function allTasks(): Promise<OfferedTask[]> {
  const tasks = await vscode.tasks.fetchTasks();
  return tasks.map((task) => ({ name: task.name, source: task.source, offer: offerOf(task) }));
}

/**
 * @param folder its tasks go before those of others
 * @param elsewhere whether those of others count
 * @throws BgJobsError `invalid_request` when there is none, or when it cannot be a job
 */
export async function taskNamed(
  name: string,
  folder?: vscode.WorkspaceFolder,
  elsewhere = true,
): Promise<RunnableTask> {
  const named = (await allTasks()).filter((one) => isNamed(one, name));
  const found = nearest(
    runnable(named).filter((one) => elsewhere || isIn(one, folder)),
    folder,
  );
  if (found) return found;
  const offer = named[0]?.offer;
  const none = elsewhere ? t('no task has this name') : t('no task of this folder has this name');
  const problem = offer && 'problem' in offer ? offer.problem : none;
  throw new BgJobsError('invalid_request', cannotRun(name, problem));
}

export function runnable(tasks: readonly OfferedTask[]): RunnableTask[] {
  return tasks.flatMap(({ offer }) => ('problem' in offer ? [] : [offer]));
}

/** Whether the editor's task system has to run it: for its problem matchers, or for what it depends on. */
export function needsTaskSystem({ described }: RunnableTask): boolean {
  return described !== undefined && described.problemMatcher.length + described.dependsOn.length > 0;
}

/** The task that an entry of `dependsOn` in this folder names: by its label, or by its definition. */
export function taskMeant(
  reference: unknown,
  tasks: readonly RunnableTask[],
  folder: vscode.WorkspaceFolder,
): RunnableTask | undefined {
  const isMeant = ({ task }: RunnableTask): boolean =>
    typeof reference === 'string' ? isNamed(task, reference) : isDefinition(task.definition, reference);
  return nearest(tasks.filter(isMeant), folder);
}

/** The name by which {@link taskNamed} finds this task. */
export function referenceTo({ name, task }: RunnableTask): string {
  return task.source === fromFile ? name : `${task.source}: ${name}`;
}

/** The label of a task that an extension provides begins with its source. */
function isNamed({ name, source }: Pick<OfferedTask, 'name' | 'source'>, reference: string): boolean {
  return reference === name || reference === `${source}: ${name}`;
}

/** Among tasks of one name, prefers those of the folder, and then those of tasks.json. */
function nearest(tasks: readonly RunnableTask[], folder: vscode.WorkspaceFolder | undefined): RunnableTask | undefined {
  const near = tasks.filter((one) => isIn(one, folder));
  const nearer = near.length > 0 ? near : tasks;
  return nearer.find(({ task }) => task.source === fromFile) ?? nearer[0];
}

function isIn(task: RunnableTask, folder: vscode.WorkspaceFolder | undefined): boolean {
  return task.folder.uri.toString() === folder?.uri.toString();
}

/** The editor's name for the source of tasks from tasks.json. */
const fromFile = 'Workspace';
const compound = '$composite';

function offerOf(task: vscode.Task): OfferedTask['offer'] {
  const folder = folderOf(task.scope);
  const what = whatIs(task);
  if (!what) return { problem: t('its extension runs it') };
  if (folder === undefined) return { problem: t("it doesn't belong to a folder") };
  const { name, source } = task;
  return { name, task, folder, what, described: source === fromFile ? described(task, folder) : undefined };
}

/** A task that belongs to no folder runs in the first. */
export function folderOf(scope: vscode.Task['scope']): vscode.WorkspaceFolder | undefined {
  return typeof scope === 'object' ? scope : vscode.workspace.workspaceFolders?.[0];
}

/** The editor forgets the label of a task that another extension has the type of. */
function described(task: vscode.Task, folder: vscode.WorkspaceFolder): DescribedTask | undefined {
  const { tasks } = tasksFile(folder);
  return tasks.find(({ label }) => label === task.name) ?? tasks.find((one) => isDefinition(task.definition, one));
}

function isDefinition(definition: vscode.TaskDefinition, written: unknown): boolean {
  return (
    isRecord(written) &&
    Object.entries(definition).every(([name, value]) => JSON.stringify(written[name]) === JSON.stringify(value))
  );
}

function whatIs({ definition, execution }: vscode.Task): RunnableTask['what'] | undefined {
  if (definition.type === compound) return { type: 'compound' };
  if (definition.type === taskType) return { type: 'job' };
  if (execution instanceof vscode.ProcessExecution) {
    const { process, args, options } = execution;
    return { type: 'command', execution: { type: 'process', process, args, options: options ?? {} } };
  }
  if (execution instanceof vscode.ShellExecution) {
    const { commandLine, command, args, options } = execution;
    return {
      type: 'command',
      execution: { type: 'shell', commandLine, command: command as TaskArgument, args, options: options ?? {} },
    };
  }
  return undefined;
}

export function cannotRun(name: string, reason: string): string {
  return t('"{0}" cannot run as a job: {1}.', name, reason);
}

/** One, several or none. */
const list = z
  .unknown()
  .transform((value): unknown[] => (Array.isArray(value) ? [...(value as unknown[])] : [value]))
  .default([]);

/** The properties of a task in tasks.json that the editor's API does not expose. */
const describedTask = z.looseObject({
  label: z.string().optional(),
  type: z.string().optional(),
  /** Names and descriptions. */
  problemMatcher: list,
  /** Labels and definitions. */
  dependsOn: list,
  dependsOrder: z.string().optional(),
  isBackground: z.boolean().default(false),
});
type DescribedTask = z.infer<typeof describedTask>;

/** What describes the tasks of a folder: its own tasks.json, then that of the workspace, then the user's. */
export function tasksFile(folder: vscode.WorkspaceFolder): { tasks: DescribedTask[]; inputs: Input[] } {
  const configuration = vscode.workspace.getConfiguration('tasks', folder.uri);
  const levels = (name: string): unknown[] => {
    const found = configuration.inspect<unknown>(name);
    return [found?.workspaceFolderValue, found?.workspaceValue, found?.globalValue];
  };
  return {
    tasks: levels('tasks').flatMap((tasks) => (Array.isArray(tasks) ? tasks.flatMap(readTask) : [])),
    // Of inputs with one id in a list, the editor takes the last.
    inputs: levels('inputs').flatMap((inputs) => readInputs(inputs).reverse()),
  };
}

const platform = { win32: 'windows', darwin: 'osx' }[process.platform as string] ?? 'linux';

/** Of the properties above, a block for a platform can only have problem matchers. */
function readTask(written: unknown): DescribedTask[] {
  const task = describedTask.safeParse(written).data;
  if (!task) return [];
  const own: unknown = task[platform];
  return [
    isRecord(own) && 'problemMatcher' in own ? { ...task, problemMatcher: list.parse(own['problemMatcher']) } : task,
  ];
}
