import type { Command } from 'commander';
import type { Job, JobUpdate } from '../../api/job.ts';
import type { Dependency } from '../../api/options.ts';
import { answer, usageError, type Context } from '../base/context.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { collectDependency, idHelp, parseCount } from '../options/parse.ts';
import { painter, statusStyle } from '../render/paint.ts';
import { waitingText } from '../../text/waitingText.ts';
import { terminalWording } from '../../text/wording.ts';
import { commandLine } from '../../text/grammar.ts';

export function addUpdate(program: Command, context: Context): void {
  program
    .command('update')
    .summary('change a waiting job; pin any job')
    .description(
      'Change the priority and dependencies of a waiting job, and pin jobs to keep them from being cleaned up.',
    )
    .argument('<id>', idHelp)
    .option('--priority <1-10>', 'jobs with a higher priority start first', parseCount)
    .option('--after <id[:condition]>', 'replace the dependencies (can be repeated)', collectDependency)
    .option('--no-after', 'remove all dependencies')
    .option('--pin', 'keep the job when finished jobs are cleaned up')
    .option('--unpin', 'clean up the job like any other')
    .option('--json', 'print the job as JSON')
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
  if (pin && unpin) throw usageError('--pin cannot be used with --unpin');
  const dependsOn = after === false ? [] : after;
  const request = definedOnly({ priority, dependsOn, pinned: pin ? true : unpin ? false : undefined });
  if (Object.keys(request).length === 0) {
    throw usageError('specify at least one of --priority, --after, --no-after, --pin and --unpin');
  }
  return request;
}

function describe(context: Context, job: Job): string {
  const paint = painter(context.stdout, context.env);
  const why = waitingText(job, terminalWording(Date.now()));
  const state = paint(statusStyle[job.status], job.status);
  const details = [`priority ${job.priority}`, job.pinned ? 'pinned' : '', why].filter((part) => part !== '');
  return `${job.shortId} ${state}, ${details.join(', ')}  ${commandLine(job)}`;
}
