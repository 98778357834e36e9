import { AgentEventReader } from '../../agents/coding/eventReader.ts';
import { settleRun } from '../../logs/logReader.ts';
import type { AgentEvent } from '../../api/codingAgent.ts';
import type { CodingAgentName } from '../../api/options.ts';
import type { JobService } from '../../api/endpoints.ts';

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
  for await (const chunk of service.followOutput(settled.jobId, settled.query, signal)) yield* reader.feed(chunk);
  if (signal.aborted) return;
  // A job that was cancelled has no such run, and has said nothing.
  const ended = (await service.getJob(settled.jobId)).runs.find(({ runId }) => runId === settled.runId);
  yield* reader.end(ended?.finishedAt ?? new Date().toISOString());
}
