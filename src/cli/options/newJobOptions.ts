import { resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import type { RestartOption, RetryOption, StartRequest } from '../../api/options.ts';
import { dependencyFailures, longestDelayMs, missedTimes, overlaps, restartPolicies } from '../../api/values.ts';
import { definedOnly, usageError, type Context } from '../base/context.ts';
import { offering, sessionOption, withOffer } from './offer.ts';
import {
  collectDependency,
  collectEnvironment,
  collectNames,
  collectTag,
  dependencyOffer,
  field,
  parseCount,
  parseDuration,
  parseStart,
} from './parse.ts';

/** A start request by the names of its fields, which is complete with the folder. */
export type StartOptions = Partial<Omit<StartRequest, 'at'>> & { at?: ReturnType<typeof parseStart> };

/** The name, session, folder, environment and time limits. */
export function addPlacingOptions(verb: Command): Command {
  const timeout = 'stop the job after this time (default no limit)';
  const silence = 'stop the job after this time without output';
  const secret = 'pass on a variable of this environment, keeping its value in memory only (can be repeated)';
  const hook = 'tell this hook of the job, one of `bgjobs hook list` (can be repeated)';
  const envFile = 'read variables from a file of NAME=value lines; --env takes precedence';
  return verb
    .addOption(offering('names', '--name <name>', 'name of the job'))
    .addOption(sessionOption('session of the job (default $BGJOBS_SESSION or "cli")'))
    .addOption(offering('folders', '--cwd <folder>', 'working directory (default the current one)'))
    .option('--env <name=value>', 'set an environment variable; NAME- removes it (can be repeated)', collectEnvironment)
    .addOption(field('secrets', '--secret <name>', secret, collectNames))
    .addOption(offering('files', '--env-file <file>', envFile))
    .addOption(field('notify', '--notify <hook>', hook, collectNames))
    .addOption(field('tags', '--tag <key=value>', 'add a tag (can be repeated)', collectTag))
    .option('--priority <1-10>', 'jobs with a higher priority start first (default 5)', parseCount)
    .addOption(field('timeoutMs', '--timeout <duration>', timeout, parseDuration))
    .addOption(field('idleTimeoutMs', '--idle-timeout <duration>', silence, parseDuration))
    .addOption(field('held', '--hold', 'create the job but do not start it until `bgjobs release`'));
}

/** When the job starts: after other jobs, at a time, on a schedule. */
export function addSchedulingOptions(verb: Command): void {
  const after = 'start when that job has succeeded, or is finished, started or ready (can be repeated)';
  const missed = 'for times missed while the machine was off (default once)';
  const overlap = 'if the previous job of the schedule has not ended (default skip)';
  const fails = 'if --after cannot be met any more (default cancel)';
  verb
    .optionsGroup('Scheduling:')
    .addOption(withOffer(field('dependsOn', '--after <id[:condition]>', after, collectDependency), dependencyOffer))
    .addOption(field('ifDependencyFails', '--if-dependency-fails <what>', fails, dependencyFailures))
    .option('--at <time>', "start at 17:30, '2026-11-20 17:30', a time with a zone, or 10m from now", (text) =>
      parseStart(text, Date.now()),
    )
    .option('--cron <schedule>', "start a new job on a schedule: 'minute hour day month weekday'")
    .option('--time-zone <name>', "time zone of --cron, for example Europe/Berlin (default the job host's)")
    .addOption(field('ifMissed', '--if-missed <what>', missed, missedTimes))
    .addOption(field('ifOverlap', '--if-overlap <what>', overlap, overlaps))
    .option('--mutex <name>', 'run only one job with this mutex at a time')
    .option('--unless-running', 'if a job with the same name is already running or waiting, return that job');
}

/** @throws BgJobsError `invalid_request` for options that contradict each other */
export function startRequest(context: Context, options: StartOptions, waits = false): StartRequest {
  const { cwd = '.', envFile, session, at, tags, ...rest } = options;
  // A hook that starts jobs is not told of them: that would never end.
  const startedBy = context.env['BGJOBS_HOOK'];
  const allTags = startedBy ? { ...tags, hook: startedBy } : tags;
  const { cron } = options;
  if (cron !== undefined && waits) throw usageError('--cron cannot be used with --wait: a schedule does not end');
  if (options.timeZone !== undefined && cron === undefined) throw usageError('--time-zone requires --cron');
  if (options.ifOverlap && cron === undefined) throw usageError('--if-overlap requires --cron');
  if (options.ifMissed && cron === undefined && at === undefined)
    throw usageError('--if-missed requires --at or --cron');
  if (options.ifDependencyFails && !options.dependsOn) throw usageError('--if-dependency-fails requires --after');
  return {
    ...rest,
    ...at,
    ...(allTags && { tags: allTags }),
    cwd: resolve(context.cwd, cwd),
    inheritEnv: definedOnly(context.env),
    session: session ?? (context.env['BGJOBS_SESSION'] || 'cli'),
    ...(envFile !== undefined && { envFile: resolve(context.cwd, envFile) }),
  };
}

/** How a job is started again after it has ended. */
export interface RepeatingOptions {
  retry?: number;
  retryOn?: number[];
  restart?: RestartOption['policy'];
  afterReboot?: 'keep' | 'restart';
  maxRestarts?: Pick<RestartOption, 'maxRestarts' | 'windowMs'>;
  backoff?: Partial<Pick<RetryOption, 'delayMs' | 'backoffFactor' | 'maxDelayMs'>>;
}

export function addRepeatingOptions(verb: Command): void {
  const reboot = 'if the computer was restarted while the job ran (default keep)';
  const policy = 'for servers: start again after the end (default never)';
  const delay = 'delay before the first retry or restart (default 1s)';
  const factor = 'multiply the delay by this each time (default 2)';
  const longest = 'longest delay (default 5m)';
  verb
    .optionsGroup('Retry and restart:')
    .addOption(field('afterReboot', '--after-reboot <what>', reboot, ['keep', 'restart']))
    .option('--retry <n>', 'retry up to n times after a failure (default 0)', parseCount)
    .option('--retry-on <code,...>', 'retry only on these exit codes (default any failure)', parseExitCodes)
    .addOption(field('restart', '--restart <policy>', policy, restartPolicies))
    .option('--max-restarts <n/duration>', 'at most n restarts in this time (default 5/60s)', parseMaxRestarts)
    .addOption(field('backoff.delayMs', '--retry-delay <duration>', delay, parseDuration))
    .addOption(field('backoff.backoffFactor', '--retry-backoff <factor>', factor, parseFactor))
    .addOption(field('backoff.maxDelayMs', '--retry-max-delay <duration>', longest, parseDuration));
}

/** @throws BgJobsError `invalid_request` for options that contradict each other */
export function repeatingRequest(options: RepeatingOptions): Pick<StartRequest, 'retry' | 'restart' | 'afterReboot'> {
  const { retry = 0, retryOn, restart, maxRestarts, afterReboot } = options;
  if (retryOn && retry === 0) throw usageError('--retry-on requires --retry');
  if (maxRestarts && restart === undefined) throw usageError('--max-restarts requires --restart');
  if (options.backoff && retry === 0 && restart === undefined) {
    throw usageError('--retry-delay, --retry-backoff and --retry-max-delay require --retry or --restart');
  }
  // A first delay above the default limit raises the limit.
  const { delayMs = 0 } = options.backoff ?? {};
  const backoff = { ...(delayMs > longestDelayMs && { maxDelayMs: delayMs }), ...options.backoff };
  return {
    ...(retry > 0 && { retry: { maxAttempts: retry + 1, ...backoff, ...(retryOn && { exitCodes: retryOn }) } }),
    ...(afterReboot && { afterReboot }),
    ...(restart !== undefined && { restart: { policy: restart, ...maxRestarts, ...backoff } }),
  };
}

function parseExitCodes(text: string): number[] {
  return text.split(',').map((code) => parseCount(code.trim()));
}

function parseFactor(text: string): number {
  const factor = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && factor >= 1) return factor;
  throw new InvalidArgumentError('It must be a number of at least 1, for example 2 or 1.5.');
}

