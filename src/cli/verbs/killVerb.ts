import type { Command } from 'commander';
import type { KillRequest, KillResult } from '../../api/control.ts';
import { answer, usageError, type Context } from '../base/context.ts';
import { eachId } from '../base/eachId.ts';
import { exitCodes } from '../base/exitCodes.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { idsHelp, parseCount, parseDuration } from '../options/parse.ts';
import { killText } from '../../text/endText.ts';
import { oneLine, plural } from '../../text/grammar.ts';

export function addKill(program: Command, context: Context): void {
  program
    .command('kill')
    .summary('stop jobs and all their processes')
    .description(
      'Stop jobs: signal the whole process tree, send SIGKILL after the grace period, and check that every process has ended.',
    )
    .argument('[id...]', idsHelp)
    .option('--signal <name>', 'signal to send: INT, TERM, HUP, QUIT, KILL, USR1 or USR2 (default TERM)')
    .option('--grace <duration>', "time to wait before SIGKILL (default the job's --grace)", parseDuration)
    .option('--reason <text>', 'reason to record with the job')
    .option('--run <n>', 'stop the job only if this is its current run', parseCount)
    .option('--requeue', 'put the job back into the queue when it has ended')
    .option('--no-escalate', 'only send the signal; never send SIGKILL')
    .option('--no-wait', 'return without waiting for the job to end')
    .option('--session <name>', 'stop all jobs of this session')
    .option('--tag <key[=value]>', 'stop all jobs with this tag')
    .option('--all', 'stop all jobs')
    .option('--json', 'print the result as JSON; for several jobs {results: [...]}')
    .addHelpText('after', help)
    .action((ids: string[], options: Options) => kill(context, ids, options));
}

interface Options {
  signal?: string;
  grace?: number;
  reason?: string;
  run?: number;
  requeue?: true;
  escalate: boolean;
  wait: boolean;
  session?: string;
  tag?: string;
  all?: true;
  json?: boolean;
}

async function kill(context: Context, ids: string[], options: Options): Promise<void> {
  const { session, tag, all } = options;
  const choices = [session, tag, all].filter((choice) => choice !== undefined).length + (ids.length > 0 ? 1 : 0);
  if (choices !== 1) throw usageError('specify ids, or one of --session, --tag and --all');
  if (options.run !== undefined && ids.length !== 1) throw usageError('--run requires exactly one id');
  const request: KillRequest = {
    wait: options.wait,
    ...definedOnly({
      signal: options.signal,
      graceMs: options.grace,
      reason: options.reason,
      requeue: options.requeue,
      escalate: options.escalate ? undefined : false,
    }),
  };
  const service = await context.connect();
  if (ids.length > 0) {
    const run = definedOnly({ run: options.run });
    return eachId(
      context,
      ids,
      options,
      async (id) => failOnSurvivors(context, await service.killJob(id, { ...request, ...run })),
      describeKill,
    );
  }
  const done = await service.killJobs({ ...request, ...definedOnly({ session, tag, all }) });
  for (const result of done.results) failOnSurvivors(context, result);
  await answer(context, options, done, () => done.results.map(describeKill).join('\n') || 'no jobs to stop');
}

/** A job with surviving processes counts as a failure, whatever the result says. */
function failOnSurvivors(context: Context, result: KillResult): KillResult {
  if (result.survivors.length > 0) context.exitCode ||= exitCodes.failure;
  return result;
}

function describeKill(result: KillResult): string {
  const lines = [`${result.job.shortId} ${killText(result)}`];
  if (result.leftoversEnded > 0) {
    lines.push(`  ${plural(result.leftoversEnded, 'process', 'processes')} left behind by the job ended`);
  }
  for (const { pid, command } of result.survivors) lines.push(`  still alive: ${pid} ${oneLine(command)}`);
  return lines.join('\n');
}

const help = `
Waiting jobs are canceled; jobs that have ended do not change. USR1 and USR2 are only sent, without SIGKILL later.
If a process cannot be ended, it is listed and the exit code is 1. On Windows every signal ends the tree at once.

Examples:
  $ bgjobs kill 1a2b3c4d
  $ bgjobs kill --signal INT --grace 30s 1a2b
  $ bgjobs kill --session cli --reason 'going home'
`;
