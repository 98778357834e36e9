import type * as vscode from 'vscode';
import type { JobService } from '../../api/endpoints.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { Job } from '../../api/job.ts';
import { isEnded } from '../../api/values.ts';
import { storageKeys } from '../base/ids.ts';

/** Maximum number of jobs that are remembered: the oldest have long ended. */
const remembered = 100;

/**
 * Which job belongs to which task of this workspace. A reload ends all tasks but no jobs: a task that is run again shows its
 * running job, so that a watcher that starts with the window does not run twice.
 */
export class JobsOfTasks {
  readonly #state: vscode.Memento;
  /** Ids of jobs that a terminal of this window shows. */
  readonly #shown = new Set<string>();
  /** By task: settled when its closed terminals have released their jobs. */
  readonly #leaving = new Map<string, Promise<unknown>>();

  constructor(state: vscode.Memento) {
    this.#state = state;
  }

  /**
   * Waits until the job of a terminal that was just closed is dead: the next may need its port.
   * @returns the job that goes on although its task has ended
   */
  async leftOf(task: string, service: JobService): Promise<Job | undefined> {
    await this.#leaving.get(task);
    const id = this.#ids()[task];
    if (id === undefined) return undefined;
    try {
      const job = await service.getJob(id);
      if (this.#shown.has(id) || isEnded(job.status) || job.status === 'stopping') return undefined;
      this.#shown.add(id);
      return job;
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

  /** @param left settled when the terminal has let go of its job; never rejected */
  leave(task: string, left: Promise<void>): void {
    const leaving = Promise.all([this.#leaving.get(task), left]).finally(() => {
      if (this.#leaving.get(task) === leaving) this.#leaving.delete(task);
    });
    this.#leaving.set(task, leaving);
  }

  hide(jobId: string): void {
    this.#shown.delete(jobId);
  }

  #ids(): Record<string, string> {
    return this.#state.get<Record<string, string>>(storageKeys.tasks, {});
  }
}
