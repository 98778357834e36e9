/**
 * `extension/page` is the page of a job and the timeline of all jobs in editor tabs: what they show and when. It is loaded
 * with the first of them. What draws them is in `webview`.
 */
import * as vscode from 'vscode';
import type { Job } from '../../api/job.ts';
import { isRecord } from '../../api/values.ts';
import { jobTitle, shorten } from '../../text/grammar.ts';
import { shortId } from '../../text/stateText.ts';
import { jobPage, timelinePage } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import { OpenPage, type PageDeps } from './openPage.ts';
import { OpenTimeline } from './openTimeline.ts';
import { pageHtml, timelineHtml } from './pageHtml.ts';

interface Deps extends Omit<PageDeps, 'open'> {
  readonly extensionUri: vscode.Uri;
}

/** The pages that are open in this window: one for each job, and one timeline. */
export class JobPages {
  readonly #deps: Deps;
  /** Keyed by job id. */
  readonly #open = new Map<string, vscode.WebviewPanel>();
  #timeline: vscode.WebviewPanel | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  show(job: Job): void {
    this.#show(job.id, shorten(jobTitle(job), 60));
  }

  showTimeline(): void {
    if (this.#timeline) this.#timeline.reveal();
    else
      this.#fillTimeline(vscode.window.createWebviewPanel(timelinePage, t('Job Timeline'), vscode.ViewColumn.Active));
  }

  /** A page of the time before the window was reloaded. @param state what the page has stored */
  restore(panel: vscode.WebviewPanel, state: unknown): void {
    const jobId = isRecord(state) ? state['jobId'] : undefined;
    if (panel.viewType === timelinePage && !this.#timeline) this.#fillTimeline(panel);
    else if (typeof jobId === 'string' && !this.#open.has(jobId)) this.#fill(panel, jobId);
    else panel.dispose();
  }

  #show(jobId: string, title: string): void {
    const open = this.#open.get(jobId);
    if (open) return open.reveal();
    const column = vscode.ViewColumn.Active;
    this.#fill(vscode.window.createWebviewPanel(jobPage, title, column), jobId);
  }

  #fill(panel: vscode.WebviewPanel, jobId: string): void {
    const { extensionUri: _, ...deps } = this.#deps;
    this.#open.set(jobId, panel);
    panel.onDidDispose(() => this.#open.delete(jobId));
    const dist = this.#allowScripts(panel);
    // It listens before the page loads.
    new OpenPage(panel, jobId, { ...deps, open: this.#openJob });
    panel.webview.html = pageHtml(panel.webview, dist);
  }

  #fillTimeline(panel: vscode.WebviewPanel): void {
    const { extensionUri: _, ...deps } = this.#deps;
    this.#timeline = panel;
    panel.onDidDispose(() => (this.#timeline = undefined));
    const dist = this.#allowScripts(panel);
    new OpenTimeline(panel, { ...deps, open: this.#openJob });
    panel.webview.html = timelineHtml(panel.webview, dist);
  }

  readonly #openJob = (id: string): void => {
    const job = this.#deps.model.job(id);
    if (job) this.show(job);
    else this.#show(id, shortId(id));
  };

  /** @returns the folder of what it can load */
  #allowScripts({ webview }: vscode.WebviewPanel): vscode.Uri {
    const dist = vscode.Uri.joinPath(this.#deps.extensionUri, 'dist');
    webview.options = { enableScripts: true, localResourceRoots: [dist] };
    return dist;
  }
}
