import { AgentEventReader } from '../../agents/coding/eventReader.ts';
import { settleRun } from '../../dataDir/logBytes.ts';
import type { AgentEvent, CodingAgentName } from '../../api/codingAgent.ts';
import type { Job } from '../../api/job.ts';
import type { JobService, Started } from '../../api/service.ts';
import { agentEventText } from '../../text/agentEvent.ts';
import { exitCodeOfRun, exitCodeOfSignal } from '../../text/exitCode.ts';
import { endSentence } from '../../text/jobText.ts';
import { answer, note, printJson, write, type Context } from '../base/context.ts';
import { usageError } from '../base/cliFailure.ts';
import { Interruption } from '../base/interruption.ts';
import { readOutput } from './readOutput.ts';
import { describe } from '../verbs/runVerb.ts';

/** The events of a run as its output brings them, until it has ended or the signal is aborted. */
export async function* followAgentEvents(
  service: JobService,
  id: string,
  agent: CodingAgentName,
  run: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<AgentEvent> {
  const reader = new AgentEventReader(agent);
  const settled = await settleRun(service, id, { stream: 'stdout', ...(run !== undefined && { run }) });
  for await (const item of readOutput(service, settled, true, signal)) {
    if (!('droppedBytes' in item)) yield* reader.feed(item);
  }
  if (signal.aborted) return;
  // A job that was cancelled has no such run, and has said nothing.
  const ended = (await service.getJob(settled.jobId)).runs.find(({ runId }) => runId === settled.runId);
  yield* reader.end(ended?.finishedAt ?? new Date().toISOString());
}

/** After a start: says what was started, or with `wait` what the agent says and does, and ends as its run does. */
export async function reportAgent(
  context: Context,
  service: JobService,
  { job, created }: Started,
  { wait, json }: { wait?: true; json?: boolean },
): Promise<void> {
  if (!wait) return answer(context, { json: json === true }, job, () => describe(context, job, created));
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

export function agentName(job: Job): CodingAgentName {
  if (job.codingAgent) return job.codingAgent.name;
  throw usageError(`job ${job.shortId} runs no coding agent: such a job is started by \`bgjobs agent\``);
}
