import { InvalidArgumentError, type Command } from 'commander';
import type { StartRequest } from '../../api/options.ts';
import { longestDelayMs, restartPolicies } from '../../api/values.ts';
import { usageError } from '../base/context.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { choice, parseCount, parseDuration } from './parse.ts';

/** Options for starting a job again after it has ended. */
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
    .option('--retry <n>', 'retry up to n times after a failure (default 0)', parseCount)
    .option('--retry-on <code,...>', 'retry only on these exit codes (default any failure)', parseExitCodes)
    .addOption(choice('--restart <policy>', 'for servers: start again after the end (default never)', restartPolicies))
    .option('--max-restarts <n/duration>', 'at most n restarts in this time (default 5/60s)', parseMaxRestarts)
    .option('--retry-delay <duration>', 'delay before the first retry or restart (default 1s)', parseDuration)
    .option('--retry-backoff <factor>', 'multiply the delay by this each time (default 2)', parseFactor)
    .option('--retry-max-delay <duration>', 'longest delay (default 5m)', parseDuration);
}

/** @throws BgJobsError `invalid_request` for options that contradict each other */
export function repeatingRequest(options: RepeatingOptions): Pick<StartRequest, 'retry' | 'restart'> {
  const { retry = 0, retryOn, restart, maxRestarts } = options;
  const backoff = definedOnly({
    delayMs: options.retryDelay,
    backoffFactor: options.retryBackoff,
    maxDelayMs: options.retryMaxDelay ?? boundFor(options.retryDelay),
  });
  if (retryOn && retry === 0) throw usageError('--retry-on requires --retry');
  if (maxRestarts && restart === undefined) throw usageError('--max-restarts requires --restart');
  if (Object.keys(backoff).length > 0 && retry === 0 && restart === undefined) {
    throw usageError('--retry-delay, --retry-backoff and --retry-max-delay require --retry or --restart');
  }
  return {
    ...(retry > 0 && { retry: { maxAttempts: retry + 1, ...backoff, ...definedOnly({ exitCodes: retryOn }) } }),
    ...(restart !== undefined && { restart: { policy: restart, ...maxRestarts, ...backoff } }),
  };
}

/** A first delay above the default limit raises the limit. */
function boundFor(delay = 0): number | undefined {
  return delay > longestDelayMs ? delay : undefined;
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
function parseMaxRestarts(text: string): { maxRestarts: number; windowMs: number } {
  const [, count, window] = /^(\d+)\/(.+)$/.exec(text) ?? [];
  if (count === undefined || window === undefined)
    throw new InvalidArgumentError('Use COUNT/DURATION, for example 5/60s.');
  return { maxRestarts: parseCount(count), windowMs: parseDuration(window) };
}
