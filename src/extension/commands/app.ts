/**
 * `extension/commands` has one handler per command of the manifest, in a file per noun. This file is what they share.
 * `app` loads the room on demand; it imports every room below.
 */

import * as vscode from 'vscode';
import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import { type Dependency, dependencyCondition } from '../../api/options.ts';
import { isEnded } from '../../api/values.ts';
import { commandText, jobTitle, shorten } from '../../text/grammar.ts';
import { conditionText, editorWording } from '../../text/stateText.ts';
import type { ItemFlag } from '../base/ids.ts';
import type { JobStart } from '../base/jobStart.ts';
import { t } from '../base/l10n.ts';
import { pickMany } from '../base/pickMany.ts';
import { withoutIcons, withoutLinks } from '../base/readableText.ts';
import type { ArrayWatch } from '../host/arrayWatch.ts';
import type { Connection } from '../host/hostConnection.ts';
import type { QueueWatch } from '../host/queueWatch.ts';
import { startJob } from '../host/startJob.ts';
import type { JobModel } from '../model/jobModel.ts';
import type { Muted } from '../model/muted.ts';
import type { Notifications } from '../notify/notifications.ts';
import type { JobChannels } from '../output/jobChannels.ts';
import type { TaskRunner } from '../tasks/taskRunner.ts';
import type { LastCommands } from '../terminal/lastCommands.ts';
import { jobDescription, jobFlags, namesIn, statusIcons } from '../view/jobItem.ts';
import type { Node } from '../view/jobTree.ts';

/** The services that commands use. */
export interface App {
  readonly context: vscode.ExtensionContext;
  /** Absolute path of the data directory. */
  readonly home: string;
  readonly connection: Connection;
  readonly model: JobModel;
  readonly queue: QueueWatch;
  readonly arrays: ArrayWatch;
  readonly muted: Muted;
  readonly notifications: Notifications;
  readonly channels: JobChannels;
  readonly tasks: TaskRunner;
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

/** Nothing starts in a workspace that is not trusted. @param denied the result there */
export function trusted(handler: Handler, denied?: unknown): Handler {
  return async (app, args) => ((await requireTrust()) ? handler(app, args) : denied);
}

/** Warns when the workspace is not trusted. @returns whether it is trusted */
async function requireTrust(): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = t('Manage Workspace Trust');
  const text = t('In Restricted Mode, you can view and stop jobs but not start them or send them input.');
  if ((await vscode.window.showWarningMessage(text, manage)) === manage) {
    await vscode.commands.executeCommand('workbench.trust.manage');
  }
  return vscode.workspace.isTrusted;
}

export function inform(text: string): undefined {
  void vscode.window.showInformationMessage(withoutLinks(text));
}

export function warn(text: string): undefined {
  void vscode.window.showWarningMessage(withoutLinks(text));
}

/** @param yes the button that confirms */
export async function confirms(question: string, yes: string, detail = ''): Promise<boolean> {
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) === yes;
}

/** Starts a job of this window, and selects it in the tree. */
export async function startShown(app: App, start: JobStart): Promise<Job> {
  const job = await startJob(app, start);
  await app.reveal(job.id);
  return job;
}

interface TargetQuestion {
  /** The action that the job must support. */
  flag: ItemFlag;
  /** Title of the list to pick from. */
  title: string;
  /** Message when there is no job to pick. */
  none: string;
}

export interface Targets {
  service: JobService;
  jobs: Job[];
  /** The caller named the job by its id: it is a program, or has already prompted. */
  byId: boolean;
  /** What the caller passed after the id, so that the user is not asked for it. */
  given: unknown;
}

/** The jobs that a command is for: the id or tree items it was given, else one that the person picks. */
export async function targets(app: App, args: unknown[], question: TargetQuestion): Promise<Targets> {
  const service = await app.connection.need();
  const [first, second] = args;
  if (typeof first === 'string') return { service, jobs: [await service.getJob(first)], byId: true, given: second };
  const found = { service, byId: false, given: undefined };
  if (!isNode(first)) return { ...found, jobs: await pickJob(app, service, question) };
  const nodes = Array.isArray(second) && second.includes(first) ? second.filter(isNode) : [first];
  const jobs = nodes.flatMap((node) => (node.type === 'job' ? (app.model.job(node.id) ?? []) : []));
  // For a single job the host reports why the action is not possible; in a selection such jobs are skipped.
  return { ...found, jobs: jobs.length > 1 ? fitting(app, jobs, question.flag) : jobs };
}

