import type { Command } from 'commander';
import { basename } from 'node:path';
import type { WaitResult } from '../../api/control.ts';
import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import { isEnded } from '../../api/values.ts';
import { jobSentence, logPaths, showOutput } from '../../agents/tools/answer.ts';
import { exitCodeOfRun } from '../../text/endText.ts';
import { readyLine, terminalWording, waitingText } from '../../text/stateText.ts';
import {
  answer,
  definedOnly,
  eachId,
  exitCodes,
  note,
  printJson,
  usageError,
  type Context,
  type Json,
} from '../base/context.ts';
import { jobArgument, offering } from '../options/offer.ts';
import { field, parseDuration } from '../options/parse.ts';
import { nextVerbs } from './runVerb.ts';

interface WaitOptions extends Json {
  all?: true;
  any?: true;
  exitCode?: true;
  for?: string;
  hook?: true;
  timeoutMs?: number;
}

export function addWait(program: Command, context: Context): void {
  const forHelp = 'exit, started, ready, or a /pattern/ or /pattern/i (RE2) in its output (default exit)';
  program
    .command('wait')
    .summary('wait for jobs to end, start, become ready or print a pattern')
    .description(
      'Wait for jobs, and show how each stands and the end of its output. Interrupting it does not affect them.',
    )
    .addArgument(jobArgument('[id...]', { status: 'waiting,running' }))
    .addOption(offering(['exit', 'started', 'ready'], '--for <what>', forHelp))
    .option(
      '--exit-code',
      'exit with the exit code of the job if it has ended; of several jobs, with one that is not 0',
    )
    .option('--any', 'of several jobs, wait for the first')
    .option('--all', 'of several jobs, wait for all (the default)')
    .option('--hook', 'as a hook at the end of the turn of a coding agent: wait for the first of its jobs (see below)')
    .addOption(field('timeoutMs', '--timeout <duration>', 'give up after this time and exit with 124', parseDuration))
    .option('--json', 'print {timedOut, match, job}, or {results: […]} with one of these for each of several jobs')
    .addHelpText('after', waitHelp)
    .action(async (ids: string[], options: WaitOptions) => {
      if ((ids.length === 0) !== (options.hook ?? false)) throw usageError('specify ids, or --hook');
      if (options.any && options.all) throw usageError('--any cannot be used with --all');
      if (options.hook) return answerHook(context, options);
      const service = await context.connect();
      // A wrong id is told before anything is waited for, and a job that is named twice is one.
      const jobs = new Map<string, Job>();
      for (const id of ids) {
        const job = await service.getJob(id);
        jobs.set(job.id, job);
      }
      const texts = new Map<WaitResult, string>();
      const wait = async (id: string): Promise<WaitResult> => {
        const result = await waitFor(context, service, id, options);
        if (!options.json) texts.set(result, result.match ?? (await bell(service, result.job)));
        return result;
      };
      for (const job of jobs.values()) await noteBefore(context, job);
      if (options.any) return waitForFirst(context, service, [...jobs.keys()], options);
      await eachId(context, [...jobs.keys()], options, wait, (result) => texts.get(result) ?? '');
    });
}

async function waitFor(context: Context, service: JobService, id: string, options: WaitOptions): Promise<WaitResult> {
  return judge(context, await service.waitForJob(id, queryOf(options)), options);
}

function queryOf({ for: what, timeoutMs }: WaitOptions) {
  return definedOnly({ for: what, timeoutMs });
}

/** Its JSON is that of a wait for one job. */
async function waitForFirst(context: Context, service: JobService, ids: string[], options: WaitOptions): Promise<void> {
  const { results } = await service.waitForJobs({ ids, until: 'any', ...queryOf(options) });
  for (const result of results) {
    await judge(context, result, options);
    const text = options.json ? '' : (result.match ?? (await bell(service, result.job)));
    await answer(context, options, result, () => text);
  }
}

/** Says what the wait came to, where it is not what was waited for, and sets the exit code. */
async function judge(context: Context, result: WaitResult, options: WaitOptions): Promise<WaitResult> {
  const { exitCode, for: what = 'exit' } = options;
  const { status, shortId } = result.job;
  const isOver = isEnded(status);
  if (result.timedOut) {
    await note(context, `the wait timed out; ${shortId} continues`);
    context.exitCode ||= exitCodes.waitTimedOut;
  } else if (missed(what, result)) {
    await note(context, isOver ? `${shortId} ended first` : `${shortId} was not ready in time`);
    if (!exitCode || !isOver) context.exitCode ||= exitCodes.failure;
  }
  if (exitCode && isOver) context.exitCode ||= exitCodeOfRun(result.job);
  return result;
}

