import type { Command } from 'commander';
import type { KillManyRequest, KillRequest, KillResult } from '../../api/control.ts';
import type { Job } from '../../api/job.ts';
import type { JobUpdate } from '../../api/jobUpdate.ts';
import type { Dependency } from '../../api/options.ts';
import { signalNames } from '../../api/signals.ts';
import { killText } from '../../text/endText.ts';
import { commandLine, oneLine, plural } from '../../text/grammar.ts';
import { terminalWording, waitingText } from '../../text/stateText.ts';
import {
  answer,
  definedOnly,
  eachId,
  exitCodes,
  forwardInput,
  usageError,
  type Context,
  type Json,
} from '../base/context.ts';
import { painter, statusStyle } from '../base/table.ts';
import { jobArgument, offering } from '../options/offer.ts';
import { addSelection, type SelectionOptions } from '../options/selection.ts';
import { collectDependency, dependencyOffer, field, parseCount, parseDuration, taskId } from '../options/parse.ts';

export function addKill(program: Command, context: Context): void {
  const verb = program
    .command('kill')
    .summary('stop jobs and all their processes')
    .description(
      'Stop jobs: signal the whole process tree, send SIGKILL after the grace period, and check that every process has ended.',
    )
    .addArgument(jobArgument('[id...]', { status: 'waiting,running' }))
    .addOption(
      offering(signals, '--signal <name>', 'signal to send: INT, TERM, HUP, QUIT, KILL, USR1 or USR2 (default TERM)'),
    )
    .addOption(
      field('graceMs', '--grace <duration>', "time to wait before SIGKILL (default the job's --grace)", parseDuration),
    )
    .option('--reason <text>', 'reason to record with the job')
    .option('--task <n>', 'stop only this task of an array; ID:n does the same', parseCount)
    .option('--run <n>', 'stop the job only if this is its current run', parseCount)
    .option('--requeue', 'put the job back into the queue when it has ended')
    .option('--no-escalate', 'only send the signal; never send SIGKILL')
    .option('--no-wait', 'return without waiting for the job to end');
  addSelection(verb, 'stop all jobs');
  verb
    .option('--all', 'stop all jobs')
    .option('--json', 'print the result as JSON; for several jobs {results: [...]}')
    .addHelpText('after', killHelp)
    .action((ids: string[], options: KillOptions) => kill(context, ids, options));
}

const signals = signalNames.map((name) => name.replace('SIG', ''));

type KillOptions = KillRequest & Pick<KillManyRequest, 'all'> & SelectionOptions & Json & { task?: number };

async function kill(context: Context, ids: string[], options: KillOptions): Promise<void> {
  const { json, session, tag, status, query, all, run, task, escalate, ...rest } = options;
  const selection = definedOnly({ session, tag, status, q: query });
  const choices = [ids.length > 0, Object.keys(selection).length > 0, all].filter(Boolean).length;
  if (choices !== 1) throw usageError('specify ids, --all, or one or more of --session, --tag, --status and --query');
  if (run !== undefined && ids.length !== 1) throw usageError('--run requires exactly one id');
  if (task !== undefined && ids.length !== 1) throw usageError('--task requires exactly one id');
  // Without the option, the signal decides.
  const request = { ...rest, ...(escalate === false && { escalate }) };
  const service = await context.connect();
  if (ids.length > 0) {
    const killOne = async (id: string): Promise<KillResult> =>
      failOnSurvivors(context, await service.killJob(taskId(id, task), { ...request, ...definedOnly({ run }) }));
    return eachId(context, ids, { json }, killOne, describeKill);
  }
  const done = await service.killJobs({ ...request, ...selection, ...definedOnly({ all }) });
  for (const result of done.results) failOnSurvivors(context, result);
  await answer(context, { json }, done, () => done.results.map(describeKill).join('\n') || 'no jobs to stop');
}

/** A job with surviving processes counts as a failure, whatever the result says. */
function failOnSurvivors(context: Context, result: KillResult): KillResult {
  if (result.survivors.length > 0) context.exitCode ||= exitCodes.failure;
  return result;
}

export function describeKill(result: KillResult): string {
  const lines = [`${result.job.shortId} ${killText(result)}`];
  if (result.leftoversEnded > 0) {
    lines.push(`  ${plural(result.leftoversEnded, 'process', 'processes')} left behind by the job ended`);
  }
  for (const { pid, command } of result.survivors) lines.push(`  still alive: ${pid} ${oneLine(command)}`);
  return lines.join('\n');
}

