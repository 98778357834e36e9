import type { Command } from 'commander';
import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import type { Context } from '../base/context.ts';
import { eachId } from '../base/eachId.ts';
import { painter, statusStyle } from '../render/paint.ts';
import { commandLine } from '../../text/grammar.ts';

export interface JobVerb {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  act(service: JobService, id: string): Promise<Job>;
  /** What has become of the job (its status). */
  word?(job: Job): string;
}

/** A verb that takes ids and has no options of its own. */
export function addJobVerb(program: Command, context: Context, verb: JobVerb): void {
  program
    .command(verb.name)
    .summary(verb.summary)
    .description(verb.description)
    .argument('<id...>', 'ids, or as many of their first characters as make them unique')
    .option('--json', 'print the job; for several ids {results: [...]}')
    .action(async (ids: string[], options: { json?: boolean }) => {
      const service = await context.connect();
      const paint = painter(context.stdout, context.env);
      await eachId(
        context,
        ids,
        options,
        (id) => verb.act(service, id),
        (job) => {
          const word = verb.word?.(job) ?? job.status;
          return `${job.shortId} ${paint(statusStyle[job.status], word)}  ${commandLine(job)}`;
        },
      );
    });
}
