import { Argument, type Command } from 'commander';
import { AgentEventReader } from '../../agents/coding/eventReader.ts';
import type { AgentEvent, AgentEventsQuery } from '../../api/codingAgent.ts';
import type { JobService, Started } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import type { CodingAgentName, CodingAgentOption } from '../../api/options.ts';
import { agentEventTypes, codingAgentNames } from '../../api/values.ts';
import { settleRun } from '../../logs/logReader.ts';
import { agentEventText } from '../../text/agentEvent.ts';
import { exitCodeOfRun, wholeEndText } from '../../text/endText.ts';
import { answer, definedOnly, note, printJson, usageError, write, type Context, type Json } from '../base/context.ts';
import { jobArgument } from '../options/offer.ts';
import { field, parseCount } from '../options/parse.ts';
import { addPlacingOptions, addSchedulingOptions, startRequest, type StartOptions } from '../options/newJobOptions.ts';
import { watch } from './outputVerb.ts';
import { describeStart } from './runVerb.ts';

interface FollowOptions extends Json {
  wait?: true;
}

type AgentOptions = StartOptions & FollowOptions & Partial<Pick<CodingAgentOption, 'model' | 'sessionId'>>;

export function addAgent(program: Command, context: Context): void {
  const verb = program
    .command('agent')
    .summary('start a coding agent (claude, codex, gemini, …) as a job')
    .description(
      'Start a coding agent as a job. The agent works on the prompt; its messages and actions are recorded as events.',
    )
    .usage('<agent> [options] -- PROMPT [ARGUMENT...]')
    .addArgument(new Argument('<agent>', 'the agent; its program must be on the PATH').choices(codingAgentNames))
    .argument('<prompt>', 'the prompt, passed to the agent unchanged')
    .argument('[argument...]', 'options for the agent program')
    .option('--model <model>', 'model to use (default chosen by the agent)')
    .addOption(field('sessionId', '--resume <session>', 'continue this session of the agent (default a new one)'));
  addPlacingOptions(verb)
    .option('--wait', waitHelp)
    .option('--json', 'print the job as JSON')
    .addHelpText('after', help)
    .action(async (name: CodingAgentName, prompt: string, more: string[], options: AgentOptions) => {
      const { model, sessionId, wait, json: _json, ...others } = options;
      const codingAgent = { name, prompt, arguments: more, ...definedOnly({ model, sessionId }) };
      const request = { codingAgent, ...startRequest(context, others, wait) };
      const service = await context.connect();
      await reportAgent(context, service, await service.startJob(request), options);
    });
  addSchedulingOptions(verb);
}

export function addContinue(program: Command, context: Context): void {
  program
    .command('continue')
    .summary("continue a coding agent's session")
    .description(
      'Continue the session of a coding agent whose job has ended: start a new job with the same agent, folder, ' +
        'environment and options, and a new prompt.',
    )
    .usage('<id> [options] -- PROMPT [ARGUMENT...]')
    .addArgument(jobArgument('<id>', { status: 'finished', where: runsAgent }))
    .argument('<prompt>', 'the new prompt')
    .argument('[argument...]', 'options for the agent program (default those of the earlier job)')
    .option('--model <model>', 'model to use (default that of the earlier job)')
    .option('--wait', waitHelp)
    .option('--json', 'print the new job as JSON')
    .action(async (id: string, prompt: string, more: string[], options: FollowOptions & { model?: string }) => {
      const service = await context.connect();
      const given = definedOnly({ model: options.model, arguments: more.length === 0 ? undefined : more });
      const job = await service.continueJob(id, { prompt, inheritEnv: definedOnly(context.env), ...given });
      await reportAgent(context, service, { job, created: true }, options);
    });
}