const killHelp = `
Waiting jobs are canceled; jobs that have ended do not change. USR1 and USR2 are only sent, without SIGKILL later.
If a process cannot be ended, it is listed and the exit code is 1. On Windows every signal ends the tree at once.

Examples:
  $ bgjobs kill 1a2b3c4d
  $ bgjobs kill --signal INT --grace 30s 1a2b
  $ bgjobs kill --session cli --reason 'going home'
`;

interface InputOptions extends Json {
  newline: boolean;
  eof?: boolean;
}

function readsInput({ options }: Job): boolean {
  return options.stdin === 'pipe';
}

export function addInput(program: Command, context: Context): void {
  program
    .command('input')
    .summary('write to the standard input of a job')
    .description('Write to the standard input of a job that was started with --stdin pipe or --tty.')
    .addArgument(jobArgument('<id>', { status: 'starting,running', where: readsInput }))
    .argument('[text]', 'a line of text, or - to forward the standard input of this command')
    .option('--no-newline', 'send the text without a newline')
    .option('--eof', 'close the standard input of the job, after the text if one is given')
    .option('--json', 'print the job as JSON')
    .addHelpText('after', inputHelp)
    .action(async (id: string, text: string | undefined, options: InputOptions) => {
      const job = await sendInput(context, id, text, options);
      await answer(context, options, job, () => `${job.shortId}: input sent${options.eof ? ', stdin closed' : ''}`);
    });
}

async function sendInput(
  context: Context,
  id: string,
  text: string | undefined,
  { newline, eof = false }: InputOptions,
): Promise<Job> {
  if (text === undefined && !eof) throw usageError('specify a text, - for standard input, or --eof');
  const service = await context.connect();
  if (text === undefined) return service.sendInput(id, { eof });
  if (text !== '-') {
    return service.sendInput(id, { text: newline && !text.endsWith('\n') ? `${text}\n` : text, eof });
  }
  await forwardInput(context, service, id);
  return eof ? service.sendInput(id, { eof }) : service.getJob(id);
}

const inputHelp = `
Examples:
  $ bgjobs input 1a2b yes
  $ bgjobs input 1a2b --eof
  $ bgjobs input 1a2b - --eof < answers.txt
`;

interface UpdateOptions extends Json {
  session?: string;
  priority?: number;
  /** False: `--no-after`. */
  after?: Dependency[] | false;
  pin?: true;
  unpin?: true;
}

export function addUpdate(program: Command, context: Context): void {
  program
    .command('update')
    .summary('change a waiting job; pin any job')
    .description(
      'Change the session, priority and dependencies of a waiting job, and pin jobs to keep them from being cleaned up.',
    )
    .addArgument(jobArgument('<id>'))
    .addOption(offering('sessions', '--session <name>', 'move the job into this session'))
    .option('--priority <1-10>', 'jobs with a higher priority start first', parseCount)
    .addOption(
      offering(
        dependencyOffer,
        '--after <id[:condition]>',
        'replace the dependencies (can be repeated)',
        collectDependency,
      ),
    )
    .option('--no-after', 'remove all dependencies')
    .option('--pin', 'keep the job when finished jobs are cleaned up')
    .option('--unpin', 'clean up the job like any other')
    .option('--json', 'print the job as JSON')
    .action(async (id: string, options: UpdateOptions) => {
      const request = updateRequest(options);
      const job = await (await context.connect()).updateJob(id, request);
      await answer(context, options, job, () => describeUpdate(context, job));
    });
}

function updateRequest({ session, priority, after, pin, unpin }: UpdateOptions): JobUpdate {
  if (pin && unpin) throw usageError('--pin cannot be used with --unpin');
  const dependsOn = after === false ? [] : after;
  const request = definedOnly({ session, priority, dependsOn, pinned: pin ? true : unpin ? false : undefined });
  if (Object.keys(request).length === 0) {
    throw usageError('specify at least one of --session, --priority, --after, --no-after, --pin and --unpin');
  }
  return request;
}

function describeUpdate(context: Context, job: Job): string {
  const why = waitingText(job, terminalWording(Date.now()));
  const state = painter(context)(statusStyle[job.status], job.status);
  const details = [`priority ${job.priority}`, job.pinned ? 'pinned' : '', why].filter((part) => part !== '');
  return `${job.shortId} ${state}, ${details.join(', ')}  ${commandLine(job)}`;
}
