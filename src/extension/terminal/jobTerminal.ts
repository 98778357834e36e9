/**
 * `extension/terminal` knows the terminals of the editor: the terminal of a job, the last command of a shell, `bgjobs`
 * on the PATH. `tasks`, `commands` and `app` import it; it imports `api`, `text` and the rooms below.
 */

import type { ServiceSource } from '../base/jobStart.ts';
import * as vscode from 'vscode';
import type { Job } from '../../api/job.ts';
import { isEnded } from '../../api/values.ts';
import { exitCodeOfRun } from '../../text/endText.ts';
import type { JobModel } from '../model/jobModel.ts';
import { t } from '../base/l10n.ts';
import type { FollowerOptions, OutputFollower } from '../output/outputFollower.ts';
import { LineInput, TerminalText } from './terminalText.ts';

/** A terminal draws quickly: only a flood that is this far ahead is let go by. */
const pace = { appendBytes: 262_144, mostBehind: 16_777_216 };
/** Exit code of a task for which no job was started. */
const notStarted = 1;

/** Makes a follower: its code is in the bundle of the channels. */
export type NewFollower = (options: FollowerOptions) => OutputFollower;

interface JobTerminalOptions {
  connection: ServiceSource;
  model: JobModel;
  newFollower: NewFollower;
  /** The job to show; undefined when the user has canceled, for example by closing the terminal. */
  start: (isClosed: () => boolean) => Promise<Job | undefined>;
  /** All that the terminal shows of the job. */
  onText: (text: string) => void;
  /** The job has ended, or the terminal was closed before: then without a code. */
  onEnd: (exitCode: number | undefined) => void;
  /** The terminal was closed before the end: it has nothing to do with the job any more when this is settled. */
  onLeave: (left: Promise<void>) => void;
  /** The terminal has nothing to do with the job any more. */
  onRelease: (jobId: string) => void;
}

/**
 * The terminal of a task whose process is a job: shows what the job writes, gives it what is typed, and ends with it.
 * Closing it or terminating the task kills the job; closing the window does not.
 */
export class JobTerminal implements vscode.Pseudoterminal {
  readonly #options: JobTerminalOptions;
  readonly #text = new TerminalText(t);
  readonly #input = new LineInput();
  readonly #writes = new vscode.EventEmitter<string>();
  readonly #closes = new vscode.EventEmitter<number>();
  readonly #subscriptions: { dispose(): void }[] = [this.#writes, this.#closes];
  #started: Promise<void> = Promise.resolve();
  #job: Job | undefined;
  #typedAhead = '';
  #isOver = false;

  readonly onDidWrite = this.#writes.event;
  readonly onDidClose = this.#closes.event;

  constructor(options: JobTerminalOptions) {
    this.#options = options;
  }

  /** Text that is written before the editor calls this is lost. */
  open(): void {
    this.#started = this.#start();
    void this.#started.then(() => this.#show());
  }

  close(): void {
    if (!this.#isOver) this.#options.onLeave(this.#leave());
  }

  handleInput(data: string): void {
    const job = this.#job;
    if (!job) this.#typedAhead += data;
    else if (!this.#isOver) this.#send(job, data).catch((error: unknown) => this.#tell(error));
  }

  async #start(): Promise<void> {
    try {
      this.#job = await this.#options.start(() => this.#isOver);
    } catch (error) {
      this.#tell(error);
    }
  }

  #show(): void {
    if (this.#isOver) return;
    if (!this.#job) return this.#end(notStarted);
    this.#follow(this.#job);
    if (this.#typedAhead !== '') this.handleInput(this.#typedAhead);
  }

  #follow({ id }: Job): void {
    const { connection, model, newFollower, onText } = this.#options;
    const follower = newFollower({
      jobId: id,
      service: () => connection.service,
      text: this.#text,
      pace,
      append: (text) => {
        this.#writes.fire(text);
        onText(text);
      },
      ended: (job) => this.#endWith(job),
      gone: () => this.#end(notStarted),
    });
    const look = (): void => {
      follower.wake();
      const job = model.job(id);
      // What never ran has no output to wait for.
      if (job?.run === null) this.#endWith(job);
    };
    const changes = model.onDidChange(({ all, jobs }) => {
      if (all || jobs.has(id)) look();
    });
    this.#subscriptions.push(follower, changes);
    void follower.follow();
    look();
  }

  /** A job whose run has failed may be about to try again. */
  #endWith(job: Job): void {
    if (isEnded(job.status)) this.#end(exitCodeOfRun(job));
  }

  #end(code: number): void {
    if (this.#isOver) return;
    this.#closes.fire(code);
    this.#over(code);
    if (this.#job) this.#options.onRelease(this.#job.id);
  }

  async #leave(): Promise<void> {
    const closedBySomebody = isClosedBySomebody();
    this.#over(undefined);
    // It may be about to start.
    await this.#started;
    if (!this.#job) return;
    if (await closedBySomebody) await this.#kill(this.#job);
    this.#options.onRelease(this.#job.id);
  }

  #over(code: number | undefined): void {
    this.#isOver = true;
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
    this.#options.onEnd(code);
  }

  async #kill(job: Job): Promise<void> {
    try {
      const service = await this.#options.connection.need();
      await service.killJob(job.id, { reason: t('its task was terminated') });
    } catch (error) {
      void vscode.window.showErrorMessage(t("Can't stop the job of the task: {0}", (error as Error).message));
    }
  }

  async #send(job: Job, data: string): Promise<void> {
    const { echo, send, interrupt, endOfFile } = this.#input.push(data);
    const takesInput = job.options.stdin === 'pipe';
    if (!takesInput && !interrupt) return;
    this.#writes.fire(echo);
    const service = await this.#options.connection.need();
    if (takesInput && send !== '') await service.sendInput(job.id, { text: send });
    if (takesInput && endOfFile) await service.sendInput(job.id, { eof: true });
    if (interrupt) await service.killJob(job.id, { signal: 'SIGINT', escalate: false, wait: false });
  }

  #tell(error: unknown): void {
    if (!this.#isOver) this.#writes.fire(this.#text.note(error instanceof Error ? error.message : String(error)));
  }
}

/** The editor reports why a terminal was closed right after the call that closes it. */
const toldWithinMs = 2000;

/**
 * Whether the terminal that is being closed was closed by the user and not because its window closes. The editor does not
 * pass the reason to a pseudoterminal; when a window closes, all of its terminals close with that reason.
 */
function isClosedBySomebody(): Promise<boolean> {
  return new Promise((resolve) => {
    const decide = (answer: boolean): void => {
      subscription.dispose();
      clearTimeout(timer);
      resolve(answer);
    };
    const subscription = vscode.window.onDidCloseTerminal(({ exitStatus }) =>
      decide(exitStatus?.reason !== vscode.TerminalExitReason.Shutdown),
    );
    const timer = setTimeout(() => decide(true), toldWithinMs);
  });
}
