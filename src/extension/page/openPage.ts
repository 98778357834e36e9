import * as vscode from 'vscode';
import { BgJobsError } from '../../api/errors.ts';
import type { JobService } from '../../api/endpoints.ts';
import type { Inspection } from '../../api/inspection.ts';
import type { Job } from '../../api/job.ts';
import { isActive } from '../../api/values.ts';
import { shorten } from '../../text/grammar.ts';
import { shownEnd } from '../../text/shownOutput.ts';
import type { PageContent, PageMessage } from '../../webview/pageMessages.ts';
import { commands, type CommandName } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import type { ServiceSource } from '../base/jobStart.ts';
import type { JobModel } from '../model/jobModel.ts';
import { relationsOf } from '../view/jobItem.ts';
import { emptyContent, pageContent, type Sample } from './pageContent.ts';

export interface PageDeps {
  readonly connection: ServiceSource & {
    onDidChange: (listener: (state: { type: string }) => void) => { dispose(): void };
    onDidChangeSettings: (listener: () => void) => { dispose(): void };
  };
  readonly model: JobModel;
  /** Opens the page of another job. */
  readonly open: (jobId: string) => void;
}

/** How often a running job is measured and its output read. */
const pollMs = 2000;
/** The time that the charts show. */
const mostSamples = 150;
const outputEnd = { lines: 100, chars: 20_000 };

/**
 * What one page shows, as long as it is visible: a hidden page costs nothing. What changes a job comes with the events of
 * the model; only a running job is polled.
 */
export class OpenPage {
  readonly #panel: vscode.WebviewPanel;
  readonly #jobId: string;
  readonly #deps: PageDeps;
  readonly #subscriptions: { dispose(): void }[];
  /** Whether the page has loaded since it became visible. */
  #isReady = false;
  #isUpdating = false;
  #isOutdated = false;
  #poll: NodeJS.Timeout | undefined;
  #job: Job | undefined;
  #content: PageContent | undefined;
  #inspection: Inspection | undefined;
  #samples: Sample[] = [];

  constructor(panel: vscode.WebviewPanel, jobId: string, deps: PageDeps) {
    this.#panel = panel;
    this.#jobId = jobId;
    this.#deps = deps;
    const { model, connection } = deps;
    this.#subscriptions = [
      model.onDidChange(({ all, jobs }) => (all || this.#concerns(jobs)) && void this.#update()),
      model.onDidChangeTasks((array) => this.#job?.task?.array === array && void this.#update()),
      connection.onDidChange(({ type }) => type === 'connected' && void this.#update()),
      panel.webview.onDidReceiveMessage((message: PageMessage) => void this.#received(message)),
      panel.onDidChangeViewState(() => this.#visibilityChanged()),
      panel.onDidDispose(() => this.dispose()),
    ];
  }

  dispose(): void {
    this.#isReady = false;
    clearTimeout(this.#poll);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #concerns(jobs: ReadonlySet<string>): boolean {
    const others = [...(this.#content?.before ?? []), ...(this.#content?.after ?? [])];
    if (jobs.has(this.#jobId) || others.some(({ id }) => jobs.has(id))) return true;
    return [...jobs].some((id) => this.#deps.model.job(id)?.dependsOn.some(({ job }) => job === this.#jobId));
  }

  /** A page that is hidden is unloaded. It says that it is ready when it has loaded again. */
  #visibilityChanged(): void {
    if (this.#panel.visible) return;
    this.#isReady = false;
    // The line of a chart has no gaps.
    this.#samples = [];
    clearTimeout(this.#poll);
  }

  async #received(message: PageMessage): Promise<void> {
    const { actions = [], runs = [], before = [], after = [] } = this.#content ?? {};
    switch (message.type) {
      case 'ready':
        this.#isReady = true;
        return this.#update();
      case 'act':
        if (!actions.some(({ name }) => name === message.action)) return;
        return vscode.commands.executeCommand(commands[message.action as CommandName], this.#jobId);
      case 'log':
        if (!runs.some(({ number }) => number === message.run)) return;
        return vscode.commands.executeCommand(commands.openLog, this.#jobId, message.run);
      case 'open':
        if ([...before, ...after].some(({ id }) => id === message.jobId)) this.#deps.open(message.jobId);
        return;
    }
  }

  /** One at a time: what changes meanwhile is read afterwards. */
  async #update(): Promise<void> {
    this.#isOutdated = true;
    if (this.#isUpdating) return;
    this.#isUpdating = true;
    try {
      while (this.#isOutdated && this.#isReady) {
        this.#isOutdated = false;
        await this.#show();
      }
    } finally {
      this.#isUpdating = false;
    }
    if (!this.#isReady || !this.#job || !isActive(this.#job.status)) return;
    clearTimeout(this.#poll);
    this.#poll = setTimeout(() => void this.#tick(), pollMs);
  }

  async #tick(): Promise<void> {
    await this.#measure();
    await this.#update();
  }

  /** To be shown with the next update. A job that has ended meanwhile has no processes. */
  async #measure(): Promise<void> {
    try {
      const service = await this.#deps.connection.need();
      this.#inspection = await service.inspectJob(this.#jobId);
    } catch {
      return;
    }
    const { cpu, memory } = this.#inspection.totals;
    this.#samples = [...this.#samples, { at: Date.now(), cpu, memory }].slice(-mostSamples);
    this.#isOutdated = true;
  }

  async #show(): Promise<void> {
    try {
      const service = await this.#deps.connection.need();
      const job = await service.getJob(this.#jobId);
      if (job.run !== this.#job?.run) this.#samples = [];
      this.#job = job;
      if (!isActive(job.status)) this.#inspection = undefined;
      this.#post(pageContent(job, await this.#parts(service, job), Date.now()));
      if (isActive(job.status) && this.#inspection === undefined) await this.#measure();
    } catch (error) {
      this.#job = undefined;
      const isGone = error instanceof BgJobsError && error.code === 'job_not_found';
      const text = isGone ? t('This job was removed.') : (error as Error).message;
      this.#post(emptyContent(this.#jobId, this.#content?.title ?? this.#panel.title, text));
    }
  }

  async #parts(service: JobService, job: Job): Promise<Parameters<typeof pageContent>[1]> {
    const [relations, output] = await Promise.all([
      relationsOf(job, this.#deps.model, (id) => service.getJob(id)),
      job.run === null || job.array ? '' : shownEnd(service, job.id, {}, outputEnd).then(({ text }) => text),
    ]);
    return { relations, output, inspection: this.#inspection, samples: this.#samples };
  }

  #post(content: PageContent): void {
    if (!this.#isReady) return;
    this.#content = content;
    this.#panel.title = shorten(content.title, 60);
    void this.#panel.webview.postMessage(content);
  }
}
