import type { Command } from 'commander';
import type { Context } from '../base/context.ts';
import { addJobVerb } from './jobVerb.ts';

export function addRelease(program: Command, context: Context): void {
  addJobVerb(program, context, {
    name: 'release',
    summary: 'let held jobs start, and scheduled ones at once',
    description:
      'Let jobs start that are held. One that waits for its time starts at once; of a schedule a job is made now, ' +
      'besides those at its times.',
    act: (service, id) => service.releaseJob(id),
  });
}
