import { Option, type Command } from 'commander';
import { agentEventTypes } from '../../api/choices.ts';
import type { AgentEvent, AgentEventType } from '../../api/codingAgent.ts';
import type { JobService } from '../../api/service.ts';
import { agentEventText } from '../../text/agentEvent.ts';
import { note, printJson, write, type Context } from '../base/context.ts';
import { usageError } from '../base/cliFailure.ts';
import { agentName, followAgentEvents } from '../output/followAgent.ts';
import { given } from '../options/definedOnly.ts';
import { parseCount } from '../options/parse.ts';

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
    .action((id: string, options: Options) => agentEvents(context, id, options));
}

interface Options {
  follow?: true;
  since?: number;
  type?: AgentEventType;
  limit?: number;
  run?: number;
  json?: boolean;
}

async function agentEvents(context: Context, id: string, options: Options): Promise<void> {
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
  const query = { since, ...given({ type, limit }) };
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
