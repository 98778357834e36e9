import type { Command } from 'commander';
import type { Dependency, StartRequest } from '../../api/options.ts';
import { dependencyFailures, missedTimes, overlaps } from '../../api/values.ts';
import { usageError } from '../base/context.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { choice, collectDependency, parseTime } from './parse.ts';

/** Options for when a job starts: after other jobs, at a time, on a schedule. */
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
      'start when that job has succeeded, or is finished, started or ready (can be repeated)',
      collectDependency,
    )
    .addOption(
      choice('--if-dependency-fails <what>', 'if --after cannot be met any more (default cancel)', dependencyFailures),
    )
    .option('--at <time>', "start at 17:30, '2026-11-20 17:30', a time with a zone, or 10m from now", (text) =>
      parseTime(text, Date.now()),
    )
    .option('--cron <schedule>', "start a new job on a schedule: 'minute hour day month weekday'")
    .option('--time-zone <name>', "time zone of --cron, for example Europe/Berlin (default the job host's)")
    .addOption(choice('--if-missed <what>', 'for times missed while the machine was off (default once)', missedTimes))
    .addOption(
      choice('--if-overlap <what>', 'if the previous job of the schedule has not ended (default skip)', overlaps),
    )
    .option('--mutex <name>', 'run only one job with this mutex at a time')
    .option('--unless-running', 'if a job with the same name is already running or waiting, return that job');
}

/** @throws BgJobsError `invalid_request` for options that contradict each other */
export function startingRequest(
  options: StartingOptions & { wait?: true; waitReady?: true },
): Omit<Partial<StartRequest>, 'command' | 'argv' | 'codingAgent'> {
  const { after, at, cron, timeZone } = options;
  if (cron !== undefined && (options.wait || options.waitReady)) {
    throw usageError('--cron cannot be used with --wait: a schedule does not end');
  }
  if (timeZone !== undefined && cron === undefined) throw usageError('--time-zone requires --cron');
  if (options.ifOverlap && cron === undefined) throw usageError('--if-overlap requires --cron');
  if (options.ifMissed && cron === undefined && at === undefined)
    throw usageError('--if-missed requires --at or --cron');
  if (options.ifDependencyFails && !after) throw usageError('--if-dependency-fails requires --after');
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
