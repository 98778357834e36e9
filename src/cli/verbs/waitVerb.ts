import type { Command } from 'commander';
import type { WaitResult } from '../../api/control.ts';
import type { Job } from '../../api/job.ts';
import { isEnded } from '../../api/values.ts';
import { answer, note, type Context } from '../base/context.ts';
import { exitCodes } from '../base/exitCodes.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { idHelp, parseDuration } from '../options/parse.ts';
import { describeJob } from './statusVerb.ts';

export function addWait(program: Command, context: Context): void {
  program
    .command('wait')
    .summary('wait for a job to end, start, become ready or print a pattern')
    .description('Wait for a job. Interrupting the wait does not affect the job.')
    .argument('<id>', idHelp)
    .option('--for <what>', 'exit, started, ready or a /pattern/ (RE2) in its output (default exit)')
    .option('--timeout <duration>', 'give up after this time and exit with 124', parseDuration)
    .option('--json', 'print {timedOut, match, job}')
    .addHelpText('after', help)
    .action(async (id: string, options: Options) => {
      const service = await context.connect();
      await noteSchedule(context, await service.getJob(id));
      const result = await service.waitForJob(id, definedOnly({ for: options.for, timeoutMs: options.timeout }));
      await report(context, options, result);
    });
}

async function noteSchedule(context: Context, { shortId, status, options }: Job): Promise<void> {
  if (options.cron === null || status !== 'scheduled') return;
  await note(
    context,
    `${shortId} is a schedule and does not end by itself. Its jobs: bgjobs list --schedule ${shortId}`,
  );
}

interface Options {
  for?: string;
  timeout?: number;
  json?: boolean;
}

async function report(context: Context, options: Options, result: WaitResult): Promise<void> {
  const what = options.for ?? 'exit';
  await answer(context, options, result, () => result.match ?? describeJob(context, result.job, Date.now()));
  if (result.timedOut) {
    await note(context, 'the wait timed out; the job continues');
    context.exitCode = exitCodes.waitTimedOut;
  } else if (missed(what, result)) {
    const { shortId, status } = result.job;
    await note(context, isEnded(status) ? `${shortId} ended first` : `${shortId} was not ready in time`);
    context.exitCode = exitCodes.failure;
  }
}

/** The condition can no longer be met: the job has ended, or its time to become ready is over. */
function missed(what: string, { match, job }: WaitResult): boolean {
  if (what === 'exit') return false;
  if (what === 'ready') return job.ready !== true;
  return isEnded(job.status) && (what === 'started' ? job.startedAt === null : match === null);
}

const help = `
Exit codes: 0 the condition was met, 124 the wait timed out, 1 the job ended first or was not ready in time. To exit
with the job's own exit code use \`bgjobs run --wait\`.

Examples:
  $ bgjobs wait 1a2b
  $ bgjobs wait 1a2b --for ready
  $ bgjobs wait 1a2b --for '/Listening on port \\d+/' --timeout 30s
`;
