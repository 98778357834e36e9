/**
 * `extension/commands` has one handler per command of the manifest, in a file per noun. This file is what they share.
 * `app` loads the room on demand; it imports every room below.
 */

import * as vscode from 'vscode';
import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import type { Dependency } from '../../api/options.ts';
import { dependencyConditions, isEnded, isRecord } from '../../api/values.ts';
import { commandText, jobTitle, shorten } from '../../text/grammar.ts';
import { conditionText, editorWording } from '../../text/stateText.ts';
import type { ItemFlag } from '../base/ids.ts';
import type { JobStart } from '../base/jobStart.ts';
import { number, t } from '../base/l10n.ts';
import { pickMany } from '../base/pickMany.ts';
import { withoutIcons } from '../base/readableText.ts';
import type { ArrayWatch } from '../host/arrayWatch.ts';
import type { FoundJobs } from '../host/foundJobs.ts';
import type { Connection } from '../host/hostConnection.ts';
import type { QueueWatch } from '../host/queueWatch.ts';
import { startJob } from '../host/startJob.ts';
import type { JobModel } from '../model/jobModel.ts';
import type { MarkedJobs } from '../model/markedJobs.ts';
import type { Notifications } from '../notify/notifications.ts';
import type { JobChannels } from '../output/jobChannels.ts';
import type { JobProblems } from '../problems/jobProblems.ts';
import type { TaskRunner } from '../tasks/taskRunner.ts';
import type { AttachedTerminals } from '../terminal/attachedTerminals.ts';
import type { LastCommands } from '../terminal/lastCommands.ts';
import { jobDescription, jobFlags, namesIn, statusIcons } from '../view/jobItem.ts';
import type { Node } from '../view/nodes.ts';
import { inform, onEach } from './acting.ts';
import { placeholders } from './placeholders.ts';

/** The services that commands use. */
export interface App {
  readonly context: vscode.ExtensionContext;
  /** Absolute path of the data directory. */
  readonly home: string;
  readonly connection: Connection;
  readonly model: JobModel;
  readonly queue: QueueWatch;
  readonly arrays: ArrayWatch;
  readonly found: FoundJobs;
  readonly muted: MarkedJobs;
  readonly wanted: MarkedJobs;
  readonly notifications: Notifications;
  readonly channels: JobChannels;
  readonly problems: JobProblems;
  readonly tasks: TaskRunner;
  readonly lastCommands: LastCommands;
  readonly terminals: AttachedTerminals;
  /** The view of what can be started. */
  readonly startables: { refresh(): void; redraw(): void };
  /** Opens the page of a job or the timeline, or shows it if it is open. */
  readonly pages: { show(job: Job): void; showTimeline(): void };
  /** Session of the jobs that this window starts. */
  readonly session: () => string;
  /** The selection in the tree. */
  readonly selection: () => readonly Node[];
  /** What a key in the tree is for: the row with the focus, or all that are selected with it. */
  readonly focused: () => Promise<readonly Node[]>;
  /** Shows a job in the tree, as soon as it is there. */
  readonly reveal: (jobId: string) => Promise<void>;
  /** The same if the tree is visible. Another view stays in its place: the status bar shows that the job runs. */
  readonly showStarted: (jobId: string) => Promise<void>;
  /** All failures have been looked at. */
  readonly markSeen: () => void;
}

/**
 * `args`: none from the palette, an item and the selection from a menu of the tree, `{selection: true}` from a key, an id or
 * more from an API caller.
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

/** Starts a job of this window, and selects it in the tree if that is visible. A job with a terminal is opened in one. */
export async function startShown(app: App, start: JobStart): Promise<Job> {
  const job = await startJob(app, start);
  await app.showStarted(job.id);
  if (job.options.tty && job.run !== null) app.terminals.show(job, true);
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
  const nodes = await givenNodes(app, first, second);
  if (!nodes) return { ...found, jobs: await pickJob(app, service, question) };
  const jobs = nodes.flatMap((node) => (node.type === 'job' ? (app.model.job(node.id) ?? []) : []));
  // For a single job the host reports why the action is not possible; in a selection such jobs are skipped.
  return { ...found, jobs: jobs.length > 1 ? fitting(app, jobs, question.flag) : jobs };
}

/** The items of a menu or, with `{selection: true}` of a key, those that it is for; undefined if there are none. */
export async function givenNodes(app: App, first: unknown, second: unknown): Promise<readonly Node[] | undefined> {
  if (isRecord(first) && first['selection'] === true) return app.focused();
  if (!isNode(first)) return undefined;
  return Array.isArray(second) && second.includes(first) ? second.filter(isNode) : [first];
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

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'id' in value;
}

function fitting(app: App, jobs: Job[], flag: ItemFlag): Job[] {
  return jobs.filter((job) => jobFlags(job, app.muted.has(job.id), app.wanted.has(job.id)).includes(flag));
}

async function pickJob(app: App, service: JobService, { flag, title, none }: TargetQuestion): Promise<Job[]> {
  const jobs = fitting(app, await pickableJobs(app, service), flag);
  if (jobs.length === 0) inform(none);
  if (jobs.length === 0) return [];
  const items = jobs.map((job) => jobPickItem(app, job));
  const options = {
    title,
    placeHolder: placeholders[flag] ?? t('Select a job'),
    matchOnDescription: true,
    matchOnDetail: true,
  };
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

export function jobPickItem({ model }: App, job: Job): vscode.QuickPickItem & { job: Job } {
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
 * @param of the jobs that wait for them
 * @param chosen what is chosen already: what the first of them waits for
 * @returns undefined when the person has stepped back
 */
export async function pickDependencies(
  app: App,
  title: string,
  of: readonly Job[] = [],
  chosen: readonly Dependency[] = of[0]?.dependsOn ?? [],
): Promise<Dependency[] | undefined> {
  const before = new Map(chosen.map(({ job, condition }) => [job, condition]));
  // A schedule never ends.
  const jobs = (await pickableJobs(app, await app.connection.need())).filter(
    (job) => job.options.cron === null && !of.some(({ id }) => id === job.id),
  );
  const items = jobs.map((job) => ({ ...jobPickItem(app, job), picked: before.has(job.id) }));
  const picked = await pickMany(items, { title, placeHolder: t('Select jobs to wait for') });
  if (!picked) return undefined;
  const dependencies: Dependency[] = [];
  for (const { job } of picked) {
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
  const possible = dependencyConditions.filter((one) => one !== 'ready' || job.options.readyWhen !== null);
  const items = [...new Set([before, ...possible])].map((condition) => ({
    label: conditionText(condition, t),
    condition,
  }));
  const placeHolder = t('Select what "{0}" must do first', withoutIcons(shorten(jobTitle(job), 60)));
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
  const items = sessions.map((label) => ({
    label,
    description: t('{0} running or waiting', number(going(app, label))),
  }));
  return (await vscode.window.showQuickPick(items, { title, placeHolder: t('Select a session') }))?.label;
}

/** Number of its jobs that run or wait. A held job does neither until it is released. */
export function going({ model }: App, session: string): number {
  return model.jobs().filter((job) => job.session === session && job.status !== 'held' && !isEnded(job.status)).length;
}
