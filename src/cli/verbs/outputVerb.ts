import { Option } from 'commander';
import type { Command } from 'commander';
import { settleRun } from '../../logs/logReader.ts';
import type { Chunk, OutputQuery, Stream } from '../../api/output.ts';
import type { Gap } from '../../text/outputText.ts';
import { note, printJson } from '../base/context.ts';
import type { Context } from '../base/context.ts';
import { usageError } from '../base/cliFailure.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { parseCount } from '../options/parse.ts';
import { positionsAlone, printOutput, readOutput } from '../output/readOutput.ts';

export function addOutput(program: Command, context: Context): void {
  program
    .command('output')
    .alias('logs')
    .summary('show what a job has written')
    .description('Show what a job has written: its stdout on stdout, its stderr on stderr, byte for byte.')
    .argument('<id>', 'the id, or as many of its first characters as make it unique')
    .option('-f, --follow', 'go on with what comes, until the job ends')
    .option('-n, --tail <n>', 'the last n lines', parseCount)
    .option('--since <number>', 'continue behind this `next` or `seq` of an earlier answer', parseCount)
    .addOption(new Option('--stream <stream>', 'one stream alone').choices(['stdout', 'stderr']))
    .option('--grep <pattern>', 'only lines that match, in RE2 syntax')
    .option('--range <first-last>', "bytes of one stream's log (stdout), both included; 1000- for all from there on")
    .option('--run <n>', 'of this run (the current one)', parseCount)
    .option('--raw', 'the bytes and nothing else: no remarks on stderr')
    .option('--json', 'print {chunks, next, droppedBytes, status, more}; with --follow one chunk a line')
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
  if (json && raw) throw usageError('give --json or --raw, not both');
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
  if ('droppedBytes' in item) await note(context, `${item.droppedBytes} bytes are gone, dropped by --max-log`);
  else await printJson(context, item);
}

const help = `
With --json the answer holds 1 MiB at most; when \`more\` is true, call again with --since NEXT.

Examples:
  $ bgjobs output 1a2b --tail 50 --follow
  $ bgjobs output 1a2b --grep 'error|warning' --stream stderr
  $ bgjobs output 1a2b --raw > build.log
`;