/** `5/60s` */
function parseMaxRestarts(text: string): Pick<RestartOption, 'maxRestarts' | 'windowMs'> {
  const [, count, window] = /^(\d+)\/(.+)$/.exec(text) ?? [];
  if (count === undefined || window === undefined)
    throw new InvalidArgumentError('Use COUNT/DURATION, for example 5/60s.');
  return { maxRestarts: parseCount(count), windowMs: parseDuration(window) };
}

type ReadyWhen = Exclude<NonNullable<StartRequest['readyWhen']>, string>;

export interface ReadyOptions {
  readyWhen?: ReadyWhen;
  probe?: Pick<ReadyWhen, 'timeoutMs' | 'ifNotReady'>;
}

export function addReadyOptions(verb: Command): Command {
  const what = 'what makes the job ready: listening, port:3000, a URL, /pattern/ in its output or file:PATH';
  const timeout = 'how long the job may take to become ready (default 5m)';
  const late = 'what to do if it is not ready in time (default keep)';
  return verb
    .addOption(offering(['listening'], '--ready-when <what>', what, parseReadyWhen))
    .addOption(field('probe.timeoutMs', '--ready-timeout <duration>', timeout, parseDuration))
    .addOption(field('probe.ifNotReady', '--if-not-ready <what>', late, ['keep', 'stop']));
}

/** `listening`, `/pattern/`, `/pattern/i`, `port:3000`, `port:HOST:3000`, `http://…`, `https://…` or `file:PATH`. */
export function parseReadyWhen(text: string): ReadyWhen {
  if (text === 'listening') return { listening: true };
  const [, pattern, flag] = /^\/(.+)\/(i?)$/s.exec(text) ?? [];
  if (pattern !== undefined) return { pattern: flag === 'i' ? `(?i)${pattern}` : pattern };
  if (/^https?:\/\//i.test(text)) return { url: text };
  const [, file] = /^file:(.+)$/s.exec(text) ?? [];
  if (file !== undefined) return { file };
  const [, host, port] = /^port:(?:(.+):)?(\d+)$/.exec(text) ?? [];
  if (port !== undefined) return { port: Number(port), ...definedOnly({ host }) };
  throw new InvalidArgumentError(
    'Use listening, port:3000, http://localhost:3000/, /pattern/, /pattern/i (to ignore case) or file:PATH.',
  );
}

export function readyRequest({ readyWhen, probe }: ReadyOptions): Pick<StartRequest, 'readyWhen'> {
  if (probe && !readyWhen) throw usageError('--ready-timeout and --if-not-ready require --ready-when');
  return readyWhen ? { readyWhen: { ...readyWhen, ...probe } } : {};
}
