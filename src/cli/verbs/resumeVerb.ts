import type { Command } from 'commander';
import type { Context } from '../base/context.ts';
import { addJobVerb } from './jobVerb.ts';

export function addResume(program: Command, context: Context): void {
  addJobVerb(program, context, {
    name: 'resume',
    summary: 'let paused jobs go on',
    description: 'Let paused jobs go on (SIGCONT).',
    act: (service, id) => service.resumeJob(id),
  });
}
