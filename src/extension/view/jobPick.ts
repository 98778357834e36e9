import * as vscode from 'vscode';
import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import { t } from '../base/l10n.ts';
import { withoutIcons } from '../base/readableText.ts';
import { jobDescription, statusIcons } from './jobItem.ts';
import { editorWording } from '../../text/wording.ts';
import { namesIn } from './tooltip.ts';
import { commandText, jobTitle, shorten } from '../../text/grammar.ts';
import type { JobModel } from '../model/jobModel.ts';
import { type Dependency, dependencyCondition } from '../../api/options.ts';
import { conditionText } from '../../text/waitingText.ts';

/** All that run or wait and the newest that have finished, this window's first. */
export async function pickableJobs(service: JobService, session: string): Promise<Job[]> {
  const [going, recent] = await Promise.all([
    service.listJobs({ status: 'running,waiting', limit: 1000 }),
    service.listJobs({ status: 'finished', limit: 100 }),
  ]);
  const jobs = [...going.jobs, ...recent.jobs];
  return [...jobs.filter((job) => job.session === session), ...jobs.filter((job) => job.session !== session)];
}

export function jobPickItem(model: JobModel, job: Job): vscode.QuickPickItem & { job: Job } {
  const description = [jobDescription(job, editorWording(t, Date.now(), namesIn(model))), job.session]
    .filter((part) => part !== '')
    .join(' · ');
  return {
    label: `$(${statusIcons[job.status].id}) ${withoutIcons(shorten(jobTitle(job), 80))}`,
    description: withoutIcons(description),
    ...(job.name === null ? {} : { detail: withoutIcons(shorten(commandText(job), 120)) }),
    job,
  };
}

/**
 * Which jobs come first, and what has to become of them.
 * @param of the jobs that wait for them; the first one's are chosen already
 * @returns undefined when the person has stepped back
 */
export async function pickDependencies(
  { service, session, model }: { service: JobService; session: string; model: JobModel },
  { title, of }: { title: string; of: readonly Job[] },
): Promise<Dependency[] | undefined> {
  const before = of[0]?.dependsOn ?? [];
  const conditionOf = (job: Job): Dependency | undefined => before.find((one) => one.job === job.id);
  // A schedule never ends.
  const jobs = (await pickableJobs(service, session)).filter(
    (job) => job.options.cron === null && !of.some(({ id }) => id === job.id),
  );
  const items = jobs.map((job) => ({ ...jobPickItem(model, job), picked: conditionOf(job) !== undefined }));
  const options = {
    title,
    placeHolder: t('Select jobs to wait for'),
    canPickMany: true,
    matchOnDescription: true,
  } as const;
  const chosen = await vscode.window.showQuickPick(items, options);
  if (!chosen || chosen.length === 0) return chosen && [];
  const dependencies: Dependency[] = [];
  for (const { job } of chosen) {
    const condition = await pickCondition(job, title, conditionOf(job)?.condition);
    if (condition === undefined) return undefined;
    dependencies.push({ job: job.id, condition });
  }
  return dependencies;
}

async function pickCondition(
  job: Job,
  title: string,
  before: Dependency['condition'] = 'succeeded',
): Promise<Dependency['condition'] | undefined> {
  const possible = dependencyCondition.options.filter((one) => one !== 'ready' || job.options.readyWhen !== null);
  const ordered = [before, ...possible.filter((one) => one !== before)];
  const items = ordered.map((condition) => ({ label: conditionText(condition, t), condition }));
  const placeHolder = t('Wait for "{0}" …', withoutIcons(shorten(jobTitle(job), 60)));
  return (await vscode.window.showQuickPick(items, { title, placeHolder }))?.condition;
}
