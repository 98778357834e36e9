import * as vscode from 'vscode';
import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import type { ItemFlag } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import { jobFlags } from '../view/jobFlags.ts';
import type { Node } from '../view/nodes.ts';
import type { App } from './app.ts';
import { jobPickItem, pickableJobs } from './jobPick.ts';

export interface TargetQuestion {
  /** What must be possible with the job. */
  flag: ItemFlag;
  /** Over the list to pick from. */
  title: string;
  /** Said when there is none to pick. */
  none: string;
}

export interface Targets {
  service: JobService;
  jobs: Job[];
  /** The caller named the jobs by id: it is a program, or has asked already. */
  byId: boolean;
}

/** The jobs that a command is for: the ids or tree items it was given, else one that the person picks. */
export async function targets(app: App, args: unknown[], question: TargetQuestion): Promise<Targets> {
  const service = await app.connection.need();
  const [first, selection] = args;
  if (typeof first === 'string') return { service, jobs: [await service.getJob(first)], byId: true };
  if (isNode(first)) {
    const nodes = Array.isArray(selection) && selection.includes(first) ? selection.filter(isNode) : [first];
    const jobs = nodes.flatMap((node) => (node.type === 'job' ? (app.model.job(node.id) ?? []) : []));
    // A lone job that cannot do it gets the host's answer; in a selection those that can are meant.
    return { service, jobs: jobs.length > 1 ? fitting(app, jobs, question.flag) : jobs, byId: false };
  }
  const job = await pick(app, service, question);
  return { service, jobs: job ? [job] : [], byId: false };
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'id' in value;
}

function fitting(app: App, jobs: Job[], flag: ItemFlag): Job[] {
  return jobs.filter((job) => jobFlags(job, app.muted.has(job.id)).includes(flag));
}

async function pick(app: App, service: JobService, question: TargetQuestion): Promise<Job | undefined> {
  const jobs = fitting(app, await pickableJobs(app, service), question.flag);
  if (jobs.length === 0) {
    void vscode.window.showInformationMessage(question.none);
    return undefined;
  }
  const options = {
    title: question.title,
    placeHolder: t('Which job?'),
    matchOnDescription: true,
    matchOnDetail: true,
  };
  return (
    await vscode.window.showQuickPick(
      jobs.map((job) => jobPickItem(app, job)),
      options,
    )
  )?.job;
}
