import type * as vscode from 'vscode';
import type { Job } from '../../protocol/job.ts';
import type { JobService } from '../../protocol/service.ts';
import { BgJobsError } from '../../protocol/errors.ts';
import { isEnded } from '../../protocol/states.ts';
import { storageKeys } from '../ids.ts';

/** So many are remembered: the oldest have long ended. */
const remembered = 100;

/**
 * Which job belongs to which task of this workspace. A reload ends every task and no job: a task that is run again takes
 * up the job that is left of it, so that a watcher that starts with the window does not run twice.
 */
export class JobsOfTasks {
  readonly #state: vscode.Memento;
  /** Ids of jobs that a terminal of this window shows. */
  readonly #shown = new Set<string>();

  constructor(state: vscode.Memento) {
    this.#state = state;
  }

  /** @returns the job that goes on although its task has ended */
  async leftOf(task: string, service: JobService): Promise<Job | undefined> {
    const id = this.#ids()[task];
    if (id === undefined || this.#shown.has(id)) return undefined;
    try {
      const job = await service.getJob(id);
      return isEnded(job.status) || job.status === 'stopping' ? undefined : job;
    } catch (error) {
      if (error instanceof BgJobsError && error.code === 'job_not_found') return undefined;
      throw error;
    }
  }

  async show(task: string, jobId: string): Promise<void> {
    this.#shown.add(jobId);
    const { [task]: _, ...others } = this.#ids();
    const newest = [...Object.entries(others), [task, jobId]].slice(-remembered);
    await this.#state.update(storageKeys.tasks, Object.fromEntries(newest));
  }

  hide(jobId: string): void {
    this.#shown.delete(jobId);
  }

  #ids(): Record<string, string> {
    return this.#state.get<Record<string, string>>(storageKeys.tasks, {});
  }
}
