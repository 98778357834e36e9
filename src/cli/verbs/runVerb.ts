/**
 * `cli/verbs` has one function per verb of `bgjobs`, which adds it with its options and runs it through the service. Only
 * `cli/app` imports it; it imports the other rooms of the command line, `api` and `text`, and loads servers on demand.
 */

import { resolve } from 'node:path';
import { Argument, type Command } from 'commander';
import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import type { StartRequest, StdinOption } from '../../api/options.ts';
import { isEnded } from '../../api/values.ts';
import { tasksText, wholeEndText } from '../../text/endText.ts';
import { capitalized, commandLine } from '../../text/grammar.ts';
import { readyLine, readyText, terminalWording, waitingText } from '../../text/stateText.ts';
import { answer, exitCodes, note, usageError, type Context, type Json } from '../base/context.ts';
import { painter, statusStyle } from '../base/table.ts';
import { addArrayOptions, arrayRequest, type ArrayOptions } from '../options/arrayOptions.ts';
import { offering, withOffer } from '../options/offer.ts';
import { field, parseDuration, parseInteger, parseSize } from '../options/parse.ts';
import { addSlurmOptions, slurmRequest, type SlurmVerbOptions } from '../options/slurmOptions.ts';
import {
  addPlacingOptions,
  addReadyOptions,
  addRepeatingOptions,
  addSchedulingOptions,
  readyRequest,
  repeatingRequest,
  startRequest,
  type ReadyOptions,
  type RepeatingOptions,
  type StartOptions,
} from '../options/newJobOptions.ts';

export function addRun(program: Command, context: Context): void {
  const memory = 'stop the job if its processes use more memory than this (default no limit)';
  const nice = 'a higher value leaves more CPU time to others; below 0 needs privileges';
  const grace = 'when the job is stopped, send SIGKILL after this time (default 5s)';
  const key = 'if a job with this key exists, return it instead of starting another';
  const full = 'over a limit, wait or fail with exit code 6 (default queue)';
  const capture = 'separate logs for the streams, or one merged log (default separate)';
  const maxLog = 'largest log of a stream (default 256M)';
  const whenFull = 'at --max-log, drop the oldest output, pause the job or end it (default drop)';
  const leftovers = 'processes that outlive the main process (default keep)';
  const shellPath = "shell to use (default $SHELL or the system's shell)";
  const stdin = 'standard input: text, a file, or a pipe for `bgjobs input` (default none)';
  const tty = 'run in a terminal of its own, for `bgjobs attach`; with --wait, attach to it now';
  const argvHelp = 'program and arguments, passed on unchanged without a shell';
  const verb = program
    .command('run')
    .summary('start a job')
    .description('Start a job. It keeps running when the terminal, the editor or the job host exits.')
    .usage("[options] -- PROGRAM [ARGUMENT...]\n       bgjobs run [options] --shell 'LINE'")
    .addArgument(withOffer(new Argument('[argv...]', argvHelp), 'program'))
    .passThroughOptions()
    .addOption(field('command', '--shell <line>', 'run this line in a shell instead'))
    .addOption(withOffer(field('shell', '--shell-path <program>', shellPath), 'files'));
  addPlacingOptions(verb)
    .addOption(field('limits.memoryBytes', '--memory <size>', memory, parseSize))
    .addOption(field('limits.nice', '--nice <-20..19>', nice, parseInteger))
    .addOption(field('graceMs', '--grace <duration>', grace, parseDuration));
  addReadyOptions(verb)
    .addOption(offering(['pipe'], '--stdin <text|@file|pipe>', stdin))
    .addOption(field('tty', '--tty', tty))
    .addOption(field('idempotencyKey', '--key <key>', key))
    .addOption(field('ifFull', '--if-full <what>', full, ['queue', 'reject']))
    .addOption(field('capture', '--capture <how>', capture, ['separate', 'merged']))
    .addOption(field('maxLogBytes', '--max-log <size>', maxLog, parseSize))
    .addOption(field('whenFull', '--when-full <what>', whenFull, ['drop', 'pause', 'end']))
    .addOption(field('leftovers', '--leftovers <what>', leftovers, ['keep', 'kill']))
    .option('--wait', "follow the output until the job ends, then exit with the job's exit code")
    .option('--wait-ready', 'return when the job is ready; exit with 1 if it does not become ready')
    .option('--json', 'print the job as JSON')
    .addHelpText('after', help)
    .action((argv: string[], options: Options) => run(context, argv, options));
  addSchedulingOptions(verb);
  addRepeatingOptions(verb);
  addArrayOptions(verb);
  addSlurmOptions(verb);
}

