import * as vscode from 'vscode';
import { views } from '../base/ids.ts';
import { number, t } from '../base/l10n.ts';
import type { QueueWatch } from '../host/queueWatch.ts';
import type { JobModel } from '../model/jobModel.ts';

interface StatusParts {
  model: JobModel;
  queue: QueueWatch;
  /** The session of this window. */
  session: () => string;
}

/**
 * Shows how many jobs of this window run, whether the queue is paused, and how many have failed since somebody last looked.
 * Hidden when there is nothing to show.
 */
export class StatusBar {
  readonly #parts: StatusParts;
  readonly #item = vscode.window.createStatusBarItem('jobs', vscode.StatusBarAlignment.Left);
  readonly #subscriptions;
  #looking = false;

  constructor(parts: StatusParts) {
    this.#parts = parts;
    this.#item.name = t('Background Jobs');
    this.#item.command = `${views.jobs}.focus`;
    this.#subscriptions = [
      this.#item,
      parts.model.onDidChange(() => this.#draw()),
      parts.queue.onDidChange(() => this.#draw()),
    ];
  }

  /** Whoever looks at the view needs no count of failures. */
  setLooking(looking: boolean): void {
    this.#looking = looking;
    this.#draw();
  }

  get text(): string {
    return this.#item.text;
  }

  /** How many jobs of this window run, and how many have failed that nobody has looked at. */
  get counts(): { running: number; waiting: number; failed: number } {
    const { running, waiting, failed } = this.#parts.model.counts(this.#parts.session());
    return { running, waiting, failed: this.#looking ? 0 : failed };
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #draw(): void {
    const { running, waiting, failed } = this.counts;
    const { paused } = this.#parts.queue.pauses;
    const text = [
      running > 0 ? `$(play-circle) ${number(running)}` : '',
      paused ? `$(debug-pause) ${waiting > 0 ? number(waiting) : ''}`.trimEnd() : '',
      failed > 0 ? `$(error) ${number(failed)}` : '',
    ];
    const sentence = t('Background jobs: {0}', this.#words().join(', '));
    this.#item.text = text.filter((part) => part !== '').join(' ');
    this.#item.tooltip = sentence;
    this.#item.accessibilityInformation = { label: sentence, role: 'button' };
    this.#item.backgroundColor = failed > 0 ? new vscode.ThemeColor('statusBarItem.errorBackground') : undefined;
    if (this.#item.text === '') this.#item.hide();
    else this.#item.show();
  }

  #words(): string[] {
    const { running, waiting, failed } = this.counts;
    const words = [
      t('{0} running', number(running)),
      waiting > 0 ? t('{0} waiting', number(waiting)) : '',
      this.#parts.queue.pauses.paused ? t('the queue is paused') : '',
      failed > 0 ? t('{0} failed since you last looked', number(failed)) : '',
    ];
    return words.filter((word) => word !== '');
  }
}
