/**
 * `extension/commands` has one handler per command of the manifest, in a file per noun. This file is what they share.
 * `app` loads the room on demand; it imports every room below.
 */

import * as vscode from 'vscode';
import type { Connection } from '../host/hostConnection.ts';
import type { DoctorChannel } from '../output/doctorChannel.ts';
import type { JobModel } from '../model/jobModel.ts';
import type { Muted } from '../model/muted.ts';
import type { Notifications } from '../notify/notifications.ts';
import type { JobChannels } from '../output/jobChannels.ts';
import type { QueueWatch } from '../host/queueWatch.ts';
import type { LastCommands } from '../terminal/lastCommands.ts';
import type { TaskRunner } from '../tasks/taskRunner.ts';
import type { Node } from '../view/nodes.ts';
import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import type { ItemFlag } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import { jobFlags } from '../view/jobFlags.ts';
import { jobPickItem, pickableJobs } from '../view/jobPick.ts';
import { isEnded } from '../../api/values.ts';

/** The services that commands use. */
export interface App {
  readonly context: vscode.ExtensionContext;
  /** Absolute path of the data directory. */
  readonly home: string;
  readonly connection: Connection;
  readonly model: JobModel;
  readonly queue: QueueWatch;
  readonly muted: Muted;
  readonly notifications: Notifications;
  readonly channels: JobChannels;
  readonly tasks: TaskRunner;
  readonly doctor: DoctorChannel;
  /** Last commands of the terminals of this window. */
  readonly lastCommands: LastCommands;
  /** Session of the jobs that this window starts. */
  readonly session: () => string;
  /** The selection in the tree. */
  readonly selection: () => readonly Node[];
  /** Shows a job in the tree, as soon as it is there. */
  readonly reveal: (jobId: string) => Promise<void>;
}

/**
 * `args`: none from the palette, an item and the selection from a menu of the tree, an id or more from an API caller.
 */
export type Handler = (app: App, args: unknown[]) => Promise<unknown>;

export interface TargetQuestion {
  /** The action that the job must support. */
  flag: ItemFlag;
  /** Title of the list to pick from. */
  title: string;
  /** Message when there is no job to pick. */
  none: string;
}

/**
 * Applies an action to each of the jobs that a command is for. A failure does not stop the others; it is thrown when all
 * are done.
 */
export async function forEachSelected<T>(
  app: App,
  args: unknown[],
  question: TargetQuestion,
  action: (job: Job, service: JobService) => Promise<T>,
): Promise<T[]> {
  const { service, jobs } = await targets(app, args, question);
  return onEach(jobs, (job) => action(job, service));
}

/** @throws the first failure, when all are done */
export async function onEach<T>(jobs: readonly Job[], action: (job: Job) => Promise<T>): Promise<T[]> {
  const results = await Promise.allSettled(jobs.map(action));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
}

export interface Targets {
  service: JobService;
  jobs: Job[];
  /** The caller named the jobs by id: it is a program, or has already prompted. */
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
    // For a single job the host reports why the action is not possible; in a selection such jobs are skipped.
    return { service, jobs: jobs.length > 1 ? fitting(app, jobs, question.flag) : jobs, byId: false };
  }
  const job = await pickJob(app, service, question);
  return { service, jobs: job ? [job] : [], byId: false };
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'id' in value;
}

function fitting(app: App, jobs: Job[], flag: ItemFlag): Job[] {
  return jobs.filter((job) => jobFlags(job, app.muted.has(job.id)).includes(flag));
}

async function pickJob(app: App, service: JobService, question: TargetQuestion): Promise<Job | undefined> {
  const jobs = fitting(app, await pickableJobs(service, app.session()), question.flag);
  if (jobs.length === 0) {
    void vscode.window.showInformationMessage(question.none);
    return undefined;
  }
  const options = {
    title: question.title,
    placeHolder: t('Select a job'),
    matchOnDescription: true,
    matchOnDetail: true,
  };
  return (
    await vscode.window.showQuickPick(
      jobs.map((job) => jobPickItem(app.model, job)),
      options,
    )
  )?.job;
}

/** The session that a command is for: the name or tree item it was given, else the one that the person picks. */
export async function pickSession(
  app: App,
  given: unknown,
  sessions: readonly string[],
  question: { title: string; none: string },
): Promise<string | undefined> {
  if (typeof given === 'string') return given;
  if (isNode(given) && given.type === 'session') return given.session;
  if (sessions.length === 0) {
    void vscode.window.showInformationMessage(question.none);
    return undefined;
  }
  const items = sessions.map((label) => ({ label, description: t('{0} running or waiting', going(app, label)) }));
  return (await vscode.window.showQuickPick(items, { title: question.title }))?.label;
}

/** Number of its jobs that run or wait. A held job does neither until it is released. */
export function going({ model }: App, session: string): number {
  return model.jobs().filter((job) => job.session === session && job.status !== 'held' && !isEnded(job.status)).length;
}
