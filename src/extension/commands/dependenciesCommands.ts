import * as vscode from 'vscode';
import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import { type Dependency, dependencyCondition } from '../../api/options.ts';
import { t } from '../base/l10n.ts';
import { withoutIcons } from '../base/readableText.ts';
import { conditionText } from '../../text/waitingText.ts';
import { requireTrust } from '../base/trust.ts';
import { jobTitle, shorten } from '../../text/grammar.ts';
import type { App, Handler } from './app.ts';
import { jobPickItem, pickableJobs } from './jobPick.ts';
import { targets } from './targets.ts';
import { together } from './forEachSelected.ts';

/** By id, the dependencies can be given behind it. */
export const changeDependencies: Handler = async (app, args) => {
  if (!(await requireTrust())) return [];
  const title = t('Change the Dependencies of a Job');
  const { service, jobs, byId } = await targets(app, args, { flag: 'dependencies', title, none: t('No job waits.') });
  const [job] = jobs;
  if (!job) return [];
  const given = byId ? (args[1] as Dependency[] | undefined) : undefined;
  const dependsOn = given ?? (await pickDependencies(app, service, { title, of: jobs }));
  return dependsOn ? together(jobs, ({ id }) => service.updateJob(id, { dependsOn })) : [];
};

/**
 * Which jobs come first, and what has to become of them.
 * @param of the jobs that wait for them; the first one's are chosen already
 * @returns undefined when the person has stepped back
 */
export async function pickDependencies(
  app: App,
  service: JobService,
  { title, of }: { title: string; of: readonly Job[] },
): Promise<Dependency[] | undefined> {
  const before = of[0]?.dependsOn ?? [];
  const conditionOf = (job: Job): Dependency | undefined => before.find((one) => one.job === job.id);
  // A schedule never ends.
  const jobs = (await pickableJobs(app, service)).filter(
    (job) => job.options.cron === null && !of.some(({ id }) => id === job.id),
  );
  const items = jobs.map((job) => ({ ...jobPickItem(app, job), picked: conditionOf(job) !== undefined }));
  const options = {
    title,
    placeHolder: t('Which jobs come first?'),
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
