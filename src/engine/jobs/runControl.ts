import type * as z from 'zod';
import type { inputRequest } from '../../api/control.ts';
import type { Job } from '../../api/job.ts';
import { isActive } from '../../api/values.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { Store } from '../../store/store.ts';
import { findJob, wrongState } from '../queries/lookup.ts';
import type { Views } from '../queries/views.ts';
import type { Run } from '../runs/run.ts';
import type { Runs } from '../runs/runs.ts';

interface Deps {
  store: Store;
  runs: Runs;
  views: Views;
}

/** What can be done with a running job, short of killing it. Each method throws `job_not_found` and `invalid_state`. */
export class RunControl {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async pauseJob(id: string): Promise<Job> {
    const job = findJob(this.#deps.store, id);
    if (job.status === 'running') await this.#running(job).pause();
    else if (job.status !== 'paused') throw wrongState(job, 'Only a running job can be paused.');
    return this.#view(job);
  }

  async resumeJob(id: string): Promise<Job> {
    const job = findJob(this.#deps.store, id);
    // A running one too: its processes may have been stopped by somebody else, or by a host that died.
    if (job.status !== 'paused' && job.status !== 'running') throw wrongState(job, 'Only a paused job can be resumed.');
    await this.#running(job).resume();
    return this.#view(job);
  }

  async sendInput(id: string, { text, eof }: z.output<typeof inputRequest>): Promise<Job> {
    const job = findJob(this.#deps.store, id);
    if (job.spec.stdin.type !== 'pipe') {
      throw wrongState(job, 'It takes no live input. Start it with stdin pipe to send input.');
    }
    if (!isActive(job.status)) throw wrongState(job, 'Only a running job can receive input.');
    await this.#running(job).write(text, eof);
    return this.#deps.views.job(job);
  }

  #running(job: JobRow): Run {
    const run = this.#deps.runs.get(job.id);
    if (!run || run.isBeingKilled) throw wrongState(job, 'It is being started or stopped. Try again in a moment.');
    return run;
  }

  #view({ id }: JobRow): Job {
    return this.#deps.views.job(findJob(this.#deps.store, id));
  }
}