/** A command that does one thing with each of its jobs. */
export function forEachJob<T>(
  flag: ItemFlag,
  title: string,
  none: string,
  action: (job: Job, service: JobService, app: App) => Promise<T>,
): Handler {
  return async (app, args) => {
    const { service, jobs } = await targets(app, args, { flag, title, none });
    return onEach(jobs, (job) => action(job, service, app));
  };
}

/** A failure does not stop the others. @throws the first failure, when all are done */
export async function onEach<T>(jobs: readonly Job[], action: (job: Job) => Promise<T>): Promise<T[]> {
  const results = await Promise.allSettled(jobs.map(action));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'id' in value;
}

function fitting(app: App, jobs: Job[], flag: ItemFlag): Job[] {
  return jobs.filter((job) => jobFlags(job, app.muted.has(job.id)).includes(flag));
}

async function pickJob(app: App, service: JobService, { flag, title, none }: TargetQuestion): Promise<Job[]> {
  const jobs = fitting(app, await pickableJobs(app, service), flag);
  if (jobs.length === 0) inform(none);
  if (jobs.length === 0) return [];
  const items = jobs.map((job) => jobPickItem(app, job));
  const options = { title, placeHolder: t('Select a job'), matchOnDescription: true, matchOnDetail: true };
  const chosen = await vscode.window.showQuickPick(items, options);
  return chosen ? [chosen.job] : [];
}

/** All that run or wait and the newest that have finished, this window's first. */
async function pickableJobs(app: App, service: JobService): Promise<Job[]> {
  const [going, recent] = await Promise.all([
    service.listJobs({ status: 'running,waiting', limit: 1000 }),
    service.listJobs({ status: 'finished', limit: 100 }),
  ]);
  const isElsewhere = ({ session }: Job): number => Number(session !== app.session());
  return [...going.jobs, ...recent.jobs].sort((a, b) => isElsewhere(a) - isElsewhere(b));
}

function jobPickItem({ model }: App, job: Job): vscode.QuickPickItem & { job: Job } {
  const description = [jobDescription(job, editorWording(t, Date.now(), namesIn(model))), job.session];
  return {
    label: `$(${statusIcons[job.status].id}) ${withoutIcons(shorten(jobTitle(job), 80))}`,
    description: withoutIcons(description.filter((part) => part !== '').join(' · ')),
    ...(job.name === null ? {} : { detail: withoutIcons(shorten(commandText(job), 120)) }),
    job,
  };
}

/**
 * Asks which jobs come first, and what has to become of them.
 * @param of the jobs that wait for them; the first one's are chosen already
 * @returns undefined when the person has stepped back
 */
export async function pickDependencies(
  app: App,
  title: string,
  of: readonly Job[] = [],
): Promise<Dependency[] | undefined> {
  const before = new Map(of[0]?.dependsOn.map(({ job, condition }) => [job, condition]));
  // A schedule never ends.
  const jobs = (await pickableJobs(app, await app.connection.need())).filter(
    (job) => job.options.cron === null && !of.some(({ id }) => id === job.id),
  );
  const items = jobs.map((job) => ({ ...jobPickItem(app, job), picked: before.has(job.id) }));
  const chosen = await pickMany(items, { title, placeHolder: t('Select jobs to wait for') });
  if (!chosen) return undefined;
  const dependencies: Dependency[] = [];
  for (const { job } of chosen) {
    const condition = await pickCondition(job, title, before.get(job.id));
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
  const items = [...new Set([before, ...possible])].map((condition) => ({
    label: conditionText(condition, t),
    condition,
  }));
  const placeHolder = t('Wait for "{0}" …', withoutIcons(shorten(jobTitle(job), 60)));
  return (await vscode.window.showQuickPick(items, { title, placeHolder }))?.condition;
}

/** The session that a command is for: the name or tree item it was given, else the one that the person picks. */
export async function pickSession(
  app: App,
  given: unknown,
  sessions: readonly string[],
  { title, none }: Omit<TargetQuestion, 'flag'>,
): Promise<string | undefined> {
  if (typeof given === 'string') return given;
  if (isNode(given) && given.type === 'session') return given.session;
  if (sessions.length === 0) return inform(none);
  const items = sessions.map((label) => ({ label, description: t('{0} running or waiting', going(app, label)) }));
  return (await vscode.window.showQuickPick(items, { title }))?.label;
}

/** Number of its jobs that run or wait. A held job does neither until it is released. */
export function going({ model }: App, session: string): number {
  return model.jobs().filter((job) => job.session === session && job.status !== 'held' && !isEnded(job.status)).length;
}
