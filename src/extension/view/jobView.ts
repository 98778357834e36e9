/**
 * The view of jobs: tree, tooltip, status bar. The extension's commands and its start import it; it imports the model, the
 * connection, the notifications' muted jobs and the texts.
 */
import { setTimeout as pause } from 'node:timers/promises';
import * as vscode from 'vscode';
import { isEnded } from '../../api/values.ts';
import { commands, contextKeys, views } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import { tellFailure } from '../base/showFailure.ts';
import type { Connection } from '../host/hostConnection.ts';
import type { ArrayWatch } from '../host/arrayWatch.ts';
import type { QueueWatch } from '../host/queueWatch.ts';
import { isTriedAgain, type JobModel, type ModelChange } from '../model/jobModel.ts';
import { countsDown } from './jobItem.ts';
import { JobTree, type Node, type TreeParts } from './jobTree.ts';

const tickMs = 1000;
/** The newest jobs. */
const mostWithProgress = 100;
/** A queue that starts hundreds of jobs a second is redrawn ten times a second. */
const redrawMs = 100;
/** A started job is in the model within moments; a slow host must not block the command. */
const revealWithinMs = 2000;
const revealAttempts = 5;
const revealAgainMs = 300;

interface ViewParts extends TreeParts {
  connection: Connection;
  queue: QueueWatch;
  arrays: ArrayWatch;
}

/** The view of jobs: batches redraws, shows a badge with the count, and updates times while it is visible. */
export class JobView {
  readonly tree: JobTree;
  readonly view: vscode.TreeView<Node>;
  readonly statusBar: StatusBar;
  readonly #parts: ViewParts;
  readonly #subscriptions: { dispose(): void }[];
  /** What has changed since the last redraw. */
  #pending = { all: false, sessions: new Set<string>(), jobs: new Set<string>() };
  #redraw: NodeJS.Timeout | undefined;
  #clock: NodeJS.Timeout | undefined;
  /** The question for progress that is under way. */
  #progress: Promise<void> | undefined;
  #queueContext = 'open';

  constructor(parts: ViewParts) {
    const { model, connection, queue, muted } = parts;
    this.#parts = parts;
    this.statusBar = new StatusBar(model, queue);
    this.tree = new JobTree(parts);
    this.view = vscode.window.createTreeView(views.jobs, {
      treeDataProvider: this.tree,
      canSelectMany: true,
      showCollapseAll: true,
    });
    this.#subscriptions = [
      this.statusBar,
      this.tree,
      this.view,
      model.onDidChange((change) => this.#add(change)),
      muted.onDidChange((job) => this.#add({ jobs: new Set([job]) })),
      queue.onDidChange(() => this.#add({ all: true })),
      connection.onDidChange(({ type }) => void setContext(contextKeys.connection, type)),
      this.view.onDidChangeVisibility(() => this.#looked()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#update()),
      vscode.window.onDidChangeWindowState(({ focused }) => focused && queue.look()),
    ];
    this.#looked();
  }

  /** Selects a job once it is in the model, without taking the focus. */
  async reveal(jobId: string): Promise<void> {
    const { model } = this.#parts;
    await this.#untilKnown(jobId);
    for (let attempt = 0; attempt < revealAttempts && model.job(jobId); attempt++) {
      try {
        return await this.view.reveal(this.tree.job(jobId), { select: true, focus: false });
      } catch {
        // The editor finds no element while it reloads the children of its parent.
        await pause(revealAgainMs);
      }
    }
  }

  async #untilKnown(jobId: string): Promise<void> {
    const { model } = this.#parts;
    if (model.job(jobId)) return;
    const known = Promise.withResolvers<void>();
    const subscription = model.onDidChange(() => model.job(jobId) && known.resolve());
    const timer = setTimeout(known.resolve, revealWithinMs);
    await known.promise;
    clearTimeout(timer);
    subscription.dispose();
  }

  dispose(): void {
    clearInterval(this.#clock);
    clearTimeout(this.#redraw);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #add({ all = false, sessions = new Set(), jobs = new Set() }: Partial<ModelChange>): void {
    this.#pending.all ||= all;
    for (const session of sessions) this.#pending.sessions.add(session);
    for (const job of jobs) this.#pending.jobs.add(job);
    this.#redraw ??= setTimeout(() => {
      const change = this.#pending;
      this.#pending = { all: false, sessions: new Set(), jobs: new Set() };
      this.#redraw = undefined;
      this.tree.refresh(change);
      this.#update();
    }, redrawMs);
  }

  #looked(): void {
    const { connection, queue } = this.#parts;
    this.statusBar.setLooking(this.view.visible);
    queue.setLooking(this.view.visible);
    if (this.view.visible) connection.need().catch((error: unknown) => tellFailure(error, commands.retry, []));
    this.#update();
  }

  #update(): void {
    const { model, queue } = this.#parts;
    const { running } = model.counts();
    // Every assignment is a message to the window.
    if ((this.view.badge?.value ?? 0) !== running) {
      this.view.badge = running === 0 ? undefined : { value: running, tooltip: t('{0} running', running) };
    }
    const message = this.#message();
    if ((this.view.message ?? '') !== message) this.view.message = message;
    const context = queue.pauses.paused ? 'paused' : 'open';
    if (this.#queueContext !== context) void setContext(contextKeys.queue, (this.#queueContext = context));
    const now = Date.now();
    if (this.view.visible && (running > 0 || model.jobs().some((job) => countsDown(job, now)))) {
      this.#clock ??= setInterval(() => this.#tick(), tickMs);
    } else {
      clearInterval(this.#clock);
      this.#clock = undefined;
    }
  }

  #tick(): void {
    this.tree.tick();
    if (this.#parts.model.counts().running === 0) return;
    this.#progress ??= this.#showProgress().finally(() => (this.#progress = undefined));
  }

  async #showProgress(): Promise<void> {
    const { model, connection } = this.#parts;
    const found = await connection.service
      ?.listJobs({ status: 'running', limit: mostWithProgress })
      .catch(() => undefined);
    if (!found) return;
    model.setProgress(found.jobs);
    this.tree.tick();
  }

  /** Empty without jobs: the welcome view says it then. */
  #message(): string {
    const { model, queue } = this.#parts;
    if (model.sessions().length === 0) return '';
    const sentences = [
      queue.pauses.paused ? t('The queue is paused: no job starts until you resume it.') : '',
      vscode.workspace.isTrusted ? '' : t('In Restricted Mode, you can view and stop jobs but not start them.'),
    ];
    return sentences.filter((sentence) => sentence !== '').join(' ');
  }
}

