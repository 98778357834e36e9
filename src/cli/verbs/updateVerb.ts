import type { Command } from 'commander';
import type { Job, JobUpdate } from '../../api/job.ts';
import type { Dependency } from '../../api/options.ts';
import { answer, type Context } from '../base/context.ts';
import { collectDependency } from '../options/dependency.ts';
import { usageError } from '../base/cliFailure.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { parseCount } from '../options/parse.ts';
import { painter, statusStyle } from '../render/paint.ts';
import { waitingPhrase } from '../../text/jobText.ts';
import { commandLine } from '../../text/grammar.ts';
import { fromNow } from '../../text/timeText.ts';

export function addUpdate(program: Command, context: Context): void {
  program
    .command('update')
    .summary('change a job that waits; pin any job')
    .description('Change the priority and the dependencies of a job that waits, and whether a job is ever cleaned up.')
    .argument('<id>', 'the id, or as many of its first characters as make it unique')
    .option('--priority <1-10>', 'higher starts first', parseCount)
    .option('--after <id[:condition]>', 'instead of those before: see bgjobs run; may be repeated', collectDependency)
    .option('--no-after', 'wait for no other job')
    .option('--pin', 'never clean it up')
    .option('--unpin', 'clean it up like others')
    .option('--json', 'print the job')
    .action((id: string, options: Options) => update(context, id, options));
}

interface Options {
  priority?: number;
  /** False: `--no-after`. */
  after?: Dependency[] | false;
  pin?: true;
  unpin?: true;
  json?: boolean;
}

async function update(context: Context, id: string, options: Options): Promise<void> {
  const request = requestOf(options);
  const job = await (await context.connect()).updateJob(id, request);
  await answer(context, options, job, () => describe(context, job));
}

function requestOf({ priority, after, pin, unpin }: Options): JobUpdate {
  if (pin && unpin) throw usageError('give --pin or --unpin, not both');
  const dependsOn = after === false ? [] : after;
  const request = definedOnly({ priority, dependsOn, pinned: pin ? true : unpin ? false : undefined });
  if (Object.keys(request).length === 0) {
    throw usageError('say what to change: --priority, --after, --no-after, --pin or --unpin');
  }
  return request;
}

function describe(context: Context, job: Job): string {
  const paint = painter(context.stdout, context.env);
  const why = waitingPhrase(job, fromNow(Date.now()));
  const state = paint(statusStyle[job.status], job.status);
  const details = [`priority ${job.priority}`, job.pinned ? 'pinned' : '', why].filter((part) => part !== '');
  return `${job.shortId} ${state}, ${details.join(', ')}  ${commandLine(job)}`;
}
