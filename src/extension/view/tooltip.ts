import type { AgentEvent } from '../../api/codingAgent.ts';
import type { Job } from '../../api/job.ts';
import { commandText, jobTitle, shorten } from '../../text/grammar.ts';
import { statusPage, type Relations } from '../../text/statusPage.ts';
import { namedJobs } from '../../text/waitingText.ts';
import { editorWording, shortId, type NameOf, type Translate } from '../../text/wording.ts';
import { codeBlock, escapeMarkdown } from '../base/markdown.ts';
import type { JobModel } from '../model/jobModel.ts';

/**
 * Everything about a job, as Markdown in which none of the job's own text is taken for Markdown.
 * @param result of a coding agent
 */
export function jobTooltip(
  job: Job,
  now: number,
  t: Translate,
  relations: Relations = { known: new Map() },
  result?: AgentEvent,
): string {
  const nameOf = namesIn({ job: (id) => relations.known.get(id) ?? undefined });
  const rows = statusPage(job, editorWording(t, now, nameOf), { relations, result, runs: 1 });
  return [
    `**${escapeMarkdown(jobTitle(job))}**`,
    codeBlock(shorten(commandText(job), 2000)),
    rows.map(([label, text]) => `${escapeMarkdown(label)}: ${escapeMarkdown(text)}`).join('  \n'),
  ].join('\n\n');
}

/** Jobs are called what this window knows them by. */
export function namesIn(model: Pick<JobModel, 'job'>): NameOf {
  return (id) => {
    const job = model.job(id);
    return job ? jobTitle(job) : shortId(id);
  };
}

/** @param fetch gets a job from the host, if there is one */
export async function relationsOf(
  job: Job,
  model: JobModel,
  fetch: (id: string) => Promise<Job> | undefined,
): Promise<Relations> {
  const holder = job.waitingFor?.type === 'mutex' ? job.waitingFor.jobId : null;
  const ids = [...job.dependsOn.map((dependency) => dependency.job), job.schedule, holder].filter((id) => id !== null);
  const unknown = ids.filter((id) => !model.job(id)).slice(0, namedJobs);
  const fetched = await Promise.all(unknown.map(async (id) => fetch(id)?.catch(() => undefined)));
  const jobs = [...ids.map((id) => model.job(id)), ...fetched].filter((one) => one !== undefined);
  return { known: new Map(jobs.map((one) => [one.id, one])), dependents: model.dependentsOf(job.id) };
}
