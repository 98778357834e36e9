import * as z from 'zod';
import { jobDefinition } from '../start/template.ts';

/** What a task of our type can be made of instead of a command of its own. */
export const taskReference = z.object({
  template: z.string().min(1).optional().meta({ description: 'A template; what the task says itself goes before it' }),
  task: z.string().min(1).optional().meta({ description: 'The label of a task of tasks.json that is run as a job' }),
});

/** A task is named by its label, and depends on other tasks: both are the editor's own. */
const ofTheEditor: readonly string[] = ['name', 'dependsOn'];

/** What a task of our type says besides what every task of tasks.json does. The manifest is made of it. */
export const taskDefinition = taskReference.extend(
  Object.fromEntries(Object.entries(jobDefinition.shape).filter(([name]) => !ofTheEditor.includes(name))),
);