type Rewritten = ReadyOptions & RepeatingOptions & ArrayOptions & SlurmVerbOptions & { stdin?: string };

interface Options extends Omit<StartOptions, keyof Rewritten>, Rewritten, Json {
  tty?: true;
  wait?: true;
  waitReady?: true;
}

async function run(context: Context, argv: string[], options: Options): Promise<void> {
  const array = await arrayRequest(context, options);
  const request = { ...requestOf(context, argv, options), ...array };
  const service = options.tty && options.wait ? await context.stayConnected() : await context.connect();
  const started = await service.startJob(request);
  if (options.wait) {
    const { followRun, followTasks } = await import('./outputVerb.ts');
    const { attachTerminal, isInteractive } = await import('./attachTerminal.ts');
    if (started.job.array) return followTasks(context, service, started.job, options);
    if (options.tty && !options.json && isInteractive(context)) return attachTerminal(context, service, started.job);
    return followRun(context, service, started, options);
  }
  const { job, created } = started;
  const shown = options.waitReady ? await waitUntilReady(context, service, job) : job;
  await answer(context, options, shown, () => describeStart(context, shown, created));
}

/** An interruption does not stop the job. */
async function waitUntilReady(context: Context, service: JobService, { id, shortId }: Job): Promise<Job> {
  await note(context, `waiting until ${shortId} is ready`);
  const { job } = await service.waitForJob(id, { for: 'ready' });
  if (!job.ready) context.exitCode = exitCodes.failure;
  return job;
}

function requestOf(context: Context, argv: string[], options: Options): StartRequest {
  const { json, wait, waitReady, stdin, readyWhen, probe, array, each, null: _null, maxRunning, ...others } = options;
  const {
    retry = 0,
    retryOn,
    restart,
    maxRestarts,
    backoff,
    runner: _runner,
    slurm: _slurm,
    extra: _extra,
    ...request
  } = others;
  const { command, shell } = request;
  if ((argv.length === 0) === (command === undefined)) {
    throw usageError("specify a program (bgjobs run -- make -j2) or a line (bgjobs run --shell 'make | tee log')");
  }
  if (waitReady && (wait || !readyWhen)) {
    throw usageError('--wait-ready requires --ready-when and cannot be used with --wait');
  }
  if (shell !== undefined && command === undefined) throw usageError('--shell-path requires --shell');
  if (wait && stdin === 'pipe' && (retry > 0 || restart !== undefined)) {
    throw usageError(
      '--stdin pipe --wait cannot be used with --retry or --restart: standard input can be read only once',
    );
  }
  return {
    ...(command === undefined && { argv }),
    limits: {},
    ...startRequest(context, request, wait ?? waitReady),
    ...repeatingRequest(options),
    ...(stdin !== undefined && { stdin: stdinOption(context, stdin) }),
    ...readyRequest(options),
    ...slurmRequest(options),
    ...(options.tty && terminalOf(context.stdout)),
  };
}

/** The size of this terminal, if it is one. */
function terminalOf({ columns, rows }: Context['stdout']): Pick<StartRequest, 'terminalSize'> {
  return columns && rows ? { terminalSize: { columns, rows } } : {};
}

