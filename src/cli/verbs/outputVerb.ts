import type { Command } from 'commander';
import { settleRun } from '../../logs/logReader.ts';
import type { Chunk, OutputQuery, Stream } from '../../api/output.ts';
import type { Gap } from '../../text/outputText.ts';
import { note, printJson, usageError, type Context } from '../base/context.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { choice, idHelp, parseCount } from '../options/parse.ts';
import { positionsAlone, printOutput, readOutput } from '../output/followRun.ts';

export function addOutput(program: Command, context: Context): void {
  program
    .command('output')
    .alias('logs')
    .summary('show the output of a job')
    .description('Show the output of a job byte for byte: its stdout on stdout, its stderr on stderr.')
    .argument('<id>', idHelp)
    .option('-f, --follow', 'keep printing new output until the job ends')
    .option('-n, --tail <n>', 'show only the last n lines', parseCount)
    .option('--since <number>', 'show output after this position (`next` or `seq` of an earlier answer)', parseCount)
    .addOption(choice('--stream <stream>', 'show only one stream', ['stdout', 'stderr']))
    .option('--grep <pattern>', 'show only lines that match a pattern (RE2 syntax)')
    .option('--range <first-last>', 'show these bytes of one stream (default stdout), for example 0-999 or 1000-')
    .option('--run <n>', 'show output of this run (default the current one)', parseCount)
    .option('--raw', 'print nothing but the output: no notes on stderr')
    .option('--json', 'print {chunks, next, droppedBytes, status, more}; with --follow, one chunk per line')
    .addHelpText('after', help)
    .action((id: string, options: Options) => output(context, id, options));
}

interface Options {
  follow?: true;
  tail?: number;
  since?: number;
  stream?: Stream;
  grep?: string;
  range?: string;
  run?: number;
  raw?: true;
  json?: boolean;
}

async function output(context: Context, id: string, { json, raw, follow, ...selected }: Options): Promise<void> {
  if (json && raw) throw usageError('--json cannot be used with --raw');
  const service = await context.connect();
  const wanted: OutputQuery = definedOnly(selected);
  if (json && !follow) return printJson(context, await service.getOutput(id, wanted));

  const run = await settleRun(service, id, json ? wanted : { ...wanted, ...positionsAlone });
  const { signal } = new AbortController();
  if (json) {
    for await (const item of readOutput(service, run, true, signal)) await printLine(context, item);
    return;
  }
  await printOutput(context, service, run, { follow: follow === true, quiet: raw === true }, signal);
}

async function printLine(context: Context, item: Chunk | Gap): Promise<void> {
  if ('droppedBytes' in item) await note(context, `${item.droppedBytes} bytes were dropped by --max-log`);
  else await printJson(context, item);
}

const help = `
With --json at most 1 MiB is printed; if \`more\` is true, run it again with --since NEXT.

Examples:
  $ bgjobs output 1a2b --tail 50 --follow
  $ bgjobs output 1a2b --grep 'error|warning' --stream stderr
  $ bgjobs output 1a2b --raw > build.log
`;
