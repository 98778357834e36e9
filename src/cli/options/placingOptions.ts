import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { StartRequest } from '../../api/start.ts';
import type { Context } from '../base/context.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { collectEnvironment, collectTag, parseCount, parseDuration } from './parse.ts';

/** What every job has, whatever it runs: its name and place, and how long it may take. */
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
    .option('--name <name>', 'a name for lists')
    .option('--session <name>', 'the group it belongs to ($BGJOBS_SESSION, or cli)')
    .option('--cwd <folder>', 'working directory (this one)')
    .option('--env <name=value>', 'set a variable; NAME- removes it; may be repeated', collectEnvironment)
    .option('--env-file <file>', 'a file of NAME=value lines; --env wins over it')
    .option('--tag <key=value>', 'may be repeated', collectTag)
    .option('--priority <1-10>', 'higher starts first (5)', parseCount)
    .option('--timeout <duration>', 'end it after this long (no limit)', parseDuration)
    .option('--idle-timeout <duration>', 'end it after this long without output (no limit)', parseDuration)
    .option('--hold', 'create it now, start it by `bgjobs release`');
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
