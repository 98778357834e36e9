import * as vscode from 'vscode';
import * as z from 'zod';
import { readInputs, type Input } from '../start/inputs.ts';

/** One, several or none. */
const list = z
  .unknown()
  .transform((value): unknown[] => (Array.isArray(value) ? [...(value as unknown[])] : [value]))
  .default([]);

/** What the editor does not tell of a task that it has read from tasks.json. */
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
export type DescribedTask = z.infer<typeof describedTask>;

/** What describes the tasks of a folder: its own tasks.json, then that of the workspace, then the user's. */
export interface TasksFile {
  tasks: DescribedTask[];
  inputs: Input[];
}

export function tasksFile(folder: vscode.WorkspaceFolder): TasksFile {
  const configuration = vscode.workspace.getConfiguration('tasks', folder.uri);
  const levels = (name: string): unknown[] => {
    const found = configuration.inspect<unknown>(name);
    return [found?.workspaceFolderValue, found?.workspaceValue, found?.globalValue];
  };
  return {
    tasks: levels('tasks').flatMap((tasks) => (Array.isArray(tasks) ? tasks.flatMap(readTask) : [])),
    inputs: levels('inputs').flatMap(readInputs),
  };
}

const ofPlatform: Partial<Record<NodeJS.Platform, string>> = { win32: 'windows', darwin: 'osx' };

function readTask(written: unknown): DescribedTask[] {
  const general = describedTask.safeParse(written).data;
  if (!general) return [];
  const own = general[ofPlatform[process.platform] ?? 'linux'];
  return [describedTask.safeParse({ ...general, ...(typeof own === 'object' ? own : {}) }).data ?? general];
}
