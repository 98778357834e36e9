/**
 * Notifications of ended jobs. The extension's start and its commands import the room; it imports the model and the
 * texts.
 */
import * as vscode from 'vscode';
import { editorTools } from '../../agents/tools/names.ts';
import type { Job } from '../../api/job.ts';
import { endText, gaveUpText } from '../../text/endText.ts';
import { jobTitle } from '../../text/grammar.ts';
import { commands, views } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import { withoutLinks } from '../base/readableText.ts';
import { notificationSettings } from '../base/settings.ts';
import type { JobEnd, JobModel } from '../model/jobModel.ts';
import type { Muted } from '../model/muted.ts';
import { byCause, endNotice } from './endNotice.ts';

/** More ends than this within {@link togetherMs} share one notification. */
const mostAtOnce = 3;
const togetherMs = 300;
/** Expected ends that are remembered; they come within seconds. */
const rememberedStops = 1000;

/** Notifies about the ends of this window's jobs. */
export class Notifications {
  readonly #model: JobModel;
  readonly #muted: Muted;
  readonly #session: () => string;
  readonly #subscription;
  readonly #asked = new Set<string>();
  #ends: JobEnd[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(model: JobModel, muted: Muted, session: () => string) {
    this.#model = model;
    this.#muted = muted;
    this.#session = session;
    this.#subscription = model.onDidEnd((end) => this.#ended(end));
  }

  /** This window is about to end this run, or its agent has been told: do not notify about its end. */
  expect(jobId: string, run: number | null): void {
    this.#asked.add(`${jobId}.${run}`);
    const [oldest] = this.#asked;
    if (this.#asked.size > rememberedStops && oldest !== undefined) this.#asked.delete(oldest);
  }

  dispose(): void {
    this.#subscription.dispose();
    if (this.#timer) clearTimeout(this.#timer);
  }

  #ended(end: JobEnd): void {
    const notice = endNotice(end, {
      ...notificationSettings(),
      session: this.#session(),
      muted: (jobId) => this.#muted.has(jobId),
      asked: (jobId, run) => this.#asked.has(`${jobId}.${run}`),
    });
    if (notice === null) return;
    this.#ends.push(end);
    this.#timer ??= setTimeout(() => this.#notify(), togetherMs);
  }

  #notify(): void {
    // An agent that was waiting may have been told in the meantime.
    const left = this.#ends.filter(({ job, event }) => !this.#asked.has(`${job.id}.${event.run}`));
    this.#ends = [];
    this.#timer = null;
    const ends = left.filter(({ event }) => event.to !== 'cancelled');
    const cancelled = byCause(left.filter((end) => !ends.includes(end)).map(({ job }) => job));
    if (ends.length > mostAtOnce) void notifyTogether(ends);
    else {
      for (const end of ends) {
        void this.#notifyOne(end, cancelled.get(end.job.id)?.length ?? 0);
        cancelled.delete(end.job.id);
      }
    }
    for (const [cause, jobs] of cancelled) void notifyCanceled(this.#model.job(cause), jobs);
  }

  async #notifyOne(end: JobEnd, cancelled: number): Promise<void> {
    const { job, event } = end;
    const text = noticeText(end, cancelled);
    const [chat, output, restart, mute] = [t('Send to Chat'), t('Show Output'), t('Restart'), t('Mute This Job')];
    const choices = job.options.actor === 'agent' ? [chat, output, restart, mute] : [output, restart, mute];
    const choice = await messageFor(event.to)(withoutLinks(text), ...choices);
    if (choice === chat) await sendToChat(job, text);
    if (choice === output) await vscode.commands.executeCommand(commands.showOutput, job.id);
    if (choice === restart) await vscode.commands.executeCommand(commands.restart, job.id);
    if (choice === mute) await this.#muted.set(job.id, true);
  }
}

/** One notification for all jobs that could not run because of the same job. */
async function notifyCanceled(cause: Job | undefined, jobs: readonly Job[]): Promise<void> {
  const [first] = jobs;
  const what =
    jobs.length === 1 && first ? t('{0} was canceled', jobTitle(first)) : t('{0} jobs were canceled', jobs.length);
  const text = cause
    ? t('{0} because of {1}: {2}', what, jobTitle(cause), endText(cause, t))
    : t('{0} because the job it depends on was removed', what);
  await offerJobs(vscode.window.showWarningMessage, withoutLinks(text));
}

async function notifyTogether(ends: readonly JobEnd[]): Promise<void> {
  const { showErrorMessage, showInformationMessage } = vscode.window;
  const failed = ends.filter(({ event }) => messageFor(event.to) === showErrorMessage).length;
  const text = t('{0} jobs ended, {1} failed', ends.length, failed);
  await offerJobs(failed > 0 ? showErrorMessage : showInformationMessage, text);
}

type Message = (text: string, ...choices: string[]) => Thenable<string | undefined>;

async function offerJobs(message: Message, text: string): Promise<void> {
  const show = t('Show Jobs');
  if ((await message(text, show)) === show) await vscode.commands.executeCommand(`${views.jobs}.focus`);
}

/** How it ended, whether it gave up, and how many other jobs could not run because of it. */
function noticeText({ job, event }: JobEnd, cancelled: number): string {
  const run = job.runs.find(({ number }) => number === event.run);
  const sentences = [t('{0}: {1}', jobTitle(job), endText(run ?? { ...job, status: event.to ?? job.status }, t))];
  if (job.gaveUp) sentences.push(gaveUpText(job.attempt ?? 1, t));
  if (cancelled === 1) sentences.push(t('1 job that depends on it was canceled'));
  if (cancelled > 1) sentences.push(t('{0} jobs that depend on it were canceled', cancelled));
  return sentences.join('; ');
}

function messageFor(status: JobEnd['event']['to']): Message {
  if (status === 'failed' || status === 'timed_out') return vscode.window.showErrorMessage;
  return status === 'lost' ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
}

/** Nothing can speak up in a chat by itself, so the person passes on what has happened. */
async function sendToChat({ shortId }: Job, whatHappened: string): Promise<void> {
  const { reference } = editorTools.get_job_output;
  const query = t('{0} (background job {1}). See its output with #{2} and go on.', whatHappened, shortId, reference);
  await vscode.commands.executeCommand('workbench.action.chat.open', { query, mode: 'agent' });
}
