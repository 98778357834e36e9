import { lensesBundle } from '../../bundles.ts';
import { Emitter } from '../base/emitter.ts';
import type { Connection } from '../host/hostConnection.ts';
import { loadBundle } from '../host/hostAccess.ts';
import type { JobModel } from '../model/jobModel.ts';
import type { LastJobs } from '../start/lastJobs.ts';
import type * as Lenses from '../start/lenses.ts';

const mostJobs = 500;

/** The last jobs of what can be started: the host is asked for them when something first shows them. */
export class LastJobsWatch {
  readonly #connection: Pick<Connection, 'service'>;
  readonly #model: JobModel;
  readonly #changed = new Emitter<undefined>();
  readonly onDidChange = this.#changed.event;
  #last: LastJobs | undefined;
  #subscription: { dispose(): void } | undefined;

  constructor(connection: Pick<Connection, 'service'>, model: JobModel) {
    this.#connection = connection;
    this.#model = model;
  }

  readonly get = (): LastJobs => (this.#last ??= this.#watch());

  dispose(): void {
    this.#subscription?.dispose();
  }

  #watch(): LastJobs {
    const last = new (loadBundle(lensesBundle) as typeof Lenses).LastJobs();
    this.#subscription = this.#model.onDidChange(({ all, jobs }) => {
      if (all) void this.#load(last);
      for (const id of jobs) {
        const job = this.#model.job(id);
        if (job) last.put(job);
        else last.remove(id);
      }
      this.#changed.fire(undefined);
    });
    void this.#load(last);
    return last;
  }

  async #load(last: LastJobs): Promise<void> {
    const found = await this.#connection.service?.listJobs({ limit: mostJobs }).catch(() => undefined);
    if (!found) return;
    // What has been heard of a job meanwhile is newer.
    last.reset(found.jobs.map((job) => this.#model.job(job.id) ?? job));
    this.#changed.fire(undefined);
  }
}
