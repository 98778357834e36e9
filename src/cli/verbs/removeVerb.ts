import type { Command } from 'commander';
import type { Context } from '../base/context.ts';
import { addJobVerb } from './jobVerb.ts';

export function addRemove(program: Command, context: Context): void {
  addJobVerb(program, context, {
    name: 'remove',
    summary: 'remove finished or held jobs with their logs',
    description: 'Remove jobs with their logs. Only what has finished or is held can be removed.',
    act: (service, id) => service.removeJob(id),
    word: () => 'removed',
  });
}
