import type { Command } from 'commander';
import type { JobService } from '../../api/endpoints.ts';
import type { ListQuery } from '../../api/job.ts';
import { jobPages } from '../../api/jobPages.ts';
import type { OutputQuery } from '../../api/output.ts';
import { definedOnly, note, usageError, type Context } from '../base/context.ts';
import { jobArgument } from '../options/offer.ts';
import { field, parseCount } from '../options/parse.ts';
import { addSelection, selectionOf, type SelectionOptions } from '../options/selection.ts';
import { printMany } from './followMany.ts';
import { output, type OutputOptions } from './outputVerb.ts';

/** Jobs that are selected and can be followed at the same time. */
const mostFollowed = 100;
const pageSize = 500;

export function addOutput(program: Command, context: Context): void {
  const verb = program
    .command('output')
    .summary('show the output of jobs')
    .description(
      'Show the output of a job, its stdout on stdout, its stderr on stderr: on a terminal as a terminal shows it, with redrawn lines in their last state, else byte for byte.',
    )
    .addArgument(jobArgument('[id...]'))
    .option('-f, --follow', 'keep printing new output until the job ends')
    .option('-n, --tail <n>', 'show only the last n lines', parseCount)
    .option('--since <number>', 'show output after this position (`next` or `seq` of an earlier answer)', parseCount)
    .addOption(field('stream', '--stream <stream>', 'show only one stream', ['stdout', 'stderr']))
    .option('--grep <pattern>', 'show only lines that match a pattern (RE2 syntax)')
    .option('--range <first-last>', 'show these bytes of one stream (default stdout), for example 0-999 or 1000-')
    .option('--task <n>', 'show the output of this task of an array; ID:n does the same', parseCount)
    .option('--run <n>', 'show output of this run (default the current one)', parseCount)
    .option('--raw', 'print the bytes of the output as they are, and no notes on stderr');
  addSelection(verb, 'show the output of all jobs');
  verb
    .option('--json', 'print {chunks, next, droppedBytes, status, more}; with --follow, one chunk per line')
    .addHelpText('after', help)
    .action(async (ids: string[], { session, tag, status, query, ...options }: OutputOptions & SelectionOptions) => {
      const selection = selectionOf(ids, { session, tag, status, query });
      const [id] = ids;
      if (id !== undefined && ids.length === 1) return output(context, id, options);
      const { follow = false, tail, grep, stream, ...rest } = options;
      const [single] = Object.keys(rest);
      if (single !== undefined) throw usageError(`--${single} requires exactly one id`);
      const shown = definedOnly({ tail, grep, stream });
      const service = await context.connect();
      if (selection) return printSelected(context, service, selection, shown, follow);
      const jobs = await Promise.all(ids.map((one) => service.getJob(one)));
      await printMany(context, service, jobs, shown, follow);
    });
}

/** Prints the output of all jobs that match, in the order of their creation unless the query has another one. */
async function printSelected(
  context: Context,
  service: JobService,
  { q = '', ...selection }: ListQuery,
  shown: OutputQuery,
  follow: boolean,
): Promise<void> {
  const query = { ...selection, q: `sort=created ${q}`, limit: pageSize };
  let count = 0;
  for await (const page of jobPages(service, query)) {
    if (follow && page.total > mostFollowed) {
      throw usageError(`${page.total} jobs match, and at most ${mostFollowed} can be followed. Add --status running.`);
    }
    count += page.jobs.length;
    const jobs = page.jobs.filter(({ array }) => array === null);
    await printMany(context, service, jobs, shown, follow);
    for (const { shortId } of page.jobs.filter(({ array }) => array !== null)) {
      await note(context, `${shortId} is an array. To show the output of its tasks: bgjobs output ${shortId}`);
    }
  }
  if (count === 0) await note(context, 'no jobs to show the output of');
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
  $ bgjobs logs --session api --status running --follow
`;
