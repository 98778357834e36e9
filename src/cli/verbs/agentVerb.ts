import { Argument, type Command } from 'commander';
import { codingAgentNames } from '../../api/choices.ts';
import type { CodingAgentName } from '../../api/codingAgent.ts';
import type { StartRequest } from '../../api/start.ts';
import type { Context } from '../base/context.ts';
import { reportAgent } from '../output/followAgent.ts';
import { given } from '../options/definedOnly.ts';
import { addPlacingOptions, placingRequest, type PlacingOptions } from '../options/placingOptions.ts';
import { addStartingOptions, startingRequest, type StartingOptions } from '../options/startOptions.ts';

export function addAgent(program: Command, context: Context): void {
  const verb = addPlacingOptions(
    program
      .command('agent')
      .summary('start a coding agent (claude, codex, copilot) as a job')
      .description(
        'Start a coding agent as a job: it works on the prompt, and what it says and does are numbered events.',
      )
      .usage('<claude|codex|copilot> [options] -- PROMPT [ARGUMENT...]')
      .addArgument(new Argument('<agent>', 'whose program is on the PATH').choices(codingAgentNames))
      .argument('<prompt>', 'what it is to do: one argument, given to it as it is')
      .argument('[argument...]', 'further options of its program, before the prompt')
      .option('--model <model>', 'the model it works with (its own choice)')
      .option('--resume <session>', 'go on with this session of the agent (a new one)'),
  )
    .option('--wait', "show what it says and does to the end, then exit with the job's own code")
    .option('--json', 'print the job as one JSON document')
    .addHelpText('after', help)
    .action((agent: CodingAgentName, prompt: string, more: string[], options: Options) =>
      startAgent(context, agent, prompt, more, options),
    );
  addStartingOptions(verb.optionsGroup('When it starts:'));
}

interface Options extends PlacingOptions, StartingOptions {
  model?: string;
  resume?: string;
  wait?: true;
  json?: boolean;
}

async function startAgent(
  context: Context,
  name: CodingAgentName,
  prompt: string,
  more: string[],
  options: Options,
): Promise<void> {
  const request: StartRequest = {
    codingAgent: { name, prompt, arguments: more, ...given({ model: options.model, sessionId: options.resume }) },
    ...placingRequest(context, options),
    ...startingRequest(options),
  };
  const service = await context.connect();
  await reportAgent(context, service, await service.startJob(request), options);
}

const help = `
What the agent may do without asking is its own business: as a job nobody answers its questions, so give it the options
that it has for this behind the prompt.

Examples:
  $ bgjobs agent claude --wait -- 'Fix the failing tests' --permission-mode acceptEdits
  $ bgjobs agent codex --model gpt-5 -- 'Explain src/main.c' --sandbox read-only
  $ bgjobs agent copilot -- 'Update the changelog' --allow-all-tools
  $ bgjobs agent-events 1a2b --follow
  $ bgjobs continue 1a2b -- 'Now the documentation'
`;