function setContext(key: string, value: string): Thenable<unknown> {
  return vscode.commands.executeCommand('setContext', key, value);
}

/**
 * Shows how many jobs run, whether the queue is paused, and how many jobs have failed since the view was last visible.
 * Hidden when there is nothing to show.
 */
class StatusBar {
  readonly #model: JobModel;
  readonly #queue: QueueWatch;
  readonly #item = vscode.window.createStatusBarItem('jobs', vscode.StatusBarAlignment.Left);
  readonly #subscriptions;
  readonly #failed = new Set<string>();
  #looking = false;

  constructor(model: JobModel, queue: QueueWatch) {
    this.#model = model;
    this.#queue = queue;
    this.#item.name = t('Background Jobs');
    this.#item.command = `${views.jobs}.focus`;
    this.#subscriptions = [
      this.#item,
      model.onDidEnd((end) => {
        const hasFailed = end.event.to === 'failed' || end.event.to === 'timed_out';
        if (!this.#looking && hasFailed && !isTriedAgain(end)) this.#failed.add(end.job.id);
        this.#draw();
      }),
      model.onDidChange(() => this.#draw()),
      queue.onDidChange(() => this.#draw()),
    ];
  }

  /** A visible view clears the count of failures. */
  setLooking(looking: boolean): void {
    this.#looking = looking;
    if (looking) this.#failed.clear();
    this.#draw();
  }

  get text(): string {
    return this.#item.text;
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #draw(): void {
    const { running, waiting } = this.#model.counts();
    const { paused } = this.#queue.pauses;
    for (const id of this.#failed) {
      const job = this.#model.job(id);
      if (!job || !isEnded(job.status)) this.#failed.delete(id);
    }
    const failed = this.#failed.size;
    const text = [
      running > 0 ? `$(sync~spin) ${running}` : '',
      paused ? `$(debug-pause) ${waiting > 0 ? waiting : ''}`.trimEnd() : '',
      failed > 0 ? `$(error) ${failed}` : '',
    ];
    const words = [
      t('{0} running', running),
      waiting > 0 ? t('{0} waiting', waiting) : '',
      paused ? t('the queue is paused') : '',
      failed > 0 ? t('{0} failed since you last looked', failed) : '',
    ];
    const sentence = t('Background jobs: {0}', words.filter((part) => part !== '').join(', '));
    this.#item.text = text.filter((part) => part !== '').join(' ');
    this.#item.tooltip = sentence;
    this.#item.accessibilityInformation = { label: sentence, role: 'button' };
    if (this.#item.text === '') this.#item.hide();
    else this.#item.show();
  }
}
