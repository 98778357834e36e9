import type { Command } from 'commander';
import { answer, type Context } from '../base/context.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { parseCount, parseDuration } from '../options/parse.ts';
import { plural } from '../../text/grammar.ts';

export function addCleanup(program: Command, context: Context): void {
  program
    .command('cleanup')
    .summary('remove finished jobs')
    .description('Remove finished jobs and their logs. Jobs that are pinned, running or waiting are kept.')
    .option('--older-than <duration>', 'only jobs that finished at least this long ago', parseDuration)
    .option('--keep <n>', 'keep the newest n jobs', parseCount)
    .option('--status <status,...>', 'only jobs with these states, for example failed,cancelled')
    .option('--session <name>', 'only jobs of this session')
    .option('--dry-run', 'show how many jobs would be removed without removing them')
    .option('--json', 'print {cleaned, remaining}')
    .action(async ({ json, ...options }: Options) => {
      const request = definedOnly({
        olderThanMs: options.olderThan,
        keep: options.keep,
        status: options.status,
        session: options.session,
        dryRun: options.dryRun,
      });
      const result = await (await context.connect()).cleanUp(request);
      await answer(context, definedOnly({ json }), result, () => {
        const { cleaned, remaining } = result;
        const [removed, remain] = options.dryRun ? ['would be removed', 'would remain'] : ['removed', 'remain'];
        return `${plural(cleaned, 'finished job')} ${removed}, ${remaining} ${remain}`;
      });
    });
}

interface Options {
  olderThan?: number;
  keep?: number;
  status?: string;
  session?: string;
  dryRun?: true;
  json?: boolean;
}
