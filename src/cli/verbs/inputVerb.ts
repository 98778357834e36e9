import type { Command } from 'commander';
import type { Job } from '../../api/job.ts';
import { answer, forwardInput, usageError, type Context } from '../base/context.ts';
import { idHelp } from '../options/parse.ts';

export function addInput(program: Command, context: Context): void {
  program
    .command('input')
    .summary('write to the standard input of a job')
    .description('Write to the standard input of a job that was started with --stdin pipe.')
    .argument('<id>', idHelp)
    .argument('[text]', 'a line of text, or - to forward the standard input of this command')
    .option('--no-newline', 'send the text without a newline')
    .option('--eof', 'close the standard input of the job, after the text if one is given')
    .option('--json', 'print the job as JSON')
    .addHelpText('after', help)
    .action(async (id: string, text: string | undefined, options: Options) => {
      const job = await input(context, id, text, options);
      await answer(context, options, job, () => `${job.shortId}: input sent${options.eof ? ', stdin closed' : ''}`);
    });
}

interface Options {
  newline: boolean;
  eof?: true;
  json?: boolean;
}

async function input(context: Context, id: string, text: string | undefined, options: Options): Promise<Job> {
  const eof = options.eof === true;
  if (text === undefined && !eof) throw usageError('specify a text, - for standard input, or --eof');
  const service = await context.connect();
  if (text === undefined) return service.sendInput(id, { eof });
  if (text !== '-') {
    const ended = options.newline && !text.endsWith('\n') ? `${text}\n` : text;
    return service.sendInput(id, { text: ended, eof });
  }
  await forwardInput(context.stdin, service, id);
  return eof ? service.sendInput(id, { eof }) : service.getJob(id);
}

const help = `
Examples:
  $ bgjobs input 1a2b yes
  $ bgjobs input 1a2b --eof
  $ bgjobs input 1a2b - --eof < answers.txt
`;
