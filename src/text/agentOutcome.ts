import type { AgentEvent } from '../api/codingAgent.ts';
import type { JobService } from '../api/endpoints.ts';
import type { Job } from '../api/job.ts';
import type { CodingAgentName } from '../api/options.ts';

type Spent = Pick<AgentEvent, 'usage' | 'costUsd'>;

/** What a coding agent's job has come to. */
export interface AgentOutcome {
  /** Of its last run. */
  result: AgentEvent;
  /** By that run and those of the jobs that it continues; null when it continues none. */
  session: Spent | null;
}

/** What these agents count over the whole session, also when it is continued. */
const wholeSession: Partial<Record<CodingAgentName, keyof Spent>> = {
  claude: 'costUsd',
  codex: 'usage',
  qwen: 'usage',
};
/** How many jobs are looked at, of which each one's log is read. */
const mostJobs = 10;

/** @returns undefined while the run goes on, and for a job that is no coding agent's or has not run */
export async function agentOutcome(service: JobService, job: Job): Promise<AgentOutcome | undefined> {
  const result = await resultOf(service, job);
  if (!result || !job.codingAgent) return undefined;
  const { name, continues } = job.codingAgent;
  let session: Spent = result;
  let id = continues;
  for (let count = 1; id !== null && count < mostJobs; count++) {
    const earlier = await service.getJob(id).catch(() => undefined);
    const before = earlier && (await resultOf(service, earlier));
    if (before) session = { ...addSpent(session, before), ...keptOf(name, session, before) };
    id = earlier?.codingAgent?.continues ?? null;
  }
  return { result, session: continues === null ? null : session };
}

async function resultOf(service: JobService, { id, run, codingAgent }: Job): Promise<AgentEvent | undefined> {
  if (!codingAgent || run === null) return undefined;
  return (await service.getRunEvents(`${id}.${run}`, { type: 'result' })).events.at(-1);
}

function keptOf(name: CodingAgentName, later: Spent, before: Spent): Partial<Spent> {
  const kept = wholeSession[name];
  return kept === undefined ? {} : { [kept]: later[kept] ?? before[kept] };
}

export function addSpent(a: Spent, b: Spent): Spent {
  const costUsd = a.costUsd === null && b.costUsd === null ? null : (a.costUsd ?? 0) + (b.costUsd ?? 0);
  if (!a.usage || !b.usage) return { costUsd, usage: a.usage ?? b.usage };
  return {
    costUsd,
    usage: {
      inputTokens: a.usage.inputTokens + b.usage.inputTokens,
      cachedInputTokens: a.usage.cachedInputTokens + b.usage.cachedInputTokens,
      outputTokens: a.usage.outputTokens + b.usage.outputTokens,
    },
  };
}
