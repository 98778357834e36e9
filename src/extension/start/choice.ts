import type { Template } from '../tasks/templates.ts';
import type { RunnableTask } from '../tasks/workspaceTasks.ts';
import type { Script } from './scripts.ts';

/** What can be started. */
export type Choice =
  { type: 'line'; line: ChosenLine } | { type: 'template'; template: Template } | { type: 'task'; task: RunnableTask };

/** The user's choice of what to start. */
export type StartChoice<Type = Choice['type']> = Extract<Choice, { type: Type }> & {
  /** Whether the job can be given input while it runs. */
  liveInput: boolean;
  /** Whether to change options before it starts. */
  withOptions: boolean;
};

/** A line with what is known of a script. */
export interface ChosenLine extends Partial<Script> {
  command: string;
  /** Undefined: the folder of the window. */
  cwd?: string;
}
