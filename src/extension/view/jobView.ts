/**
 * The view of jobs: tree, tooltip, status bar. The extension's commands and its start import it; it imports the model, the
 * connection, the notifications' muted jobs and the texts.
 */
import { setTimeout as pause } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { AgentEvent } from '../../api/codingAgent.ts';
import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import { tellFailure } from '../base/showFailure.ts';
import type { Connection } from '../host/hostConnection.ts';
import { commands, contextKeys, views } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import type { JobModel, ModelChange } from '../model/jobModel.ts';
import type { Muted } from '../model/muted.ts';
import type { QueueWatch } from '../host/queueWatch.ts';
import type { StatusBar } from './statusBar.ts';
import { JobTree } from './jobTree.ts';
import type { Node } from './nodes.ts';
import { countsDown } from './jobItem.ts';

const tickMs = 1000;
/** A started job is in the model within moments; a slow host must not block the command. */
const revealWithinMs = 2000;
const revealAttempts = 5;
const revealAgainMs = 300;

export interface ViewParts {
  model: JobModel;
  connection: Connection;
  queue: QueueWatch;
  statusBar: StatusBar;
  muted: Muted;
  session: () => string;
}

/** The view of jobs: batches redraws, shows a badge with the count, and updates times while it is visible. */
export class JobView {
  readonly tree: JobTree;
  readonly view: vscode.TreeView<Node>;
  readonly #model: JobModel;
  readonly #connection: Connection;
  readonly #queue: QueueWatch;
  readonly #statusBar: StatusBar;
  readonly #pending: PendingChange;
  readonly #subscriptions: { dispose(): void }[];
  #timer: NodeJS.Timeout | null = null;
  #queueContext = 'open';

  constructor({ model, connection, queue, statusBar, muted, session }: ViewParts) {
    this.#model = model;
    this.#connection = connection;
    this.#queue = queue;
    this.#statusBar = statusBar;
    this.tree = new JobTree({
      model,
      muted,
      ownSession: session,
      isPaused: (name) => queue.isPaused(name),
      look: (id) => connection.service?.getJob(id),
      lookAtResult: (job) => (connection.service ? lastResult(connection.service, job) : undefined),
    });
    this.view = vscode.window.createTreeView(views.jobs, {
      treeDataProvider: this.tree,
      canSelectMany: true,
      showCollapseAll: true,
    });
    this.#pending = new PendingChange((change) => {
      this.tree.refresh(change);
      this.#update();
    });
    this.#subscriptions = [
      model.onDidChange((change) => this.#pending.add(change)),
      muted.onDidChange((job) => this.#pending.add({ all: false, sessions: new Set(), jobs: new Set([job]) })),
      queue.onDidChange(() => this.#pending.add({ all: true, sessions: new Set(), jobs: new Set() })),
      connection.onDidChange(({ type }) => void setContext(contextKeys.connection, type)),
      this.view.onDidChangeVisibility(() => this.#looked()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#update()),
      vscode.window.onDidChangeWindowState(({ focused }) => focused && queue.look()),
    ];
    this.#looked();
  }

  /** Selects a job once it is in the model, without taking the focus. */
  async reveal(jobId: string): Promise<void> {
    await this.#untilKnown(jobId);
    for (let attempt = 0; attempt < revealAttempts && this.#model.job(jobId); attempt++) {
      try {
        return await this.view.reveal(this.tree.job(jobId), { select: true, focus: false });
      } catch {
        // The editor finds no element while it reloads the children of its parent.
        await pause(revealAgainMs);
      }
    }
  }

  async #untilKnown(jobId: string): Promise<void> {
    if (this.#model.job(jobId)) return;
    const known = Promise.withResolvers<void>();
    const subscription = this.#model.onDidChange(() => this.#model.job(jobId) && known.resolve());
    const timer = setTimeout(known.resolve, revealWithinMs);
    await known.promise;
    clearTimeout(timer);
    subscription.dispose();
  }

  dispose(): void {
    if (this.#timer) clearInterval(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#pending.dispose();
    this.view.dispose();
    this.tree.dispose();
  }

  #looked(): void {
    this.#statusBar.setLooking(this.view.visible);
    this.#queue.setLooking(this.view.visible);
    if (this.view.visible) this.#connection.need().catch((error: unknown) => tellFailure(error, commands.retry, []));
    this.#update();
  }

  #update(): void {
    const { running } = this.#model.counts();
    // Every assignment is a message to the window.
    if ((this.view.badge?.value ?? 0) !== running) {
      this.view.badge = running === 0 ? undefined : { value: running, tooltip: t('{0} running', running) };
    }
    const message = this.#message();
    if ((this.view.message ?? '') !== message) this.view.message = message;
    const queue = this.#queue.pauses.paused ? 'paused' : 'open';
    if (this.#queueContext !== queue) void setContext(contextKeys.queue, (this.#queueContext = queue));
    this.#runClock(this.view.visible && (running > 0 || this.#countsDown()));
  }

  /** Empty without jobs: the welcome view says it then. */
  #message(): string {
    if (this.#model.sessions().length === 0) return '';
    const paused = this.#queue.pauses.paused ? t('The queue is paused: no job starts until you resume it.') : '';
    const restricted = vscode.workspace.isTrusted
      ? ''
      : t('In Restricted Mode, you can view and stop jobs but not start them.');
    return [paused, restricted].filter((sentence) => sentence !== '').join(' ');
  }

  #countsDown(): boolean {
    const now = Date.now();
    return this.#model.jobs().some((job) => countsDown(job, now));
  }

  #runClock(run: boolean): void {
    if (run) {
      this.#timer ??= setInterval(() => this.tree.tick(), tickMs);
    } else if (this.#timer) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }
}

/** Batches changes: a queue that starts hundreds of jobs a second is redrawn ten times a second. */
class PendingChange {
  readonly #deliver: (change: ModelChange) => void;
  readonly #delayMs: number;
  #all = false;
  #sessions = new Set<string>();
  #jobs = new Set<string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(deliver: (change: ModelChange) => void, delayMs = 100) {
    this.#deliver = deliver;
    this.#delayMs = delayMs;
  }

  add(change: ModelChange): void {
    this.#all ||= change.all;
    for (const session of change.sessions) this.#sessions.add(session);
    for (const job of change.jobs) this.#jobs.add(job);
    this.#timer ??= setTimeout(() => this.#flush(), this.#delayMs);
  }

  dispose(): void {
    if (this.#timer) clearTimeout(this.#timer);
  }

  #flush(): void {
    const change = { all: this.#all, sessions: this.#sessions, jobs: this.#jobs };
    this.#all = false;
    this.#sessions = new Set();
    this.#jobs = new Set();
    this.#timer = null;
    this.#deliver(change);
  }
}

async function lastResult(service: JobService, job: Job): Promise<AgentEvent | undefined> {
  if (!job.codingAgent || job.run === null) return undefined;
  const { events } = await service.getRunEvents(`${job.id}.${job.run}`, { type: 'result', limit: 1000 });
  return events.at(-1);
}

function setContext(key: string, value: string): Thenable<unknown> {
  return vscode.commands.executeCommand('setContext', key, value);
}
