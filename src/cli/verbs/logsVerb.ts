import type { Command } from 'commander';
import { definedOnly, usageError, type Context } from '../base/context.ts';
import { jobArgument } from '../options/offer.ts';
import { field, parseCount } from '../options/parse.ts';
import { printMany } from './followMany.ts';
import { output, type OutputOptions } from './outputVerb.ts';

export function addOutput(program: Command, context: Context): void {
  program
    .command('output')
    .summary('show the output of jobs')
    .description(
      'Show the output of a job, its stdout on stdout, its stderr on stderr: on a terminal as a terminal shows it, with redrawn lines in their last state, else byte for byte.',
    )
    .addArgument(jobArgument('<id...>'))
    .option('-f, --follow', 'keep printing new output until the job ends')
    .option('-n, --tail <n>', 'show only the last n lines', parseCount)
    .option('--since <number>', 'show output after this position (`next` or `seq` of an earlier answer)', parseCount)
    .addOption(field('stream', '--stream <stream>', 'show only one stream', ['stdout', 'stderr']))
    .option('--grep <pattern>', 'show only lines that match a pattern (RE2 syntax)')
    .option('--range <first-last>', 'show these bytes of one stream (default stdout), for example 0-999 or 1000-')
    .option('--task <n>', 'show the output of this task of an array; ID:n does the same', parseCount)
    .option('--run <n>', 'show output of this run (default the current one)', parseCount)
    .option('--raw', 'print the bytes of the output as they are, and no notes on stderr')
    .option('--json', 'print {chunks, next, droppedBytes, status, more}; with --follow, one chunk per line')
    .addHelpText('after', help)
    .action(async ([id = '', ...others]: string[], options: OutputOptions) => {
      if (others.length === 0) return output(context, id, options);
      const { follow = false, tail, grep, stream, ...rest } = options;
      const [single] = Object.keys(rest);
      if (single !== undefined) throw usageError(`--${single} requires exactly one id`);
      const service = await context.connect();
      const jobs = await Promise.all([id, ...others].map((one) => service.getJob(one)));
      await printMany(context, service, jobs, definedOnly({ tail, grep, stream }), follow);
    });
}

const help = `
With --tail and --grep, lines are shown as on a terminal wherever they go. A terminal gets no control codes of the job
but colors, unless you give --raw.
The output of an array is that of its tasks, in the order of their numbers, or with --follow in the order of their ends.
With --json at most 1 MiB is printed; if \`more\` is true, run it again with --since NEXT.

Examples:
  $ bgjobs output 1a2b --tail 50 --follow
  $ bgjobs output 1a2b --grep 'error|warning' --stream stderr
  $ bgjobs output 1a2b --raw > build.log
  $ bgjobs logs api web --follow
`;
