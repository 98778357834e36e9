import * as vscode from 'vscode';
import type { JobService } from '../../api/endpoints.ts';
import type { Job } from '../../api/job.ts';
import { jobTitle, shorten } from '../../text/grammar.ts';
import { t } from '../base/l10n.ts';
import type { JobModel } from '../model/jobModel.ts';
import { folderName } from '../base/folderName.ts';
import { AgentText, ChannelText } from './channelText.ts';
import { OutputFollower } from './outputFollower.ts';

/** A channel that is opened late shows as much as it may hold; a flood is skipped. */
const pace = { appendBytes: 65_536, mostBehind: 1_048_576 };

interface Shown {
  channel: vscode.OutputChannel;
  shortId: string;
  cwd: string;
  follower: OutputFollower;
  /** Its document was visible in an editor: from then on the channel is hidden when it is not. */
  seen: boolean;
  isVisible: boolean;
}

/**
 * One output channel for each job whose output was opened, and one for reports. Nothing is read for other jobs, nor for
 * hidden channels.
 */
export class JobChannels {
  readonly #service: () => JobService | null;
  readonly #shown = new Map<string, Shown>();
  #reports: vscode.OutputChannel | undefined;
  readonly #subscriptions: { dispose(): void }[];

  constructor(service: () => JobService | null, model: JobModel) {
    this.#service = service;
    this.#subscriptions = [
      model.onDidChange(({ all, jobs }) => {
        for (const [jobId, { follower }] of this.#shown) if (all || jobs.has(jobId)) follower.wake();
      }),
      model.onDidRemove((jobId) => this.#close(jobId)),
      vscode.window.onDidChangeVisibleTextEditors((editors) => this.#look(editors)),
    ];
  }

  show(job: Job): void {
    let shown = this.#shown.get(job.id);
    if (!shown) this.#shown.set(job.id, (shown = this.#open(job)));
    shown.seen = false;
    shown.follower.setVisible(true);
    shown.channel.show(true);
  }

  /** Whether the end of its output is shown in a window that has the focus. */
  isInSight(jobId: string): boolean {
    return vscode.window.state.focused && this.#shown.get(jobId)?.isVisible === true;
  }

  /** Shows the doctor's report instead of the one before. */
  showReport(text: string): void {
    this.#reports ??= vscode.window.createOutputChannel(t('Background Jobs: Diagnostics'));
    this.#reports.replace(text);
    this.#reports.show(true);
  }

  /** Of the job whose channel a document is; undefined if it is none. */
  folderOf({ uri }: vscode.TextDocument): string | undefined {
    if (uri.scheme !== 'output') return undefined;
    return [...this.#shown.values()].find(({ shortId }) => uri.path.includes(`(${shortId})`))?.cwd;
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    for (const jobId of [...this.#shown.keys()]) this.#close(jobId);
    this.#reports?.dispose();
  }

  #open(job: Job): Shown {
    const channel = vscode.window.createOutputChannel(t('Job: {0} ({1})', shorten(jobTitle(job), 60), job.shortId));
    const follower = new OutputFollower({
      jobId: job.id,
      service: this.#service,
      text: job.codingAgent ? new AgentText(t, job.codingAgent.name, folderName) : new ChannelText(t, folderName),
      pace,
      append: (text) => channel.append(text),
      gone: () => this.#close(job.id),
    });
    void follower.follow();
    return { channel, shortId: job.shortId, cwd: job.cwd, follower, seen: false, isVisible: false };
  }

  #close(jobId: string): void {
    const shown = this.#shown.get(jobId);
    if (!shown) return;
    this.#shown.delete(jobId);
    shown.follower.dispose();
    shown.channel.dispose();
  }

  /** The editor does not report whether a channel is visible, but the view that shows it is a text editor. */
  #look(editors: readonly vscode.TextEditor[]): void {
    for (const shown of this.#shown.values()) {
      const seen = editors.some(
        ({ document: { uri } }) => uri.scheme === 'output' && uri.path.includes(`(${shown.shortId})`),
      );
      if (seen) shown.seen = true;
      shown.isVisible = seen;
      shown.follower.setVisible(seen || !shown.seen);
    }
  }
}
