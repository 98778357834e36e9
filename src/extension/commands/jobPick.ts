import type * as vscode from 'vscode';
import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import { t } from '../base/l10n.ts';
import { withoutIcons } from '../base/readableText.ts';
import { jobDescription, statusIcons } from '../view/jobItem.ts';
import { editorWording } from '../../text/wording.ts';
import { namesIn } from '../view/tooltip.ts';
import { commandText, jobTitle, shorten } from '../../text/grammar.ts';
import type { App } from './app.ts';

/** All that run or wait and the newest that have finished, this window's first. */
export async function pickableJobs(app: App, service: JobService): Promise<Job[]> {
  const [going, recent] = await Promise.all([
    service.listJobs({ status: 'running,waiting', limit: 1000 }),
    service.listJobs({ status: 'finished', limit: 100 }),
  ]);
  const own = app.session();
  const jobs = [...going.jobs, ...recent.jobs];
  return [...jobs.filter((job) => job.session === own), ...jobs.filter((job) => job.session !== own)];
}

export function jobPickItem({ model }: App, job: Job): vscode.QuickPickItem & { job: Job } {
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
