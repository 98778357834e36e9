import type { Command } from 'commander';
import type { JobEvent } from '../../api/events.ts';
import { printJson, write, type Context } from '../base/context.ts';
import { parseCount } from '../options/parse.ts';
import { painter, statusStyle, type Paint } from '../render/paint.ts';
import { commandLine, oneLine } from '../../text/grammar.ts';

export function addEvents(program: Command, context: Context): void {
  program
    .command('events')
    .summary('show job events as they happen')
    .description('Show every change of every job as it happens, until Ctrl+C.')
    .option('--since <number>', 'replay the events after this number first; 0 replays all', parseCount)
    .option('--job <id>', 'only events of this job')
    .option('--json', 'print one JSON object per line')
    .action(async ({ json, ...query }: { since?: number; job?: string; json?: boolean }) => {
      const paint = painter(context.stdout, context.env);
      for await (const event of context.events(query, new AbortController().signal)) {
        if (json) await printJson(context, event);
        else await write(context.stdout, `${describe(event, paint)}\n`);
      }
    });
}

function describe(event: JobEvent, paint: Paint): string {
  const what = event.to === null ? event.type : paint(statusStyle[event.to], event.to);
  const details = [
    event.reason === null ? '' : `(${event.reason})`,
    event.text === null ? '' : oneLine(event.text),
    event.job === null ? '' : paint('dim', event.job.name === null ? commandLine(event.job) : oneLine(event.job.name)),
  ].filter((detail) => detail !== '');
  return [paint('dim', `${event.seq} ${event.time}`), event.jobId.slice(0, 8), what, ...details].join(' ');
}
