import * as vscode from 'vscode';
import type { Job } from '../../api/job.ts';
import { TerminalKeys } from '../../api/terminalKeys.ts';
import { isActive } from '../../api/values.ts';
import { commandLine } from '../../text/grammar.ts';
import { editorWording, waitingText } from '../../text/stateText.ts';
import type { ServiceSource } from '../base/jobStart.ts';
import { t } from '../base/l10n.ts';
import type { JobModel } from '../model/jobModel.ts';
import type { NewFollower } from './jobTerminal.ts';
import { AttachedText, LineInput } from './terminalText.ts';

/** As much as the terminal keeps of most output; of a flood the end is shown. */
const pace = { appendBytes: 262_144, mostBehind: 1_048_576 };

export interface AttachedDeps {
  connection: ServiceSource;
  model: JobModel;
  newFollower: NewFollower;
}

/**
 * A terminal of the editor that shows a job, from run to run: what it has written, what it writes, and what is typed goes to
 * it. It has no say in the life of the job.
 */
export class AttachedTerminal implements vscode.Pseudoterminal {
  readonly #deps: AttachedDeps;
  readonly #input = new LineInput();
  readonly #keys: TerminalKeys;
  readonly #writes = new vscode.EventEmitter<string>();
  readonly #subscriptions: { dispose(): void }[] = [this.#writes];
  #job: Job;
  #text: AttachedText;
  #size: vscode.TerminalDimensions | undefined;
  #isClosed = false;
  /** Ctrl+C was typed, and would interrupt a job without a terminal the next time. */
  #interrupts = false;

  readonly onDidWrite = this.#writes.event;

  constructor(deps: AttachedDeps, job: Job) {
    this.#deps = deps;
    this.#job = job;
    this.#text = new AttachedText(t, job.options.tty, { run: null, bytes: 0 });
    this.#keys = new TerminalKeys(() => deps.connection.need(), job.id);
  }

  open(size: vscode.TerminalDimensions | undefined): void {
    this.#size = size;
    void this.#begin();
  }

  close(): void {
    this.#isClosed = true;
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
  }

  setDimensions(size: vscode.TerminalDimensions): void {
    this.#size = size;
    if (this.#takesKeys()) this.#keys.resize(size.columns, size.rows);
  }

  handleInput(data: string): void {
    if (this.#takesKeys()) this.#keys.type(data);
    else this.#typeLines(data).catch((error: unknown) => this.#tell(error));
  }

  async #begin(): Promise<void> {
    const { connection, model, newFollower } = this.#deps;
    try {
      const service = await connection.need();
      this.#job = await service.getJob(this.#job.id);
    } catch (error) {
      return this.#tell(error);
    }
    const { id, options, run, runs, cwd } = this.#job;
    const current = runs.find(({ number }) => number === run);
    const bytes = (current?.stdoutBytes ?? 0) + (current?.stderrBytes ?? 0);
    this.#text = new AttachedText(t, options.tty, { run, bytes });
    this.#write(this.#text.note(`$ ${commandLine(this.#job)}  (${cwd})`));
    const why = waitingText(this.#job, editorWording(t, Date.now()));
    if (run === null && why !== '') this.#write(this.#text.note(`[${why}]`));
    const follower = newFollower({
      jobId: id,
      service: () => connection.service,
      text: this.#text,
      pace,
      append: (text) => this.#write(text),
      gone: () => this.#write(this.#text.note(t('[the job was removed]'))),
    });
    const changes = model.onDidChange(({ all, jobs }) => {
      if (!all && !jobs.has(id)) return;
      const hadRun = this.#job.run;
      this.#job = model.job(id) ?? this.#job;
      if (this.#job.run !== hadRun) this.#resize();
      follower.wake();
    });
    this.#subscriptions.push(follower, changes);
    if (this.#isClosed) return this.close();
    void follower.follow();
    this.#resize();
  }

  /** Also to a size that it has: then the program draws anew. */
  #resize(): void {
    if (this.#size && this.#takesKeys()) this.#keys.resize(this.#size.columns, this.#size.rows);
  }

  #takesKeys(): boolean {
    const { options, status } = this.#job;
    return options.tty && isActive(status) && vscode.workspace.isTrusted;
  }

  async #typeLines(data: string): Promise<void> {
    const { id, options, status } = this.#job;
    if (options.tty || !isActive(status)) return;
    const { echo, send, interrupt, endOfFile } = this.#input.push(data);
    if (interrupt) await this.#interrupt();
    else this.#interrupts = false;
    if (options.stdin !== 'pipe' || !vscode.workspace.isTrusted) return;
    this.#write(interrupt ? '' : echo);
    const service = await this.#deps.connection.need();
    if (send !== '') await service.sendInput(id, { text: send });
    if (endOfFile) await service.sendInput(id, { eof: true });
  }

  /** Whoever looks at the output of a job presses Ctrl+C to leave, or to stop the job. */
  async #interrupt(): Promise<void> {
    if (this.#interrupts) {
      const service = await this.#deps.connection.need();
      await service.killJob(this.#job.id, { signal: 'SIGINT', escalate: false, wait: false });
    } else {
      this.#write(
        this.#text.note(t('[Press Ctrl+C again to interrupt the job. Closing the terminal keeps it running.]')),
      );
    }
    this.#interrupts = !this.#interrupts;
  }

  #tell(error: unknown): void {
    this.#write(this.#text.note(`[${error instanceof Error ? error.message : String(error)}]`));
  }

  #write(text: string): void {
    if (!this.#isClosed && text !== '') this.#writes.fire(text);
  }
}
