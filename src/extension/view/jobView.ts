/**
 * The view of jobs: tree, tooltip, status bar. The extension's commands and its start import it; it imports the model, the
 * connection, the notifications' muted jobs and the texts.
 */
import { setTimeout as pause } from 'node:timers/promises';
import * as vscode from 'vscode';
import { isFailure } from '../../api/values.ts';
import { commands, contextKeys, settings, views } from '../base/ids.ts';
import { number, t } from '../base/l10n.ts';
import { groupBy, onDidChangeSettings } from '../base/settings.ts';
import { tellFailure } from '../base/showFailure.ts';
import type { Connection } from '../host/hostConnection.ts';
import type { QueueWatch } from '../host/queueWatch.ts';
import type { FoundJobs } from '../host/foundJobs.ts';
import { groupings } from '../model/grouping.ts';
import type { ModelChange } from '../model/jobModel.ts';
import type { LastLook } from '../model/lastLook.ts';
import { ContextKeys } from './contextKeys.ts';
import { DragJobs } from './dragJobs.ts';
import { countsDown } from './jobItem.ts';
import { JobTree, type TreeParts } from './jobTree.ts';
import type { Node } from './nodes.ts';
import { StatusBar } from './statusBar.ts';

const tickMs = 1000;
/** The newest jobs. */
const mostWithProgress = 100;
/** A queue that starts hundreds of jobs a second is redrawn ten times a second. */
const redrawMs = 100;
/** A started job is in the model within moments; a slow host must not block the command. */
const revealWithinMs = 2000;
const revealAttempts = 5;
const revealAgainMs = 300;

/** A failure that no command has. */
const tell = (error: unknown): void => tellFailure(error, commands.retry, []);

interface ViewParts extends TreeParts {
  connection: Connection;
  queue: QueueWatch;
  found: FoundJobs;
  lastLook: LastLook;
}

/** The view of jobs: batches redraws, shows a badge with the count, and updates times while it is visible. */
export class JobView {
  readonly tree: JobTree;
  readonly view: vscode.TreeView<Node>;
  readonly statusBar: StatusBar;
  readonly #parts: ViewParts;
  readonly #keys = new ContextKeys();
  readonly #subscriptions: { dispose(): void }[];
  /** What has changed since the last redraw. */
  #pending = { all: false, sessions: new Set<string>(), jobs: new Set<string>() };
  #redraw: NodeJS.Timeout | undefined;
  #clock: NodeJS.Timeout | undefined;
  /** The question for progress that is under way. */
  #progress: Promise<void> | undefined;
  #wasVisible = false;

