import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { addJobVerb } from '../jobVerb.ts';

export function addRelease(program: Command, context: Context): void {
  addJobVerb(program, context, {
    name: 'release',
    summary: 'let held jobs start',
    description: 'Let jobs start that were created with --hold.',
    act: (service, id) => service.releaseJob(id),
  });
}
