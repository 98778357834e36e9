import { Argument, InvalidArgumentError, type Command } from 'commander';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, resolve } from 'node:path';
import type * as ConfigFile from '../../agents/setup/configFile.ts';
import {
  mcpClientIds,
  mcpClients,
  mcpConfiguration,
  type McpClient,
  type McpClientId,
  type ServerCommand,
} from '../../agents/setup/mcpClients.ts';
import { meantField, plain } from '../../agents/tools/meantField.ts';
import { setupBundle } from '../../bundles.ts';
import { answer, note, usageError, write, type Context, type Json } from '../base/context.ts';

interface SetupOptions extends Json {
  print?: true;
  dryRun?: true;
  undo?: true;
}

export function addSetup(program: Command, context: Context): void {
  program
    .command('setup')
    .summary('give the job tools to a coding agent or an editor')
    .description(
      'Add the MCP server of `bgjobs` to the configuration of a coding agent or an editor. Everything else in the file ' +
        'stays as it is. An entry that this command did not write is not changed.',
    )
    .addArgument(new Argument('<agent>', 'the program to set up').choices(mcpClientIds).argParser(clientMeant))
    .option('--print', 'print what to add, and change no file')
    .option('--dry-run', 'show what would change, and change no file')
    .option('--undo', 'take out what this command has added')
    .option('--json', 'print {agent, file, action, before, after}')
    .action((id: McpClientId, options: SetupOptions) => setup(context, id, options));
}

/** By its id or its title, however they are written. */
function clientMeant(text: string): McpClientId {
  const word = plain(text);
  const exact = mcpClientIds.find((id) => [id, mcpClients[id].title].some((name) => plain(name) === word));
  if (exact) return exact;
  const meant = mcpClientIds.findLast((id) => word.includes(plain(id))) ?? meantField(text, mcpClientIds);
  throw new InvalidArgumentError(meant ? `Did you mean ${meant}?` : `Allowed choices are ${mcpClientIds.join(', ')}.`);
}

async function setup(context: Context, id: McpClientId, { print, dryRun, undo, json }: SetupOptions): Promise<void> {
  if (print && (undo || dryRun)) throw usageError('--print cannot be used with --undo or --dry-run');
  const client: McpClient = mcpClients[id];
  const server = ownCommand(context.env);
  const paths = client
    .files({ home: context.env['HOME'] || homedir(), env: context.env, platform: process.platform })
    .map((path) => resolve(context.cwd, path));
  if (print) {
    const file = paths.find((path) => existsSync(path)) ?? paths[0] ?? '';
    if (!json) await note(context, `add this to ${file}`);
    const text = mcpConfiguration(client, server);
    return json ? answer(context, { json }, { agent: id, file, text }, () => '') : write(context.stdout, text);
  }
  const { planChange, applyChange } = (await import(setupBundle())) as typeof ConfigFile;
  const change = planChange(id, paths, client.entry(server), undo === true);
  if (!dryRun) applyChange(change);
  await answer(context, { json }, { agent: id, ...change }, () => {
    const { file, action, before, after } = change;
    if (action === 'unchanged') {
      return undo ? `${file} has nothing to take out.` : `${client.title} is already set up in ${file}.`;
    }
    if (dryRun) {
      const verb = before === null ? 'created' : after === null ? 'removed' : 'changed';
      return `${file} would be ${verb}:\n${difference(before, after)}`;
    }
    if (after === null) return `Removed ${file}, which had nothing else.`;
    if (action === 'removed') return `Removed from ${file}.`;
    return `${action === 'added' ? 'Added to' : 'Updated in'} ${file}. Restart ${client.title} to use it.`;
  });
}

/** Of the running program: the command that the editor keeps on the PATH if it leads here, since it stays after an update. */
function ownCommand(env: NodeJS.ProcessEnv): ServerCommand {
  const script = realpathSync(process.argv[1] ?? '');
  const name = process.platform === 'win32' ? 'bgjobs.cmd' : 'bgjobs';
  const leadsHere = (path: string): boolean => {
    try {
      const stat = statSync(path);
      return stat.isFile() && stat.size < 10_000 && readFileSync(path, 'utf8').includes(script);
    } catch {
      // It is not there, or in a folder that this user may not read.
      return false;
    }
  };
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const kept = folders.map((folder) => resolve(folder, name)).find(leadsHere);
  const home = env['BGJOBS_HOME'];
  return {
    command: kept ?? process.execPath,
    args: kept === undefined ? [script] : [],
    env: {
      ...(home && { BGJOBS_HOME: resolve(home) }),
      ...(kept === undefined && process.versions['electron'] !== undefined && { ELECTRON_RUN_AS_NODE: '1' }),
    },
  };
}

/** The lines between those that are the same at the beginning and at the end. */
function difference(before: string | null, after: string | null): string {
  const linesOf = (text: string | null): string[] => (text === null ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/));
  const [old, now] = [linesOf(before), linesOf(after)];
  let head = 0;
  while (head < Math.min(old.length, now.length) && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < Math.min(old.length, now.length) - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const middle = (lines: string[], sign: string): string[] =>
    lines.slice(head, lines.length - tail).map((line) => `${sign} ${line}`);
  return [...middle(old, '-'), ...middle(now, '+')].join('\n');
}
