import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { Job, JobList } from '../../src/api/job.ts';
import { useHome } from '../helpers/cli.ts';

describe('bgjobs remove', () => {
  const home = useHome();

  it('removes finished and held jobs with their logs', async () => {
    const done = await home.ended((await home.run(['--', 'echo', 'x'])).id);
    const held = await home.run(['--hold', '--', 'true']);
    const log = done.runs[0]?.logs.stdout ?? '';
    assert.ok(existsSync(log));
    const result = await home.bgjobs(['remove', done.id, held.id]);
    assert.equal(result.code, 0);
    assert.match(result.stdout, new RegExp(`^${done.shortId} removed .*\n${held.shortId} removed `));
    assert.ok(!existsSync(log));
    assert.deepEqual((await home.json<JobList>(['list'])).jobs, []);
    assert.equal((await home.error(3, ['status', done.id])).code, 'job_not_found');
  });

  it('refuses a job that runs', async () => {
    const job = await home.run(['--', 'sleep', '600']);
    await home.reaches(job.id, 'running');
    assert.equal((await home.error(4, ['remove', job.id])).code, 'invalid_state');
    assert.equal((await home.json<Job>(['status', job.id])).status, 'running');
  });
});
