/**
 * `cli/verbs` has one function per verb of `bgjobs`, which adds it with its options and runs it through the service. Only
 * `cli/app` imports it; it imports the other rooms of the command line, `api` and `text`, and loads servers on demand.
 */

import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import type { StartRequest, StdinOption } from '../../api/options.ts';
import { isEnded } from '../../api/values.ts';
import { answer, note, usageError, type Context } from '../base/context.ts';
import { exitCodes } from '../base/exitCodes.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { followRun } from '../output/followRun.ts';
import { choice, parseDuration, parseInteger, parseSize } from '../options/parse.ts';
import { parseReadyWhen, readyWhenOf, type ReadyOptions } from '../options/readyWhen.ts';
import { painter, statusStyle } from '../render/paint.ts';
import { wholeEndText } from '../../text/endText.ts';
import { readyText, waitingText } from '../../text/waitingText.ts';
import { terminalWording } from '../../text/wording.ts';
import { capitalized, commandLine } from '../../text/grammar.ts';
import { addPlacingOptions, placingRequest, type PlacingOptions } from '../options/placingOptions.ts';
import { addRepeatingOptions, repeatingRequest, type RepeatingOptions } from '../options/repeatingOptions.ts';
import { addStartingOptions, startingRequest, type StartingOptions } from '../options/runOptions.ts';

export function addRun(program: Command, context: Context): void {
  const verb = addPlacingOptions(
    program
      .command('run')
      .summary('start a job')
      .description('Start a job. It keeps running when the terminal, the editor or the job host exits.')
      .usage("[options] -- PROGRAM [ARGUMENT...]\n       bgjobs run [options] --shell 'LINE'")
      .argument('[argv...]', 'program and arguments, passed on unchanged without a shell')
      .passThroughOptions()
      .option('--shell <line>', 'run this line in a shell instead')
      .option('--shell-path <program>', "shell to use (default $SHELL or the system's shell)"),
  )
    .option('--memory <size>', 'stop the job if its processes use more memory than this (default no limit)', parseSize)
    .option('--nice <-20..19>', 'a higher value leaves more CPU time to others; below 0 needs privileges', parseInteger)
    .option('--grace <duration>', 'when the job is stopped, send SIGKILL after this time (default 5s)', parseDuration)
    .option(
      '--ready-when <what>',
      'what makes the job ready: /pattern/ in its output, port:3000, a URL or file:PATH',
      parseReadyWhen,
    )
    .option('--ready-timeout <duration>', 'how long the job may take to become ready (default 5m)', parseDuration)
    .addOption(choice('--if-not-ready <what>', 'what to do if it is not ready in time (default keep)', ifNotReady))
    .option('--stdin <text|@file|pipe>', 'standard input: text, a file, or a pipe for `bgjobs input` (default none)')
    .option('--key <key>', 'if a job with this key exists, return it instead of starting another')
    .addOption(choice('--if-full <what>', 'over a limit, wait or fail with exit code 6 (default queue)', ifFull))
    .addOption(
      choice('--capture <how>', 'separate logs for the streams, or one merged log (default separate)', capture),
    )
    .option('--max-log <size>', 'largest log of a stream; the oldest output is dropped (default 256M)', parseSize)
    .addOption(choice('--leftovers <what>', 'processes that outlive the main process (default keep)', leftovers))
    .option('--wait', "follow the output until the job ends, then exit with the job's exit code")
    .option('--wait-ready', 'return when the job is ready; exit with 1 if it does not become ready')
    .option('--json', 'print the job as JSON')
    .addHelpText('after', help)
    .action((argv: string[], options: Options) => run(context, argv, options));
  addStartingOptions(verb.optionsGroup('Scheduling:'));
  addRepeatingOptions(verb.optionsGroup('Retry and restart:'));
}

const ifFull = ['queue', 'reject'] as const;
const capture = ['separate', 'merged'] as const;
const leftovers = ['keep', 'kill'] as const;
const ifNotReady = ['keep', 'stop'] as const;

interface Options extends PlacingOptions, ReadyOptions, StartingOptions, RepeatingOptions {
  shell?: string;
  shellPath?: string;
  memory?: number;
  nice?: number;
  grace?: number;
  stdin?: string;
  key?: string;
  ifFull?: (typeof ifFull)[number];
  capture?: (typeof capture)[number];
  maxLog?: number;
  leftovers?: (typeof leftovers)[number];
  wait?: true;
  waitReady?: true;
  json?: boolean;
}

