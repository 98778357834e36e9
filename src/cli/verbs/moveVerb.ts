import { Argument, type Command } from 'commander';
import { type Direction, directions } from '../../api/values.ts';
import { answer, type Context } from '../base/context.ts';
import { commandLine } from '../../text/grammar.ts';

export function addMove(program: Command, context: Context): void {
  program
    .command('move')
    .summary("change a job's place in the queue")
    .description('Change the place of a job among those of its session that may start. `bgjobs queue` shows the order.')
    .argument('<id>', 'the id, or as many of its first characters as make it unique')
    .addArgument(new Argument('<place>', 'one place up or down, or to an end').choices(directions))
    .option('--json', 'print the job')
    .action(async (id: string, to: Direction, options: { json?: boolean }) => {
      const job = await (await context.connect()).moveJob(id, { to });
      await answer(context, options, job, () => `${job.shortId} moved ${words[to]}  ${commandLine(job)}`);
    });
}

const words: Record<Direction, string> = { up: 'up', down: 'down', first: 'to the front', last: 'to the end' };
