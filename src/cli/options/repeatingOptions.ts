import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { StartRequest } from '../../api/start.ts';
import { longestDelayMs, restartPolicies } from '../../api/values.ts';
import { usageError } from '../base/cliFailure.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { parseCount, parseDuration } from './parse.ts';

/** What is done when the job has ended. */
export interface RepeatingOptions {
  retry?: number;
  retryDelay?: number;
  retryBackoff?: number;
  retryMaxDelay?: number;
  retryOn?: number[];
  restart?: (typeof restartPolicies)[number];
  maxRestarts?: { maxRestarts: number; windowMs: number };
}

export function addRepeatingOptions(verb: Command): Command {
  return verb
    .option('--retry <n>', 'after a failure try again, so many times (0)', parseCount)
    .option('--retry-on <code,...>', 'only after these exit codes (every failure)', parseExitCodes)
    .addOption(
      new Option('--restart <policy>', 'for servers: start it again when it ends (never)').choices(restartPolicies),
    )
    .option('--max-restarts <n/duration>', 'with more in this time it is given up (5/60s)', parseMaxRestarts)
    .option('--retry-delay <duration>', 'before the first retry or restart (1s)', parseDuration)
    .option('--retry-backoff <factor>', 'each delay is this much longer (2)', parseFactor)
    .option('--retry-max-delay <duration>', 'no delay is longer (5m)', parseDuration);
}

/** @throws BgJobsError `invalid_request` for options that mean nothing together */
export function repeatingRequest(options: RepeatingOptions): Pick<StartRequest, 'retry' | 'restart'> {
  const { retry = 0, retryOn, restart, maxRestarts } = options;
  const backoff = definedOnly({
    delayMs: options.retryDelay,
    backoffFactor: options.retryBackoff,
    maxDelayMs: options.retryMaxDelay ?? boundFor(options.retryDelay),
  });
  if (retryOn && retry === 0) throw usageError('--retry-on needs --retry');
  if (maxRestarts && restart === undefined) throw usageError('--max-restarts needs --restart');
  if (Object.keys(backoff).length > 0 && retry === 0 && restart === undefined) {
    throw usageError('--retry-delay, --retry-backoff and --retry-max-delay need --retry or --restart');
  }
  return {
    ...(retry > 0 && { retry: { maxAttempts: retry + 1, ...backoff, ...definedOnly({ exitCodes: retryOn }) } }),
    ...(restart !== undefined && { restart: { policy: restart, ...maxRestarts, ...backoff } }),
  };
}

/** A first delay that is longer than all may be moves that bound. */
function boundFor(delay = 0): number | undefined {
  return delay > longestDelayMs ? delay : undefined;
}

function parseExitCodes(text: string): number[] {
  return text.split(',').map((code) => parseCount(code.trim()));
}

function parseFactor(text: string): number {
  const factor = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && factor >= 1) return factor;
  throw new InvalidArgumentError('It must be a number from 1 on, for example 2 or 1.5.');
}

/** `5/60s` */
function parseMaxRestarts(text: string): { maxRestarts: number; windowMs: number } {
  const [, count, window] = /^(\d+)\/(.+)$/.exec(text) ?? [];
  if (count === undefined || window === undefined) throw new InvalidArgumentError('Write it as 5/60s.');
  return { maxRestarts: parseCount(count), windowMs: parseDuration(window) };
}
