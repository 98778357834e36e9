import type { Command } from 'commander';
import type { Context } from '../base/context.ts';
import { addJobVerb } from './jobVerb.ts';

export function addHold(program: Command, context: Context): void {
  addJobVerb(program, context, {
    name: 'hold',
    summary: 'keep waiting jobs from starting',
    description:
      'Take jobs that wait out of the queue, until they are released. A schedule that is held makes no jobs.',
    act: (service, id) => service.holdJob(id),
  });
}
