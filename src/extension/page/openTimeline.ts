import type * as vscode from 'vscode';
import type { Job } from '../../api/job.ts';
import { jobTitle } from '../../text/grammar.ts';
import { shortId } from '../../text/stateText.ts';
import type { FromTimeline, ToTimeline } from '../../webview/timelineMessages.ts';
import type { PageDeps } from './openPage.ts';
import { timelineJob } from './timelineJob.ts';
import { timelineWords } from './timelineWords.ts';

/** Changes that come together are sent together. */
const togetherMs = 250;
/** Finished jobs are loaded in pages, a short one first. */
const pageSizes = { first: 200, next: 1000 };

/**
 * The timeline of all jobs, as long as it is visible: a hidden one costs nothing. It begins with what runs and waits, and
 * loads what has ended as far back as is shown. After that it lives on the events of the model.
 */
export class OpenTimeline {
  readonly #panel: vscode.WebviewPanel;
  readonly #deps: PageDeps;
  readonly #subscriptions: { dispose(): void }[];
  /** Jobs that have changed and were not sent. */
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  /** Counts the loads: an older one ends. 0 while the timeline is hidden. */
  #load = 0;
  #loads = 0;
  /** Jobs that ended after this time are shown; milliseconds since the epoch. */
  #wanted = Infinity;
  #loaded = Infinity;
  #cursor: string | null | undefined;
  #isLoading = false;

  constructor(panel: vscode.WebviewPanel, deps: PageDeps) {
    this.#panel = panel;
    this.#deps = deps;
    const { model, connection } = deps;
    this.#subscriptions = [
      model.onDidChange(({ all, jobs }) => {
        if (all && jobs.size === 0) void this.#begin();
        else this.#take(jobs);
      }),
      connection.onDidChangeSettings(() => void this.#sendLimits()),
      connection.onDidChange(({ type }) => type === 'connected' && void this.#begin()),
      panel.webview.onDidReceiveMessage((message: FromTimeline) => this.#received(message)),
      panel.onDidChangeViewState(() => this.#panel.visible || this.#rest()),
      panel.onDidDispose(() => this.dispose()),
    ];
  }

  dispose(): void {
    this.#rest();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** A timeline that is hidden is unloaded. It says what it wants when it has loaded again. */
  #rest(): void {
    this.#load = 0;
    this.#changed.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #received(message: FromTimeline): void {
    if (message.type === 'open') return this.#deps.open(message.jobId);
    this.#wanted = message.from ?? -Infinity;
    if (!message.isNew) return void this.#loadMore();
    this.#load = ++this.#loads;
    this.#post({ type: 'words', words: timelineWords() });
    void this.#begin();
  }

  /** From the beginning: what was sent before may no longer be so. */
  async #begin(): Promise<void> {
    if (this.#load === 0) return;
    const load = (this.#load = ++this.#loads);
    try {
      await this.#deps.connection.need();
    } catch (error) {
      if (load === this.#load) this.#tell((error as Error).message);
      return;
    }
    if (load !== this.#load) return;
    this.#loaded = Infinity;
    this.#cursor = undefined;
    this.#changed.clear();
    this.#send(this.#deps.model.jobs(), [], true);
    void this.#sendLimits();
    this.#isLoading = false;
    await this.#loadMore();
  }

  /** What has ended, the newest first, until everything that is shown is there. */
  async #loadMore(): Promise<void> {
    const load = this.#load;
    if (this.#isLoading || load === 0) return;
    this.#isLoading = true;
    try {
      while (this.#cursor !== null && this.#loaded > this.#wanted) {
        this.#tell('');
        const service = await this.#deps.connection.need();
        const limit = this.#cursor === undefined ? pageSizes.first : pageSizes.next;
        const at = this.#cursor === undefined ? {} : { cursor: this.#cursor };
        const page = await service.listJobs({ status: 'finished', order: 'ended', limit, ...at });
        if (load !== this.#load) return;
        const end = page.jobs.at(-1)?.finishedAt ?? null;
        this.#cursor = page.cursor;
        if (end !== null) this.#loaded = Date.parse(end);
        // What the model knows is newer.
        this.#send(page.jobs.map((job) => this.#deps.model.job(job.id) ?? job));
      }
      this.#isLoading = false;
      this.#tell('');
    } catch (error) {
      if (load !== this.#load) return;
      this.#isLoading = false;
      this.#tell((error as Error).message);
    }
  }

  #take(jobs: Iterable<string>): void {
    if (this.#load === 0) return;
    for (const id of jobs) this.#changed.add(id);
    if (this.#changed.size > 0) this.#timer ??= setTimeout(() => this.#sendChanged(), togetherMs);
  }

  #sendChanged(): void {
    this.#timer = undefined;
    const ids = [...this.#changed];
    this.#changed.clear();
    const jobs = ids.flatMap((id) => this.#deps.model.job(id) ?? []);
    const known = new Set(jobs.map(({ id }) => id));
    this.#send(
      jobs,
      ids.filter((id) => !known.has(id)),
    );
  }

  #send(jobs: readonly Job[], removed: readonly string[] = [], isNew = false): void {
    const now = Date.now();
    const nameOf = (id: string): string => {
      const job = this.#deps.model.job(id);
      return job ? jobTitle(job) : shortId(id);
    };
    const shown = jobs.flatMap((job) => (job.task ? [] : (timelineJob(job, nameOf, now) ?? [])));
    this.#post({ type: 'jobs', isNew, jobs: shown, removed });
  }

  #tell(problem: string): void {
    const loadedFrom = this.#cursor === null ? null : this.#loaded === Infinity ? Date.now() : this.#loaded;
    this.#post({ type: 'progress', loadedFrom, isLoading: this.#isLoading, problem });
  }

  async #sendLimits(): Promise<void> {
    const load = this.#load;
    if (load === 0) return;
    const { limits } = (await this.#deps.connection.service?.getHost().catch(() => undefined)) ?? {};
    if (!limits || load !== this.#load) return;
    const { maxConcurrentJobs: all, maxConcurrentJobsPerSession: each, sessionLimits: sessions } = limits;
    this.#post({ type: 'limits', all, each, sessions });
  }

  #post(message: ToTimeline): void {
    if (this.#load !== 0) void this.#panel.webview.postMessage(message);
  }
}
