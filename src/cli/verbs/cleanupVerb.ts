import type { Command } from 'commander';
import { answer } from '../base/context.ts';
import type { Context } from '../base/context.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { parseCount, parseDuration } from '../options/parse.ts';
import { plural } from '../../text/grammar.ts';

export function addCleanup(program: Command, context: Context): void {
  program
    .command('cleanup')
    .summary('remove finished jobs')
    .description('Remove finished jobs with their logs. Pinned ones and those that run or wait are kept.')
    .option('--older-than <duration>', 'finished at least this long ago', parseDuration)
    .option('--keep <n>', 'keep so many of the newest', parseCount)
    .option('--status <status,...>', 'only with these, for example failed,cancelled')
    .option('--session <name>', 'only of this session')
    .option('--dry-run', 'only say how many')
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