  constructor(parts: ViewParts) {
    const { model, connection, queue, muted, wanted, found, lastLook } = parts;
    this.#parts = parts;
    this.statusBar = new StatusBar(parts);
    this.tree = new JobTree(parts);
    this.view = vscode.window.createTreeView(views.jobs, {
      treeDataProvider: this.tree,
      canSelectMany: true,
      dragAndDropController: new DragJobs({ model, connection, queue, tell }),
      showCollapseAll: true,
    });
    this.#subscriptions = [
      this.statusBar,
      this.tree,
      this.view,
      model.onDidChange((change) => this.#add(change)),
      ...[muted, wanted].map((marks) => marks.onDidChange((job) => this.#add({ jobs: new Set([job]) }))),
      queue.onDidChange(() => this.#add({ all: true })),
      found.onDidChange(() => this.#add({ all: true })),
      found.onDidCount(() => this.#update()),
      model.onDidEnd(({ job }) => isFailure(job.status) && this.view.visible && lastLook.look()),
      connection.onDidChange(({ type }) => this.#setConnection(type)),
      this.view.onDidChangeVisibility(() => this.#looked()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#update()),
      onDidChangeSettings((isChanged) => isChanged(settings.groupBy) && this.#group()),
      vscode.window.onDidChangeWindowState(({ focused }) => focused && queue.look()),
    ];
    this.#group();
    this.#looked();
  }

  /**
   * Selects a job once it is in the model, without taking the focus.
   * @param opens whether another view gives way; otherwise nothing is done while this one is hidden
   */
  async reveal(jobId: string, opens = true): Promise<void> {
    const { model, found } = this.#parts;
    if (!opens && !this.view.visible) return;
    await within(revealWithinMs, model.onDidChange, () => model.job(jobId) !== undefined);
    if (found.filter && !found.has(jobId)) found.query = '';
    // Of a long group only the first jobs are there.
    if (!found.filter && found.grouping === 'session' && !model.isShown(jobId)) return;
    // To reveal a row opens its view, as soon as the row is there: by then somebody may have switched to another one.
    if (!opens) await within(revealWithinMs, this.tree.onDidDraw, () => this.tree.isDrawn(jobId));
    if (!opens && !this.tree.isDrawn(jobId)) return;
    for (let attempt = 0; attempt < revealAttempts && model.job(jobId); attempt++) {
      if (!opens && !this.view.visible) return;
      try {
        return await this.view.reveal(this.tree.job(jobId), { select: true, focus: false });
      } catch {
        // The editor finds no element while it reloads the children of its parent.
        await pause(revealAgainMs);
      }
    }
  }

  #group(): void {
    this.#parts.found.grouping = groupings.find((one) => one === groupBy()) ?? 'session';
  }

  /** All failures have been looked at. */
  markSeen(): void {
    const { model, lastLook } = this.#parts;
    lastLook.done();
    model.see(model.unseen().map(({ id }) => id));
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
    const { connection, queue, lastLook } = this.#parts;
    this.statusBar.setLooking(this.view.visible);
    queue.setLooking(this.view.visible);
    if (this.view.visible) lastLook.look();
    else if (this.#wasVisible) this.markSeen();
    this.#wasVisible = this.view.visible;
    if (this.view.visible) connection.need().catch(tell);
    this.#update();
  }

  #update(): void {
    const { model } = this.#parts;
    const { running } = model.counts();
    this.#showBadge();
    // Every assignment is a message to the window.
    const message = this.#message();
    if ((this.view.message ?? '') !== message) this.view.message = message;
    this.#setKeys();
    const now = Date.now();
    if (this.view.visible && (running > 0 || model.jobs().some((job) => countsDown(job, now)))) {
      this.#clock ??= setInterval(() => this.#tick(), tickMs);
    } else {
      clearInterval(this.#clock);
      this.#clock = undefined;
    }
  }

  /** Failures that nobody has looked at are more important than what runs. */
  #showBadge(): void {
    const { running, failed } = this.statusBar.counts;
    const value = failed > 0 ? failed : running;
    const words = [
      failed > 0 ? t('{0} failed since you last looked', number(failed)) : '',
      running > 0 ? t('{0} running', number(running)) : '',
    ];
    const tooltip = words.filter((word) => word !== '').join(', ');
    if ((this.view.badge?.tooltip ?? '') !== tooltip) this.view.badge = value === 0 ? undefined : { value, tooltip };
  }

  /** What is known of jobs comes first: the rows are not there yet, and the view must not say that there are none. */
  #setConnection(type: string): void {
    this.#setKeys();
    this.#keys.set(contextKeys.connection, type);
  }

  #setKeys(): void {
    const { model, queue, found } = this.#parts;
    const { failed, running, waiting, finished } = model.counts();
    this.#keys.set(contextKeys.queue, queue.pauses.paused ? 'paused' : 'open');
    this.#keys.set(contextKeys.running, running > 0);
    this.#keys.set(contextKeys.waiting, waiting > 0);
    this.#keys.set(contextKeys.finished, failed + finished > 0);
    this.#keys.set(
      contextKeys.failed,
      model.sessions().some((session) => model.failures(session) > 0),
    );
    this.#keys.set(contextKeys.filter, found.query !== '');
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
    const { model, queue, found } = this.#parts;
    if (model.sessions().length === 0) return '';
    const sentences = [
      // The title of a view that is alone in its container is not shown, nor is its description.
      found.filter ? t('Filter: {0}.', found.query) : '',
      found.filter && found.total === 0 ? t('No jobs match the filter.') : '',
      queue.pauses.paused ? t('The queue is paused: no job starts until you resume it.') : '',
      vscode.workspace.isTrusted ? '' : t('In Restricted Mode, you can view and stop jobs but not start them.'),
    ];
    return sentences.filter((sentence) => sentence !== '').join(' ');
  }
}

/** Waits until something holds, which may change with an event; not longer than this. */
async function within(
  ms: number,
  event: (listener: () => void) => { dispose(): void },
  holds: () => boolean,
): Promise<void> {
  if (holds()) return;
  const held = Promise.withResolvers<void>();
  const subscription = event(() => holds() && held.resolve());
  const timer = setTimeout(held.resolve, ms);
  await held.promise;
  clearTimeout(timer);
  subscription.dispose();
}
