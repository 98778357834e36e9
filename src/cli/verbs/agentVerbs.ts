import { Argument, Option, type Command } from 'commander';
import type { AgentEvent, AgentEventType } from '../../api/codingAgent.ts';
import type { JobService, Started } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import type { CodingAgentName } from '../../api/options.ts';
import type { StartRequest } from '../../api/start.ts';
import { agentEventTypes, codingAgentNames } from '../../api/values.ts';
import { agentEventText } from '../../text/agentEvent.ts';
import { exitCodeOfRun, exitCodeOfSignal } from '../../text/exitCode.ts';
import { endSentence } from '../../text/jobText.ts';
import { usageError } from '../base/cliFailure.ts';
import { answer, note, printJson, write, type Context } from '../base/context.ts';
import { definedOnly } from '../base/definedOnly.ts';
import { Interruption } from '../base/interruption.ts';
import { parseCount } from '../options/parse.ts';
import { addPlacingOptions, placingRequest, type PlacingOptions } from '../options/placingOptions.ts';
import { addStartingOptions, startingRequest, type StartingOptions } from '../options/startOptions.ts';
import { followAgentEvents } from '../output/followAgent.ts';
import { describeStart } from './runVerb.ts';

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
    .action((agent: CodingAgentName, prompt: string, more: string[], options: AgentOptions) =>
      startAgent(context, agent, prompt, more, options),
    );
  addStartingOptions(verb.optionsGroup('When it starts:'));
}

interface AgentOptions extends PlacingOptions, StartingOptions {
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
  options: AgentOptions,
): Promise<void> {
  const request: StartRequest = {
    codingAgent: { name, prompt, arguments: more, ...definedOnly({ model: options.model, sessionId: options.resume }) },
    ...placingRequest(context, options),
    ...startingRequest(options),
  };
  const service = await context.connect();
  await reportAgent(context, service, await service.startJob(request), options);
}

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
    .action((id: string, prompt: string, more: string[], options: ContinueOptions) =>
      continueAgent(context, id, prompt, more, options),
    );
}

interface ContinueOptions {
  model?: string;
  wait?: true;
  json?: boolean;
}

async function continueAgent(
  context: Context,
  id: string,
  prompt: string,
  more: string[],
  options: ContinueOptions,
): Promise<void> {
  const service = await context.connect();
  const job = await service.continueJob(id, {
    prompt,
    inheritEnv: definedOnly(context.env),
    ...definedOnly({ model: options.model, arguments: more.length === 0 ? undefined : more }),
  });
  await reportAgent(context, service, { job, created: true }, options);
}

/** After a start: says what was started, or with `wait` what the agent says and does, and ends as its run does. */
async function reportAgent(
  context: Context,
  service: JobService,
  { job, created }: Started,
  { wait, json }: { wait?: true; json?: boolean },
): Promise<void> {
  if (!wait) return answer(context, { json: json === true }, job, () => describeStart(context, job, created));
  using interruption = new Interruption();
  const { signal } = interruption;
  const sink = json ? context.stderr : context.stdout;
  try {
    const { job: started } = await service.waitForJob(job.id, { for: 'started' }, signal);
    if (started.run !== null) {
      const events = followAgentEvents(service, job.id, agentName(job), started.run, signal);
      for await (const event of events) await write(sink, agentEventText(event));
    }
    signal.throwIfAborted();
    const ended = await service.getJob(job.id);
    context.exitCode = exitCodeOfRun(ended);
    if (json) await printJson(context, ended);
    else if (ended.exitCode !== 0) await note(context, `${job.shortId} ${endSentence(ended)}`);
  } catch (error) {
    if (!interruption.by) throw error;
    await note(context, `no longer watching ${job.shortId}, which was not touched`);
    context.exitCode = exitCodeOfSignal(interruption.by);
  }
}

function agentName(job: Job): CodingAgentName {
  if (job.codingAgent) return job.codingAgent.name;
  throw usageError(`job ${job.shortId} runs no coding agent: such a job is started by \`bgjobs agent\``);
}

export function addAgentEvents(program: Command, context: Context): void {
  program
    .command('agent-events')
    .summary("show what a coding agent's job says and does")
    .description("Show what a coding agent's job has said and done: messages, commands, files, result.")
    .argument('<id>', 'the id, or as many of its first characters as make it unique')
    .option('-f, --follow', 'go on with what comes, until the job ends')
    .option('--since <number>', 'only what is behind this number', parseCount)
    .addOption(new Option('--type <type>', 'only events of this type').choices(agentEventTypes))
    .option('--limit <n>', 'with --json: at most so many (100)', parseCount)
    .option('--run <n>', 'of this run (the current one)', parseCount)
    .option('--json', 'print {events, next, more, droppedBytes, status}; with --follow one event a line')
    .action((id: string, options: EventsOptions) => agentEvents(context, id, options));
}

interface EventsOptions {
  follow?: true;
  since?: number;
  type?: AgentEventType;
  limit?: number;
  run?: number;
  json?: boolean;
}

async function agentEvents(context: Context, id: string, options: EventsOptions): Promise<void> {
  const { follow, since = 0, type, limit, run, json } = options;
  const service = await context.connect();
  const job = await service.getJob(id);
  const agent = agentName(job);
  const print = (event: AgentEvent): Promise<void> =>
    json ? printJson(context, event) : write(context.stdout, agentEventText(event));
  if (follow) {
    for await (const event of followAgentEvents(service, job.id, agent, run, new AbortController().signal)) {
      if (event.number > since && (type === undefined || event.type === type)) await print(event);
    }
    return;
  }
  const number = run ?? job.run;
  if (number === null) throw usageError(`job ${job.shortId} has not run yet: give --follow to wait for it`);
  const query = { since, ...definedOnly({ type, limit }) };
  const runId = `${job.id}.${number}`;
  if (json) return printJson(context, await service.getRunEvents(runId, query));
  for await (const event of allEvents(context, service, runId, query)) await print(event);
}

async function* allEvents(
  context: Context,
  service: JobService,
  runId: string,
  query: { since: number; type?: AgentEventType },
): AsyncGenerator<AgentEvent> {
  let page = await service.getRunEvents(runId, query);
  if (page.droppedBytes > 0) await note(context, `${page.droppedBytes} bytes of older events are gone`);
  for (;;) {
    yield* page.events;
    if (!page.more) return;
    page = await service.getRunEvents(runId, { ...query, since: page.next });
  }
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
