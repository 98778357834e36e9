import { resolve } from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import type { StartRequest, StdinOption } from '../../api/start.ts';
import { isEnded } from '../../api/values.ts';
import { answer, note } from '../base/context.ts';
import type { Context } from '../base/context.ts';
import { exitCodes } from '../base/exitCodes.ts';
import { usageError } from '../base/cliFailure.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { followRun } from '../output/followRun.ts';
import { parseDuration, parseInteger, parseSize } from '../options/parse.ts';
import { parseReadyWhen, readyWhenOf, type ReadyOptions } from '../options/readyWhen.ts';
import { painter, statusStyle } from '../render/paint.ts';
import { endSentence, readyPhrase, waitingPhrase } from '../../text/jobText.ts';
import { capitalized, commandLine } from '../../text/grammar.ts';
import { fromNow } from '../../text/timeText.ts';
import { addPlacingOptions, placingRequest, type PlacingOptions } from '../options/placingOptions.ts';
import { addRepeatingOptions, repeatingRequest, type RepeatingOptions } from '../options/repeatingOptions.ts';
import { addStartingOptions, startingRequest, type StartingOptions } from '../options/startOptions.ts';

export function addRun(program: Command, context: Context): void {
  const verb = addPlacingOptions(
    program
      .command('run')
      .summary('start a job')
      .description('Start a job. It goes on when this terminal, the editor and even the job host have gone.')
      .usage("[options] -- PROGRAM [ARGUMENT...]\n       bgjobs run [options] --shell 'LINE'")
      .argument('[argv...]', 'program and arguments, run without a shell: each arrives byte for byte')
      .passThroughOptions()
      .option('--shell <line>', 'run this line in a shell instead')
      .option('--shell-path <program>', "the shell for that (your own: $SHELL, or the system's)"),
  )
    .option('--memory <size>', 'end it when it and all it starts hold more than this (no limit)', parseSize)
    .option('--nice <-20..19>', 'the higher, the less CPU among others; below 0 needs rights', parseInteger)
    .option('--grace <duration>', 'between the polite signal and SIGKILL when it is stopped (5s)', parseDuration)
    .option(
      '--ready-when <what>',
      'it is ready when: /pattern/ in its output, port:3000, a URL, file:PATH',
      parseReadyWhen,
    )
    .option('--ready-timeout <duration>', 'it must be ready after this long (5m)', parseDuration)
    .addOption(new Option('--if-not-ready <what>', 'when it is not: let it run, or end it (keep)').choices(ifNotReady))
    .option('--stdin <text|@file|pipe>', 'standard input: this text, a file, or what `bgjobs input` sends (none)')
    .option('--key <key>', 'a second run with the same key gives back the first job')
    .addOption(new Option('--if-full <what>', 'over a limit: wait, or fail with exit code 6 (queue)').choices(ifFull))
    .addOption(
      new Option('--capture <how>', 'merged: both streams in one log, in exact order (separate)').choices(capture),
    )
    .option('--max-log <size>', 'per stream; over it the oldest output is dropped (256M)', parseSize)
    .addOption(new Option('--leftovers <what>', 'processes that outlive the main one (keep)').choices(leftovers))
    .option('--wait', "follow the output to the end, then exit with the job's own code")
    .option('--wait-ready', 'return when it is ready; with exit code 1 when it will not be')
    .option('--json', 'print the job as one JSON document')
    .addHelpText('after', help)
    .action((argv: string[], options: Options) => run(context, argv, options));
  addStartingOptions(verb.optionsGroup('When it starts:'));
  addRepeatingOptions(verb.optionsGroup('When it has ended:'));
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

/** To interrupt it leaves the job alone. */
async function waitUntilReady(context: Context, service: JobService, { id, shortId }: Job): Promise<Job> {
  await note(context, `waiting until ${shortId} is ready`);
  const { job } = await service.waitForJob(id, { for: 'ready' });
  if (!job.ready) context.exitCode = exitCodes.failure;
  return job;
}

function startRequest(context: Context, argv: string[], options: Options): StartRequest {
  if ((argv.length === 0) === (options.shell === undefined)) {
    throw usageError("give a program (bgjobs run -- make -j2) or a line (bgjobs run --shell 'make | tee log')");
  }
  if (options.waitReady && (options.wait || !options.readyWhen)) {
    throw usageError('--wait-ready needs --ready-when, and does not go with --wait');
  }
  if (options.shellPath !== undefined && options.shell === undefined) throw usageError('--shell-path needs --shell');
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
    throw usageError('standard input can be read once: --stdin pipe --wait goes without --retry and --restart');
  }
}

function stdinOption(context: Context, text: string): StdinOption {
  if (text === 'pipe') return { type: 'pipe' };
  if (text.startsWith('@')) return { type: 'file', path: resolve(context.cwd, text.slice(1)) };
  return { type: 'text', text };
}

/** What was started, and what can be done next. */
export function describeStart(context: Context, job: Job, created: boolean): string {
  const paint = painter(context.stdout, context.env);
  const state = paint(statusStyle[job.status], job.status);
  const known = created ? '' : paint('dim', ' (was there already)');
  const ready = readyPhrase(job) && `, ${readyPhrase(job)}`;
  const first = `${paint('bold', job.shortId)} ${state}${ready}${known}  ${commandLine(job)}`;
  const why = job.waitingFor ? `\nIt ${waitingPhrase(job, fromNow(Date.now()))}.` : '';
  const end = job.finishedAt === null ? '' : `\n${capitalized(endSentence(job))}.`;
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

With --wait the output goes to stdout and stderr as the job writes it (with --json all of it to stderr, and the job
to stdout), and the exit code is the job's: 128+n when signal n ended it, 127 when the program does not exist, 126 when
it cannot be started. Ctrl+C leaves off watching; the job runs on. With --stdin pipe --wait the job reads the standard
input of this command, to its end.

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
