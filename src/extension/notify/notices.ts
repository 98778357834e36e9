import * as vscode from 'vscode';
import { editorTools } from '../../agents/tools/names.ts';
import type { Job } from '../../api/job.ts';
import { isEnded } from '../../api/values.ts';
import { commands, views } from '../base/ids.ts';
import type { ServiceSource } from '../base/jobStart.ts';
import { number, t } from '../base/l10n.ts';
import { withoutLinks } from '../base/readableText.ts';
import { notificationSettings } from '../base/settings.ts';
import type { JobEnd, JobModel } from '../model/jobModel.ts';
import type { Marks } from '../model/markedJobs.ts';
import { notifyDesktop } from './desktop.ts';
import { Digest } from './digest.ts';
import { byCause, endNotice } from './endNotice.ts';
import { canceledText, failuresText, noticeText, type End } from './noticeText.ts';
import { isQuiet } from './quietHours.ts';

/** Jobs that are canceled because of a failure are told together with it. */
const togetherMs = 300;

/** What is expected: ends that this window has requested, or whose agents have been told. */
interface Expected {
  has(jobId: string, run: number | null): boolean;
}

export interface NoticeParts extends Marks {
  model: JobModel;
  connection: ServiceSource;
  /** The session of this window. */
  session: () => string;
  /** Whether a person sees how this job ends. */
  isInSight: (job: Job) => boolean;
}

/** An end, and how many jobs were canceled because of it. */
interface Notice {
  end: End;
  canceled: number;
}

type Canceled = readonly [cause: Job | undefined, jobs: readonly Job[]];

/** Decides which ends a person is notified about, and shows the notifications. */
export class Notices {
  readonly #parts: NoticeParts;
  readonly #expected: Expected;
  #ends: (JobEnd & { isWanted: boolean })[] = [];
  #timer: NodeJS.Timeout | null = null;
  readonly #failures = new Digest<Notice>(
    (notice) => this.#notifyOne(notice),
    (notices) => {
      const canceled = notices.reduce((sum, notice) => sum + notice.canceled, 0);
      offerJobs(showErrorMessage, failuresText(notices.length, canceled), t('Show Failed Jobs'), commands.showFailed);
    },
  );
  readonly #others = new Digest<Notice>(
    (notice) => this.#notifyOne(notice),
    (notices) => offerJobs(showInformationMessage, t('{0} more jobs ended', number(notices.length)), t('Show Jobs')),
  );
  readonly #canceled = new Digest<Canceled>(
    ([cause, jobs]) => offerJobs(showWarningMessage, canceledText(cause, jobs), t('Show Jobs')),
    (all) => {
      const count = all.reduce((sum, [, jobs]) => sum + jobs.length, 0);
      offerJobs(showWarningMessage, t('{0} more jobs were canceled', number(count)), t('Show Jobs'));
    },
  );

  constructor(parts: NoticeParts, expected: Expected) {
    this.#parts = parts;
    this.#expected = expected;
  }

  dispose(): void {
    for (const digest of [this.#failures, this.#others, this.#canceled]) digest.dispose();
    if (this.#timer) clearTimeout(this.#timer);
  }

  ended(end: JobEnd): void {
    const { session, muted, wanted, isInSight } = this.#parts;
    const { enabled, minimumMs, quietHours } = notificationSettings();
    const notice = endNotice(end, {
      enabled: enabled && !isQuiet(quietHours, new Date()),
      minimumMs,
      session: session(),
      muted: (jobId) => muted.has(jobId),
      asked: (jobId, run) => this.#expected.has(jobId, run),
      wanted: (jobId) => wanted.has(jobId),
      isInSight,
    });
    if (wanted.has(end.job.id) && isEnded(end.job.status)) void wanted.set(end.job.id, false);
    if (notice === null) return;
    this.#ends.push({ ...end, isWanted: notice === 'wanted' });
    this.#timer ??= setTimeout(() => this.#notify(), togetherMs);
  }

  #notify(): void {
    // An agent that was waiting may have been told in the meantime.
    const left = this.#ends.filter(({ job, event }) => !this.#expected.has(job.id, event.run));
    this.#ends = [];
    this.#timer = null;
    const ends = left.filter(({ event, isWanted }) => isWanted || event.to !== 'cancelled');
    const canceled = byCause(left.filter((end) => !ends.includes(end)).map(({ job }) => job));
    for (const end of ends) {
      const notice = { end, canceled: canceled.get(end.job.id)?.length ?? 0 };
      canceled.delete(end.job.id);
      if (end.isWanted) this.#notifyOne(notice);
      else if (messageFor(end.event.to) === showInformationMessage && !end.job.gaveUp) this.#others.add(notice);
      else this.#failures.add(notice);
    }
    for (const [cause, jobs] of canceled) this.#canceled.add([this.#parts.model.job(cause), jobs]);
  }

  /** Tells of wanted jobs that ended while this window was not connected. */
  async findWanted(): Promise<void> {
    const { wanted, connection } = this.#parts;
    for (const id of wanted.ids()) {
      const job = await connection.service?.getJob(id).catch((error: { code?: string }) => error.code);
      const isGone = job === 'job_not_found';
      if (!isGone && (typeof job !== 'object' || !isEnded(job.status))) continue;
      if (!wanted.has(id)) continue;
      await wanted.set(id, false);
      if (typeof job === 'object')
        this.#notifyOne({ end: { job, event: { run: job.run, to: job.status } }, canceled: 0 });
    }
  }

  #notifyOne({ end, canceled }: Notice): void {
    void this.#offer(end, noticeText(end, canceled));
  }

  async #offer({ job, event }: End, text: string): Promise<void> {
    const [chat, output, restart, mute] = [t('Send to Chat'), t('Show Output'), t('Restart'), t('Mute This Job')];
    const choices = job.options.actor === 'agent' ? [chat, output, restart, mute] : [output, restart, mute];
    const message = messageFor(event.to);
    notifyDesktop(text, message !== showInformationMessage);
    const choice = await message(withoutLinks(text), ...choices);
    if (choice === chat) await sendToChat(job, text);
    if (choice === output) await vscode.commands.executeCommand(commands.showOutput, job.id);
    if (choice === restart) await vscode.commands.executeCommand(commands.restart, job.id);
    if (choice === mute) await this.#parts.muted.set(job.id, true);
  }
}

const { showErrorMessage, showWarningMessage, showInformationMessage } = vscode.window;

type Message = (text: string, ...choices: string[]) => Thenable<string | undefined>;

function offerJobs(message: Message, text: string, show: string, command = `${views.jobs}.focus`): void {
  notifyDesktop(text, message !== showInformationMessage);
  void message(withoutLinks(text), show).then((choice) => {
    if (choice === show) void vscode.commands.executeCommand(command);
  });
}

function messageFor(status: End['event']['to']): Message {
  if (status === 'failed' || status === 'timed_out') return showErrorMessage;
  return status === 'lost' ? showWarningMessage : showInformationMessage;
}

/** Nothing can speak up in a chat by itself, so the person passes on what has happened. */
async function sendToChat({ shortId }: Job, whatHappened: string): Promise<void> {
  const { reference } = editorTools.get_job_output;
  const query = t('{0} (background job {1}). See its output with #{2} and go on.', whatHappened, shortId, reference);
  await vscode.commands.executeCommand('workbench.action.chat.open', { query, mode: 'agent' });
}
