import type * as z from 'zod';
import type { continueRequest } from '../../api/control.ts';
import { agentSessionId } from '../../api/options.ts';
import type { StartRequest } from '../../api/start.ts';
import { isEnded } from '../../api/values.ts';
import { agentOf, type AgentEvents } from '../queries/agentEvents.ts';
import type { JobRow } from '../../store/jobTable.ts';
import { wrongState } from '../queries/lookup.ts';

/**
 * The start of a job that goes on with another one's session: the same agent, folder, environment and limits, and a new
 * prompt.
 * @throws BgJobsError `invalid_state` when it has not ended, or no session is known
 */
export async function continuation(
  job: JobRow,
  events: AgentEvents,
  { prompt, model, arguments: more, actor, inheritEnv }: z.output<typeof continueRequest>,
): Promise<StartRequest> {
  const agent = agentOf(job);
  if (!isEnded(job.status)) {
    throw wrongState(job, 'Its session can be continued when it has ended. Use wait, or kill.');
  }
  const sessionId = agentSessionId.safeParse(await events.sessionId(job)).data;
  if (sessionId === undefined) {
    throw wrongState(job, 'It has not told the id of a session that could be continued. Start a new job instead.');
  }
  const chosen = model ?? agent.model;
  return {
    ...carriedOver(job),
    codingAgent: {
      name: agent.name,
      prompt,
      ...(chosen !== undefined && { model: chosen }),
      arguments: more ?? agent.arguments,
      sessionId,
      continues: job.id,
    },
    ...(inheritEnv && { inheritEnv }),
    actor,
  };
}

/** Not when and how often it ran, and not what makes it that very job. */
function carriedOver({ spec }: JobRow): Omit<StartRequest, 'codingAgent'> {
  const { argv, codingAgent, idempotencyKey, unlessRunning, held, readyWhen, ...stays } = spec;
  const { dependsOn, ifDependencyFails, at, cron, timeZone, retry, restart, ...rest } = stays;
  return rest;
}
