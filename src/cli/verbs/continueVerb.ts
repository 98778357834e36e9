import type { Command } from 'commander';
import type { Context } from '../base/context.ts';
import { reportAgent } from '../output/followAgent.ts';
import { given } from '../options/definedOnly.ts';

export function addContinue(program: Command, context: Context): void {
  program
    .command('continue')
    .summary("go on with a coding agent's session")
    .description(
      "Start a new job that goes on with the session of a coding agent's job that has ended: the same agent, folder, " +
        'environment and options, and a new prompt.',
    )
    .usage('<id> [options] -- PROMPT [ARGUMENT...]')
    .argument('<id>', 'the id, or as many of its first characters as make it unique')
    .argument('<prompt>', 'what it is to do now')
    .argument('[argument...]', "options of the agent's program, instead of those before")
    .option('--model <model>', 'the model it works with (as before)')
    .option('--wait', "show what it says and does to the end, then exit with the job's own code")
    .option('--json', 'print the new job as one JSON document')
    .action((id: string, prompt: string, more: string[], options: Options) =>
      continueAgent(context, id, prompt, more, options),
    );
}

interface Options {
  model?: string;
  wait?: true;
  json?: boolean;
}

async function continueAgent(
  context: Context,
  id: string,
  prompt: string,
  more: string[],
  options: Options,
): Promise<void> {
  const service = await context.connect();
  const job = await service.continueJob(id, {
    prompt,
    inheritEnv: given(context.env),
    ...given({ model: options.model, arguments: more.length === 0 ? undefined : more }),
  });
  await reportAgent(context, service, { job, created: true }, options);
}
