import type { Command } from 'commander';
import type { Context } from '../base/context.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { addJobVerb } from './jobVerb.ts';

export function addRestart(program: Command, context: Context): void {
  addJobVerb(program, context, {
    name: 'restart',
    summary: 'run jobs once more',
    description:
      'Run jobs once more, with the same options: a new run of the same job, with logs of its own. What runs is ' +
      'stopped first. Variables that the job does not set itself are taken from here.',
    act: (service, id) => service.restartJob(id, { inheritEnv: definedOnly(context.env) }),
  });
}
