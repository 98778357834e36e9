import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { StartRequest } from '../../api/options.ts';
import type { Context } from '../base/context.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { collectEnvironment, collectTag, parseCount, parseDuration } from './parse.ts';

/** Options that every new job has: its name, session, folder, environment and time limits. */
export interface PlacingOptions {
  name?: string;
  session?: string;
  cwd?: string;
  env?: Record<string, string | null>;
  envFile?: string;
  tag?: Record<string, string>;
  priority?: number;
  timeout?: number;
  idleTimeout?: number;
  hold?: true;
}

export function addPlacingOptions(verb: Command): Command {
  return verb
    .option('--name <name>', 'name of the job')
    .option('--session <name>', 'session of the job (default $BGJOBS_SESSION or "cli")')
    .option('--cwd <folder>', 'working directory (default the current one)')
    .option('--env <name=value>', 'set an environment variable; NAME- removes it (can be repeated)', collectEnvironment)
    .option('--env-file <file>', 'read variables from a file of NAME=value lines; --env takes precedence')
    .option('--tag <key=value>', 'add a tag (can be repeated)', collectTag)
    .option('--priority <1-10>', 'jobs with a higher priority start first (default 5)', parseCount)
    .option('--timeout <duration>', 'stop the job after this time (default no limit)', parseDuration)
    .option('--idle-timeout <duration>', 'stop the job after this time without output', parseDuration)
    .option('--hold', 'create the job but do not start it until `bgjobs release`');
}

export function placingRequest(context: Context, options: PlacingOptions): StartRequest {
  return {
    cwd: resolve(context.cwd, options.cwd ?? '.'),
    inheritEnv: definedOnly(context.env),
    session: options.session ?? (context.env['BGJOBS_SESSION'] || 'cli'),
    ...definedOnly({
      env: options.env,
      envFile: options.envFile === undefined ? undefined : resolve(context.cwd, options.envFile),
      name: options.name,
      tags: options.tag,
      priority: options.priority,
      timeoutMs: options.timeout,
      idleTimeoutMs: options.idleTimeout,
      held: options.hold,
    }),
  };
}
