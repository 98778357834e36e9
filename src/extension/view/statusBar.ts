import * as vscode from 'vscode';
import { isEnded } from '../../api/values.ts';
import { views } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import { isTriedAgain, type JobModel } from '../model/jobModel.ts';
import type { QueueWatch } from '../host/queueWatch.ts';

/**
 * Shows how many jobs run, whether the queue is paused, and how many jobs have failed since the view was last visible.
 * Hidden when there is nothing to show.
 */
export class StatusBar {
  readonly #model: JobModel;
  readonly #queue: QueueWatch;
  readonly #item: vscode.StatusBarItem;
  readonly #subscriptions;
  readonly #failed = new Set<string>();
  #looking = false;

  constructor(model: JobModel, queue: QueueWatch) {
    this.#model = model;
    this.#queue = queue;
    this.#item = vscode.window.createStatusBarItem('jobs', vscode.StatusBarAlignment.Left);
    this.#item.name = t('Background Jobs');
    this.#item.command = `${views.jobs}.focus`;
    this.#subscriptions = [
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
    this.#item.dispose();
  }

  #draw(): void {
    const { running, waiting } = this.#model.counts();
    for (const id of this.#failed) {
      const job = this.#model.job(id);
      if (!job || !isEnded(job.status)) this.#failed.delete(id);
    }
    const failed = this.#failed.size;
    const { paused } = this.#queue.pauses;
    const text = [
      running > 0 ? `$(sync~spin) ${running}` : '',
      paused ? `$(debug-pause) ${waiting > 0 ? waiting : ''}`.trimEnd() : '',
      failed > 0 ? `$(error) ${failed}` : '',
    ];
    this.#item.text = text.filter((part) => part !== '').join(' ');
    const words = [
      t('{0} running', running),
      waiting > 0 ? t('{0} waiting', waiting) : '',
      paused ? t('the queue is paused') : '',
      failed > 0 ? t('{0} failed since you last looked', failed) : '',
    ];
    const sentence = t('Background jobs: {0}', words.filter((part) => part !== '').join(', '));
    this.#item.tooltip = sentence;
    this.#item.accessibilityInformation = { label: sentence, role: 'button' };
    if (this.#item.text === '') this.#item.hide();
    else this.#item.show();
  }
}