/**
 * Waits for the first job that agents have started in this folder, and prints what makes a coding agent go on with the
 * news instead of ending its turn. Without such a job nothing is printed, and the turn ends.
 */
async function answerHook(context: Context, { timeoutMs }: WaitOptions): Promise<void> {
  // The end of a turn is no reason to start the job host.
  if (!(await context.hostStatus()).running) return;
  const service = await context.connect();
  const session = context.env['BGJOBS_SESSION'] || basename(context.cwd);
  const { jobs } = await service.listJobs({ session, status: 'pending,starting,running,stopping' });
  const awaited = new Map(jobs.filter(endsByItself).map(({ id, shortId }) => [id, shortId]));
  if (awaited.size === 0) return;
  await note(context, `waiting for ${[...awaited.values()].join(', ')}`);
  const waits = [...awaited.keys()].map((id) => service.waitForJob(id, { timeoutMs }));
  const { job, timedOut } = await Promise.race(waits);
  if (timedOut) return;
  awaited.delete(job.id);
  const rest = awaited.size === 0 ? '' : `\nNot ended when this wait began: ${[...awaited.values()].join(', ')}`;
  await printJson(context, { decision: 'block', reason: `${await bell(service, job)}${rest}` });
}

/** A server would keep the agent from ever ending its turn. */
function endsByItself({ options: { actor, readyWhen, restart } }: Job): boolean {
  return actor === 'agent' && !readyWhen && !restart;
}

/** Says why a wait may be long. */
async function noteBefore(context: Context, job: Job): Promise<void> {
  const { shortId, status, options } = job;
  const why = waitingText(job, terminalWording(Date.now()));
  if (options.cron !== null && status === 'scheduled') {
    const where = `bgjobs list --schedule ${shortId}`;
    await note(context, `${shortId} is a schedule and does not end by itself. Its jobs: ${where}`);
  } else if (status === 'held') {
    await note(context, `${shortId} is held and does not start until it is released: bgjobs release ${shortId}`);
  } else if (why !== '') {
    await note(context, `${shortId} has not started yet: ${why}`);
  }
}

/** The lines of output that {@link bell} shows, and how many characters they may have. */
const shownLines = 4;
const shownChars = 2000;

/** What a model or a person must know when a wait is over, in ten lines: the state, the last output, what to do next. */
async function bell(service: JobService, job: Job): Promise<string> {
  if (job.array) return [jobSentence(job), nextVerbs(job)].join('\n');
  const output = job.run === null ? '' : (await showOutput(service, job, { tail: shownLines }, shownChars)).text;
  const obstacle = job.ready ? '' : readyLine(job);
  return [jobSentence(job), obstacle, output || 'No output.', logPaths(job.runs.at(-1)), nextVerbs(job)]
    .filter((line) => line !== '')
    .join('\n');
}

/** The condition can no longer be met: the job has ended, or its time to become ready is over. */
function missed(what: string, { match, job }: WaitResult): boolean {
  if (what === 'exit') return false;
  if (what === 'ready') return job.ready !== true;
  return isEnded(job.status) && (what === 'started' ? job.startedAt === null : match === null);
}

const waitHelp = `
Exit codes: 0 the condition was met, 124 the wait timed out, 1 the job ended first or was not ready in time. With
--exit-code, and with \`bgjobs run --wait\`, it is the job's own.

A coding agent that is told when a background command of its own ends can run this as such a command: it is called again
when the job has ended, and reads the state, the last output and what to do next.

With --hook and no id, it waits for the first to end of the jobs that agents have started in this folder (or in the
session $BGJOBS_SESSION), except servers: jobs with --ready-when or --restart. It prints {decision, reason}, from which
Claude Code, Codex, Copilot CLI, Gemini CLI and Qwen Code go on with the news instead of ending their turn, or nothing
if there is no such job.

Examples:
  $ bgjobs wait 1a2b
  $ bgjobs wait 1a2b 3c4d --exit-code
  $ bgjobs wait server tests --any
  $ bgjobs wait 1a2b --for ready
  $ bgjobs wait 1a2b --for '/Listening on port \\d+/' --timeout 30s
`;
