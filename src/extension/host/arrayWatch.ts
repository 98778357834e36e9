import type { Job } from '../../api/job.ts';
import type { ServiceSource } from '../base/jobStart.ts';
import type { JobModel } from '../model/jobModel.ts';

const soonMs = 500;
const pageSize = 100;

/** In which order the tree shows tasks: first what a person may have to look at. */
const order = ['failed,timed_out,lost', 'running', 'waiting', 'killed,cancelled', 'completed'];

/**
 * The tasks of arrays. Each of them may change many times a second, so the host is asked for the counts of an array, at most
 * twice a second, and for its tasks only while the array is open in the tree.
 */
export class ArrayWatch {
  readonly #connection: Pick<ServiceSource, 'service'>;
  readonly #model: JobModel;
  readonly #subscription;
  readonly #changed = new Set<string>();
  /** By array: the number of tasks that the tree shows. */
  readonly #wanted = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;

  constructor(connection: Pick<ServiceSource, 'service'>, model: JobModel) {
    this.#connection = connection;
    this.#model = model;
    this.#subscription = model.onDidChangeTasks((array) => {
      this.#changed.add(array);
      this.#timer ??= setTimeout(() => void this.#ask(), soonMs);
    });
  }

  /** The first tasks of an array, as many as are shown; `more` if others follow. */
  async tasks(array: string): Promise<{ tasks: Job[]; more: boolean }> {
    const { service } = this.#connection;
    const wanted = this.#wanted.get(array) ?? pageSize;
    const tasks: Job[] = [];
    for (const status of order) {
      const limit = Math.min(wanted + 1 - tasks.length, 1000);
      if (service && limit > 0) tasks.push(...(await service.listJobs({ array, status, limit })).jobs);
    }
    this.#model.know(tasks);
    return { tasks: tasks.slice(0, wanted), more: tasks.length > wanted };
  }

  /** The next {@link tasks} of this array are one page longer. */
  wantMore(array: string): void {
    this.#wanted.set(array, Math.min((this.#wanted.get(array) ?? pageSize) + pageSize, 999));
    this.#changed.add(array);
    void this.#ask();
  }

  dispose(): void {
    this.#subscription.dispose();
    if (this.#timer) clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    this.#timer = null;
    const arrays = [...this.#changed];
    this.#changed.clear();
    for (const id of arrays) {
      // One that was removed meanwhile is no longer in the model; a lost host is found again, with all jobs.
      const array = await this.#connection.service?.getJob(id).catch(() => undefined);
      if (array) this.#model.setArray(array);
    }
  }
}
