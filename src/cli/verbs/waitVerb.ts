import type { Command } from 'commander';
import type { WaitResult } from '../../api/control.ts';
import type { Job } from '../../api/job.ts';
import { isEnded } from '../../api/values.ts';
import { answer, note } from '../base/context.ts';
import type { Context } from '../base/context.ts';
import { exitCodes } from '../base/exitCodes.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { parseDuration } from '../options/parse.ts';
import { describeJob } from './statusVerb.ts';

export function addWait(program: Command, context: Context): void {
  program
    .command('wait')
    .summary('wait until a job ends, starts, is ready or prints something')
    .description('Wait for a job. To stop waiting never touches the job.')
    .argument('<id>', 'the id, or as many of its first characters as make it unique')
    .option(
      '--for <what>',
      'exit, started, ready (see run --ready-when), or /pattern/ in its output, in RE2 syntax (exit)',
    )
    .option('--timeout <duration>', 'wait no longer than this, then leave with exit code 124', parseDuration)
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
    `${shortId} is a schedule, which goes on until somebody ends it. What it makes: bgjobs list --schedule ${shortId}`,
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
    await note(context, 'the wait timed out; the job goes on');
    context.exitCode = exitCodes.waitTimedOut;
  } else if (missed(what, result)) {
    const { shortId, status } = result.job;
    await note(context, isEnded(status) ? `${shortId} ended without that` : `${shortId} is not ready, its time is up`);
    context.exitCode = exitCodes.failure;
  }
}

/** What was waited for cannot come any more: the job has ended, or its time to be ready is up. */
function missed(what: string, { match, job }: WaitResult): boolean {
  if (what === 'exit') return false;
  if (what === 'ready') return job.ready !== true;
  return isEnded(job.status) && (what === 'started' ? job.startedAt === null : match === null);
}

const help = `
Exit codes: 0 it came, 124 the wait timed out, 1 the job ended without it, or is not ready in its time. The job's own
exit code is in the answer; \`bgjobs run --wait\` ends with it.

Examples:
  $ bgjobs wait 1a2b
  $ bgjobs wait 1a2b --for ready
  $ bgjobs wait 1a2b --for '/Listening on port \\d+/' --timeout 30s
`;
