import type { Command } from 'commander';
import type { KillRequest, KillResult } from '../../api/control.ts';
import { answer } from '../base/context.ts';
import type { Context } from '../base/context.ts';
import { eachId } from '../base/eachId.ts';
import { exitCodes } from '../base/exitCodes.ts';
import { usageError } from '../base/cliFailure.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { parseCount, parseDuration } from '../options/parse.ts';
import { endSentence } from '../../text/jobText.ts';
import { oneLine, plural } from '../../text/grammar.ts';
import { duration } from '../../text/timeText.ts';

export function addKill(program: Command, context: Context): void {
  program
    .command('kill')
    .summary('stop jobs, with all processes they have started')
    .description('Stop jobs: signal the whole tree, SIGKILL what is left after the grace time, prove it dead.')
    .argument('[id...]', 'ids, or as many of their first characters as make them unique')
    .option('--signal <name>', 'INT, TERM, HUP, QUIT, KILL, USR1 or USR2 (TERM)')
    .option('--grace <duration>', "time until SIGKILL (the job's own, 5s)", parseDuration)
    .option('--reason <text>', 'why, for the record')
    .option('--run <n>', 'only if this is the current run', parseCount)
    .option('--requeue', 'put the job back into the queue when it is dead')
    .option('--no-escalate', 'deliver the signal and no more')
    .option('--no-wait', 'do not wait until it is dead')
    .option('--session <name>', 'all jobs of this session')
    .option('--tag <key[=value]>', 'all jobs with this tag')
    .option('--all', 'all jobs')
    .option('--json', 'print the result; for several jobs {results: [...]}')
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
  if (choices !== 1) throw usageError('give ids, or one of --session, --tag and --all');
  if (options.run !== undefined && ids.length !== 1) throw usageError('--run names a run of one job: give its id');
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
      async (id) => noteSurvivors(context, await service.killJob(id, { ...request, ...run })),
      describeKill,
    );
  }
  const done = await service.killJobs({ ...request, ...definedOnly({ session, tag, all }) });
  for (const result of done.results) noteSurvivors(context, result);
  await answer(context, options, done, () => done.results.map(describeKill).join('\n') || 'nothing to stop');
}

/** A tree of which somebody is alive is not stopped, whatever was asked. */
function noteSurvivors(context: Context, result: KillResult): KillResult {
  if (result.survivors.length > 0) context.exitCode ||= exitCodes.failure;
  return result;
}

export function describeKill(result: KillResult): string {
  const lines = [`${result.job.shortId} ${sentence(result)}`];
  if (result.leftoversEnded > 0) {
    lines.push(`  ${plural(result.leftoversEnded, 'process', 'processes')} that had remained ended now`);
  }
  for (const { pid, command } of result.survivors) lines.push(`  still alive: ${pid} ${oneLine(command)}`);
  return lines.join('\n');
}

function sentence(result: KillResult): string {
  switch (result.result) {
    case 'killed': {
      const forced = result.escalated ? ', SIGKILL was needed' : '';
      return `killed with ${result.signal ?? 'a signal'} in ${duration(result.durationMs)}${forced}`;
    }
    case 'already_terminated':
      return `already terminated: ${endSentence({ ...result.job, leftovers: [] })}`;
    case 'cancelled':
      return result.job.options.cron === null ? 'cancelled: it will not run' : 'cancelled: it makes no more jobs';
    case 'signalled':
      return `${result.signal ?? 'signal'} delivered`;
    case 'stopping':
      return 'is being stopped';
  }
}

const help = `
A job that waits is cancelled and never runs. A job that has ended stays as it is. USR1 and USR2 are delivered and no
more. Exit code 1 when a process could not be ended; it is named.
On Windows every signal ends the tree at once.

Examples:
  $ bgjobs kill 1a2b3c4d
  $ bgjobs kill --signal INT --grace 30s 1a2b
  $ bgjobs kill --session cli --reason 'going home'
`;
