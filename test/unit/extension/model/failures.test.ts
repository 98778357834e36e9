import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { JobModel, type ModelChange } from '../../../../src/extension/model/jobModel.ts';
import type { Job } from '../../../../src/api/job.ts';
import { jobRecord, statusEvent } from '../jobs.ts';

describe('The failures that nobody has looked at', () => {
  /** Finished jobs in the host's store, the last one to end first. */
  let store: Job[];
  let changes: ModelChange[];
  let model: JobModel;

  beforeEach(() => {
    store = [];
    changes = [];
    model = new JobModel((_session, cursor, limit) => {
      const next = Number(cursor ?? 0) + limit;
      const jobs = store.slice(next - limit, next);
      return Promise.resolve({ jobs, total: store.length, cursor: next < store.length ? String(next) : null });
    }, 2);
    model.onDidChange((change) => changes.push(change));
  });

  function reset(jobs: Job[], failures: Job[] = []): void {
    const failed = store.filter(({ status }) => status === 'failed').length;
    const shop = { total: jobs.length + store.length, running: 0, waiting: 0, finished: store.length, failed };
    model.reset({ jobs, bySession: { shop }, failures });
  }

  it('stand apart until somebody has looked at them, the newest first', async () => {
    const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 3, 0, 0, seconds)).toISOString();
    const missed = jobRecord('failed', { name: 'missed', finishedAt: at(1) });
    const ended = jobRecord('completed', { finishedAt: at(2) });
    store = [ended, missed];
    const running = jobRecord('running');
    reset([running], [missed]);
    assert.deepEqual([model.total('shop', 'failed'), model.total('shop', 'finished')], [1, 1]);
    model.apply(statusEvent('running', { ...running, status: 'failed', finishedAt: at(3) }));
    const names = async (kind: 'failed' | 'finished'): Promise<string[]> =>
      (await model.page('shop', kind)).jobs.map(({ id }) => id);
    assert.deepEqual(await names('failed'), [running.id, missed.id]);
    assert.deepEqual(await names('finished'), [ended.id]);
    assert.deepEqual([model.failures('shop'), model.counts('shop').failed, model.counts('other').failed], [2, 2, 0]);
    changes.length = 0;
    model.see([running.id, ended.id]);
    assert.deepEqual(changes, [{ all: false, sessions: new Set(['shop']), jobs: new Set() }]);
    assert.deepEqual(model.unseen(), [missed]);
    assert.deepEqual(await names('finished'), [running.id, ended.id]);
    assert.equal(model.failures('shop'), 2);
  });

  it('are none that are tried again, or that were restarted', () => {
    const retry = { maxAttempts: 3, delayMs: 1, backoffFactor: 1, maxDelayMs: 1, jitter: 0 };
    const job = jobRecord('running', { options: { ...jobRecord('held').options, retry } });
    reset([job]);
    const again: Job = { ...job, status: 'pending' };
    model.apply(statusEvent('running', again, { to: 'failed' }));
    assert.deepEqual(model.unseen(), []);
    const failed: Job = { ...job, status: 'failed', gaveUp: true };
    model.apply(statusEvent('running', failed));
    assert.deepEqual(model.unseen(), [failed]);
    model.apply(statusEvent('failed', again));
    assert.deepEqual(model.unseen(), []);
  });

  it('are counted though they are not loaded', async () => {
    store = [jobRecord('failed'), jobRecord('completed'), jobRecord('failed'), jobRecord('failed')];
    reset([]);
    assert.equal(model.failures('shop'), 3);
    await model.page('shop', 'finished');
    assert.equal(model.failures('shop'), 3);
    model.apply({ ...statusEvent(null, store[3]!), type: 'removed', from: 'failed', job: null });
    assert.equal(model.failures('shop'), 2);
    model.apply(statusEvent('failed', { ...store[2]!, status: 'running' }));
    assert.equal(model.failures('shop'), 1);
  });
});