async function run(context: Context, argv: string[], options: Options): Promise<void> {
  const request = startRequest(context, argv, options);
  const service = await context.connect();
  const started = await service.startJob(request);
  if (options.wait) return followRun(context, service, started, { json: options.json === true });
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

function startRequest(context: Context, argv: string[], options: Options): StartRequest {
  if ((argv.length === 0) === (options.shell === undefined)) {
    throw usageError("specify a program (bgjobs run -- make -j2) or a line (bgjobs run --shell 'make | tee log')");
  }
  if (options.waitReady && (options.wait || !options.readyWhen)) {
    throw usageError('--wait-ready requires --ready-when and cannot be used with --wait');
  }
  if (options.shellPath !== undefined && options.shell === undefined) throw usageError('--shell-path requires --shell');
  checkInput(options);
  return {
    ...(options.shell === undefined ? { argv } : { command: options.shell }),
    ...placingRequest(context, options),
    ...startingRequest(options),
    ...repeatingRequest(options),
    ...definedOnly({
      shell: options.shellPath,
      limits: definedOnly({ memoryBytes: options.memory, nice: options.nice }),
      graceMs: options.grace,
      stdin: options.stdin === undefined ? undefined : stdinOption(context, options.stdin),
      readyWhen: readyWhenOf(options),
      idempotencyKey: options.key,
      ifFull: options.ifFull,
      capture: options.capture,
      maxLogBytes: options.maxLog,
      leftovers: options.leftovers,
    }),
  };
}

function checkInput({ wait, stdin, retry = 0, restart }: Options): void {
  if (wait && stdin === 'pipe' && (retry > 0 || restart !== undefined)) {
    throw usageError(
      '--stdin pipe --wait cannot be used with --retry or --restart: standard input can be read only once',
    );
  }
}

function stdinOption(context: Context, text: string): StdinOption {
  if (text === 'pipe') return { type: 'pipe' };
  if (text.startsWith('@')) return { type: 'file', path: resolve(context.cwd, text.slice(1)) };
  return { type: 'text', text };
}

/** The started job, and commands to continue with. */
export function describeStart(context: Context, job: Job, created: boolean): string {
  const paint = painter(context.stdout, context.env);
  const state = paint(statusStyle[job.status], job.status);
  const known = created ? '' : paint('dim', ' (already existed)');
  const ready = readyText(job) && `, ${readyText(job)}`;
  const first = `${paint('bold', job.shortId)} ${state}${ready}${known}  ${commandLine(job)}`;
  const why = job.waitingFor ? `\n${capitalized(waitingText(job, terminalWording(Date.now())))}.` : '';
  const end = job.finishedAt === null ? '' : `\n${capitalized(wholeEndText(job))}.`;
  return `${first}${why}${end}\n${paint('dim', next(job))}`;
}

function next(job: Job): string {
  const id = job.shortId;
  if (job.status === 'held') return `Next: bgjobs release ${id} | remove ${id}`;
  if (job.status === 'scheduled') return `Next: bgjobs release ${id} (at once) | hold ${id} | kill ${id}`;
  const [look, again] = job.codingAgent ? ['agent-events', 'continue'] : ['output', 'restart'];
  if (isEnded(job.status)) return `Next: bgjobs status ${id} | ${look} ${id} | ${again} ${id}`;
  return `Next: bgjobs ${look} ${id} --follow | status ${id} | kill ${id}`;
}

const help = `
Durations: 30s, 5m, 1h30m, 500ms, 2d; a plain number is seconds. Sizes: 64K, 256M, 1G; a plain number is bytes.

With --wait, bgjobs prints the output of the job as it is written and exits with the exit code of the job: 128+n if
signal n ended it, 127 if the program does not exist, 126 if it cannot be started. With --json in addition, all output
goes to stderr and the job to stdout. Ctrl+C stops watching; the job keeps running. With --stdin pipe in addition, the
job reads the standard input of bgjobs.

Examples:
  $ bgjobs run -- make -j2
  $ bgjobs run --name web --tag port=8080 -- python3 -m http.server 8080
  $ bgjobs run --shell 'npm test 2>&1 | tee test.log'
  $ bgjobs run --wait --timeout 10m -- npm test
  $ bgjobs run --env DEBUG=1 --env CI- --cwd ../site -- npm run build
  $ bgjobs run --ready-when port:3000 --wait-ready -- npm run dev
  $ bgjobs run --after 1a2b --after 3c4d:finished -- npm run report
  $ bgjobs run --retry 4 --retry-delay 10s --wait -- ./fetch-data
  $ bgjobs run --restart on-failure --name web -- npm start
  $ bgjobs run --cron '30 4 * * 1-5' --name nightly -- make report
  $ sort names.txt | bgjobs run --wait --stdin pipe -- uniq -c
`;
