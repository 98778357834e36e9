import type { Command } from 'commander';
import type { Context } from '../base/context.ts';
import { addJobVerb } from './jobVerb.ts';

export function addPause(program: Command, context: Context): void {
  addJobVerb(program, context, {
    name: 'pause',
    summary: 'stop jobs for a while',
    description: 'Stop the processes of running jobs for a while (SIGSTOP). They keep their place and their memory.',
    act: (service, id) => service.pauseJob(id),
  });
}