function stdinOption(context: Context, text: string): StdinOption {
  if (text === 'pipe') return { type: 'pipe' };
  if (text.startsWith('@')) return { type: 'file', path: resolve(context.cwd, text.slice(1)) };
  return { type: 'text', text };
}

/** The started job, and commands to continue with. */
export function describeStart(context: Context, job: Job, created: boolean): string {
  const paint = painter(context);
  const state = paint(statusStyle[job.status], job.status);
  const known = created ? '' : paint('dim', ' (already existed)');
  const ready = readyText(job) && `, ${readyText(job)}`;
  const tasks = tasksText(job) && `, ${tasksText(job)}`;
  const first = `${paint('bold', job.shortId)} ${state}${ready}${tasks}${known}  ${commandLine(job)}`;
  const why = job.waitingFor ? `\n${capitalized(waitingText(job, terminalWording(Date.now())))}.` : '';
  const end = job.finishedAt === null ? '' : `\n${capitalized(wholeEndText(job))}.`;
  const evidence = readyLine(job) && `\n${readyLine(job)}.`;
  return `${first}${why}${end}${evidence}\n${paint('dim', nextVerbs(job))}`;
}

/** The commands that make sense next. */
export function nextVerbs(job: Job): string {
  const id = job.shortId;
  if (job.status === 'held') return `Next: bgjobs release ${id} | remove ${id}`;
  if (job.status === 'scheduled') return `Next: bgjobs release ${id} (at once) | hold ${id} | kill ${id}`;
  const [look, again] = job.codingAgent ? ['agent-events', 'continue'] : ['output', 'restart'];
  if (job.array && isEnded(job.status))
    return `Next: bgjobs list --array ${id} | output ${id} | restart ${id} --failed`;
  if (isEnded(job.status)) return `Next: bgjobs status ${id} | ${look} ${id} | ${again} ${id}`;
  if (job.array) return `Next: bgjobs list --array ${id} | wait ${id} | kill ${id}`;
  if (job.options.tty) return `Next: bgjobs attach ${id} | output ${id} | kill ${id}`;
  return `Next: bgjobs ${look} ${id} --follow | status ${id} | kill ${id}`;
}

const help = `
Durations: 30s, 5m, 1h30m, 500ms, 2d; a plain number is seconds. Sizes: 64K, 256M, 1G; a plain number is bytes.

With --wait, bgjobs prints the output of the job as it is written and exits with the exit code of the job: 128+n if
signal n ended it, 127 if the program does not exist, 126 if it cannot be started. With --json in addition, all output
goes to stderr and the job to stdout. Ctrl+C stops watching; the job keeps running. With --stdin pipe in addition, the
job reads the standard input of bgjobs. With --tty in addition, your terminal becomes that of the job: Ctrl+C goes to
the job, and Ctrl+P Ctrl+Q detaches.

Examples:
  $ bgjobs run -- make -j2
  $ bgjobs run --name web --tag port=8080 -- python3 -m http.server 8080
  $ bgjobs run --shell 'npm test 2>&1 | tee test.log'
  $ bgjobs run --wait --timeout 10m -- npm test
  $ bgjobs run --env DEBUG=1 --env CI- --cwd ../site -- npm run build
  $ bgjobs run --ready-when listening --wait-ready -- npm run dev
  $ bgjobs run --after 1a2b --after 3c4d:finished -- npm run report
  $ bgjobs run --retry 4 --retry-delay 10s --wait -- ./fetch-data
  $ bgjobs run --restart on-failure --name web -- npm start
  $ bgjobs run --array 1-1000%8 -- ./simulate --seed {}
  $ ls *.png | bgjobs run --each - --max-running 4 --wait -- optipng {}
  $ bgjobs run --cron '30 4 * * 1-5' --name nightly -- make report
  $ sort names.txt | bgjobs run --wait --stdin pipe -- uniq -c
`;
