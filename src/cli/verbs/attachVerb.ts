import type { Command } from 'commander';
import { usageError, type Context } from '../base/context.ts';
import { jobArgument } from '../options/offer.ts';
import { parseCount, taskId } from '../options/parse.ts';
import { attachTerminal, isInteractive } from './attachTerminal.ts';
import { followRun } from './outputVerb.ts';

export function addAttach(program: Command, context: Context): void {
  program
    .command('attach')
    .summary('open the terminal of a job')
    .description('Show the recent output of a job and what comes, and send the keys that you press.')
    .addArgument(jobArgument('<id>', { status: 'starting,running,paused' }))
    .option('--task <n>', 'attach to this task of an array; ID:n does the same', parseCount)
    .addHelpText('after', help)
    .action(async (id: string, { task }: { task?: number }) => {
      const service = await context.stayConnected();
      const job = await service.getJob(taskId(id, task));
      if (job.array)
        throw usageError(`${job.shortId} is an array: attach to one of its tasks, such as ${job.shortId}:1`);
      if (job.options.tty && isInteractive(context)) return attachTerminal(context, service, job);
      await followRun(
        context,
        service,
        { job, created: false },
        { tail: recentLines, forwards: context.stdin.isTTY === true },
      );
    });
}

const recentLines = 200;

const help = `
With a job that was started with --tty, this is its terminal: all keys go to the job, Ctrl+C too, and the job is told the
size of your window. Press Ctrl+P Ctrl+Q to detach: the job keeps running. Of other jobs the output is shown, and a job
that was started with --stdin pipe gets the lines that you type; Ctrl+C stops watching.
When the job ends, bgjobs exits with its exit code.

Examples:
  $ bgjobs run --tty -- python3
  $ bgjobs attach 1a2b
  $ bgjobs run --tty --wait -- htop
`;
