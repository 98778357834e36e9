import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { byCause } from '../../../../src/extension/notify/endNotice.ts';
import type { Job } from '../../../../src/api/job.ts';
import { jobRecord } from '../jobs.ts';

describe('Jobs that were cancelled together', () => {
  /** @param failed those of the jobs it depends on that the host names */
  function cancelled(dependsOn: Job[], failed: Job[] = dependsOn): Job {
    return jobRecord('cancelled', {
      dependsOn: dependsOn.map(({ id }) => ({ job: id, condition: 'succeeded' })),
      reasonText: failed.map(({ shortId, status }) => `job ${shortId} is ${status}`).join(', '),
    });
  }

  it('are grouped by their first common cause', () => {
    const [build, lint] = [jobRecord('failed'), jobRecord('failed')];
    const test = cancelled([build]);
    const deploy = cancelled([test]);
    const report = cancelled([build]);
    const style = cancelled([build, lint], [lint]);
    assert.deepEqual(
      [...byCause([deploy, test, report, style])],
      [
        [build.id, [deploy, test, report]],
        [lint.id, [style]],
      ],
    );
  });

  it('are grouped even when the host has not reported the reason', () => {
    const build = jobRecord('failed');
    const test = { ...cancelled([build]), reasonText: null };
    assert.deepEqual([...byCause([test]).keys()], [build.id]);
  });
});
