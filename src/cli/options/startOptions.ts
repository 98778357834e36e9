import { Option } from 'commander';
import type { Command } from 'commander';
import type { Dependency } from '../../api/options.ts';
import type { StartRequest } from '../../api/start.ts';
import { dependencyFailures, missedTimes, overlaps } from '../../api/values.ts';
import { collectDependency } from './dependency.ts';
import { usageError } from '../base/cliFailure.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { parseTime } from './parseTime.ts';

/** When, and after what, the job starts. */
export interface StartingOptions {
  after?: Dependency[];
  ifDependencyFails?: (typeof dependencyFailures)[number];
  at?: string;
  cron?: string;
  timeZone?: string;
  ifMissed?: (typeof missedTimes)[number];
  ifOverlap?: (typeof overlaps)[number];
  mutex?: string;
  unlessRunning?: true;
}

export function addStartingOptions(verb: Command): Command {
  return verb
    .option(
      '--after <id[:condition]>',
      'start when that job has succeeded, or is finished, started or ready; may be repeated',
      collectDependency,
    )
    .addOption(
      new Option('--if-dependency-fails <what>', 'when that cannot come true any more (cancel)').choices(
        dependencyFailures,
      ),
    )
    .option('--at <time>', "start then: 17:30, '2026-11-20 17:30', one with a zone, or 10m from now", (text) =>
      parseTime(text, Date.now()),
    )
    .option('--cron <schedule>', "start again and again: 'minute hour day month weekday'; each time is a job")
    .option('--time-zone <name>', "of --cron, for example Europe/Berlin (the host's own)")
    .addOption(
      new Option('--if-missed <what>', 'when the machine was off at the time: start once, later (once)').choices(
        missedTimes,
      ),
    )
    .addOption(
      new Option('--if-overlap <what>', 'when the job of the last time has not ended (skip)').choices(overlaps),
    )
    .option('--mutex <name>', 'of all jobs with this name one runs at a time')
    .option('--unless-running', 'if such a job runs or waits already, give back that one');
}

/** @throws BgJobsError `invalid_request` for options that mean nothing together */
export function startingRequest(
  options: StartingOptions & { wait?: true; waitReady?: true },
): Omit<Partial<StartRequest>, 'command' | 'argv' | 'codingAgent'> {
  const { after, at, cron, timeZone } = options;
  if (cron !== undefined && (options.wait || options.waitReady)) {
    throw usageError('a schedule never ends: --cron goes without --wait');
  }
  if (timeZone !== undefined && cron === undefined) throw usageError('--time-zone needs --cron');
  if (options.ifOverlap && cron === undefined) throw usageError('--if-overlap needs --cron');
  if (options.ifMissed && cron === undefined && at === undefined) throw usageError('--if-missed needs --at or --cron');
  if (options.ifDependencyFails && !after) throw usageError('--if-dependency-fails needs --after');
  return definedOnly({
    dependsOn: after,
    ifDependencyFails: options.ifDependencyFails,
    at,
    cron,
    timeZone,
    ifMissed: options.ifMissed,
    ifOverlap: options.ifOverlap,
    mutex: options.mutex,
    unlessRunning: options.unlessRunning,
  });
}
