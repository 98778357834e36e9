import assert from 'node:assert/strict';
import type { Engine } from '../../../../src/engine/engine.ts';
import type { Job } from '../../../../src/api/job.ts';
import type { Model } from './model.ts';
import type { ModelJob } from './modelJob.ts';

/** Compares what the engine says with what the model says. */
export class Sameness {
  readonly #ended = new Map<string, string>();

  /** The engine and the model say the same of everything. */
  async check(engine: Engine, startedRuns: readonly string[], model: Model): Promise<void> {
    const jobs = (await engine.listJobs({ limit: 1000 })).jobs.toReversed();
    const there = model.there;
    for (const [index, job] of there.entries()) if (job.id === '') job.id = jobs[index]?.id ?? '';
    assert.deepEqual(
      jobs.map(shown),
      there.map((job) => expected(job, model)),
    );
    const number = new Map(model.jobs.map(({ id, row }) => [id, row]));
    const started = startedRuns.map((runId) => {
      const [id = '', run = ''] = runId.split('.');
      return `${number.get(id)}.${run}`;
    });
    assert.deepEqual(started, model.starts);
    const queue = await engine.getQueue();
    assert.deepEqual(
      queue.jobs.map(({ id }) => number.get(id)),
      model.order().map(({ row }) => row),
    );
    this.#checkEnds(jobs);
  }

  /** What has ended stays as it is, for ever. */
  #checkEnds(jobs: readonly Job[]): void {
    for (const run of jobs.flatMap(({ runs }) => runs)) {
      if (run.finishedAt === null) continue;
      const now = JSON.stringify(run);
      assert.equal(now, this.#ended.get(run.runId) ?? now);
      this.#ended.set(run.runId, now);
    }
  }
}

function expected(job: ModelJob, model: Model): unknown {
  return {
    id: job.id,
    status: job.status,
    run: job.run || null,
    attempt: job.run === 0 ? null : job.run - job.series,
    dueAt: job.dueAt === undefined ? null : new Date(job.dueAt).toISOString(),
    gaveUp: job.gaveUp,
    priority: job.spec.priority,
    waitsFor: model.waitsFor(job),
    cancelled: job.status === 'cancelled' ? (job.reason ?? null) : null,
    schedule: job.schedule?.id ?? null,
  };
}

function shown(job: Job): unknown {
  const { id, status, run, attempt, dueAt, gaveUp, priority, waitingFor, schedule } = job;
  const cancelled = status === 'cancelled' ? job.reason : null;
  return { id, status, run, attempt, dueAt, gaveUp, priority, waitsFor: waitingFor?.type ?? null, cancelled, schedule };
}