/** Prints the started job; with `wait` follows its events to the end and takes over its exit code. */
async function reportAgent(
  context: Context,
  service: JobService,
  { job, created }: Started,
  { wait, json }: FollowOptions,
): Promise<void> {
  if (!wait) return answer(context, { json }, job, () => describeStart(context, job, created));
  const sink = json ? context.stderr : context.stdout;
  await watch(context, job, async (signal) => {
    const { job: started } = await service.waitForJob(job.id, { for: 'started' }, signal);
    if (started.run !== null) {
      for await (const event of followAgentEvents(service, job, started.run, signal)) {
        await write(sink, agentEventText(event));
      }
    }
    signal.throwIfAborted();
    const ended = await service.getJob(job.id);
    context.exitCode = exitCodeOfRun(ended);
    if (json) await printJson(context, ended);
    else if (ended.exitCode !== 0) await note(context, `${job.shortId} ${wholeEndText(ended)}`);
  });
}

function runsAgent({ codingAgent }: Job): boolean {
  return codingAgent !== null;
}

function agentName(job: Job): CodingAgentName {
  if (job.codingAgent) return job.codingAgent.name;
  throw usageError(`job ${job.shortId} does not run a coding agent. Start one with \`bgjobs agent\`.`);
}

export function addAgentEvents(program: Command, context: Context): void {
  program
    .command('agent-events')
    .summary("show a coding agent's messages and actions")
    .description('Show the events of a coding agent: messages, commands, file changes, result.')
    .addArgument(jobArgument('<id>', { where: runsAgent }))
    .option('-f, --follow', 'keep printing new events until the job ends')
    .option('--since <number>', 'only events after this number', parseCount)
    .addOption(field('type', '--type <type>', 'only events of this type', agentEventTypes))
    .option('--limit <n>', 'with --json, print at most n events (default 100)', parseCount)
    .option('--run <n>', 'events of this run (default the current one)', parseCount)
    .option('--json', 'print {events, next, more, droppedBytes, status}; with --follow, one event per line')
    .action((id: string, options: EventsOptions) => agentEvents(context, id, options));
}

interface EventsOptions extends AgentEventsQuery, Json {
  since?: number;
  follow?: true;
  run?: number;
}

async function agentEvents(context: Context, id: string, options: EventsOptions): Promise<void> {
  const { follow, run, json, ...query } = options;
  const { since = 0, type } = query;
  const service = await context.connect();
  const job = await service.getJob(id);
  agentName(job);
  const print = (event: AgentEvent): Promise<void> =>
    json ? printJson(context, event) : write(context.stdout, agentEventText(event));
  if (follow) {
    for await (const event of followAgentEvents(service, job, run, new AbortController().signal)) {
      if (event.number > since && (type === undefined || event.type === type)) await print(event);
    }
    return;
  }
  const number = run ?? job.run;
  if (number === null) throw usageError(`job ${job.shortId} has not started yet; use --follow to wait for it`);
  const runId = `${job.id}.${number}`;
  let page = await service.getRunEvents(runId, query);
  if (json) return printJson(context, page);
  if (page.droppedBytes > 0) await note(context, `${page.droppedBytes} bytes of older events were dropped`);
  for (;;) {
    for (const event of page.events) await print(event);
    if (!page.more) return;
    page = await service.getRunEvents(runId, { ...query, since: page.next });
  }
}

/** The events of a run as they come, until it has ended or the signal is aborted. */
async function* followAgentEvents(service: JobService, job: Job, run: number | undefined, signal: AbortSignal) {
  const reader = new AgentEventReader(agentName(job));
  const settled = await settleRun(service, job.id, { stream: 'stdout', ...(run !== undefined && { run }) });
  for await (const chunk of service.followOutput(settled.jobId, settled.query, signal)) yield* reader.feed(chunk);
  if (signal.aborted) return;
  // A job that was cancelled has no such run and no events.
  const ended = (await service.getJob(settled.jobId)).runs.find(({ runId }) => runId === settled.runId);
  if (ended) yield* reader.end(ended);
}

const waitHelp = "show messages and actions until the job ends, then exit with the job's exit code";

const help = `
The agent cannot ask for permission while it runs as a job. Put its own permission options after the prompt.

Examples:
  $ bgjobs agent claude --wait -- 'Fix the failing tests' --permission-mode acceptEdits
  $ bgjobs agent codex --model gpt-5 -- 'Explain src/main.c' --sandbox read-only
  $ bgjobs agent copilot -- 'Update the changelog' --allow-all-tools
  $ bgjobs agent-events 1a2b --follow
  $ bgjobs continue 1a2b -- 'Now the documentation'
`;
