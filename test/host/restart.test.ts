import assert from 'node:assert/strict';
import { processesOf, useHome } from '../helpers/cli.ts';

describe('bgjobs restart', () => {
  const home = useHome();

  it('makes a new run of the same job, with logs of its own', async () => {
    const job = await home.ended(
      (await home.run(['--', 'sh', '-c', 'echo "$WHO"; exit 3'], { env: { WHO: 'one' } })).id,
    );
    const text = await home.bgjobs(['restart', job.shortId], { env: { WHO: 'two' } });
    assert.equal(text.code, 0);
    const again = await home.ended(job.id);
    assert.equal(again.run, 2);
    assert.deepEqual(
      again.runs.map((run) => [run.number, run.status, run.exitCode]),
      [
        [1, 'failed', 3],
        [2, 'failed', 3],
      ],
    );
    assert.deepEqual(again.runs[0], job.runs[0], 'the ended run stays as it is');
    assert.equal((await home.bgjobs(['output', job.id])).stdout, 'two\n');
    assert.equal((await home.bgjobs(['output', job.id, '--run', '1'])).stdout, 'one\n');
  });

  it('stops what runs first', async () => {
    const job = await home.run(['--', 'sleep', '600']);
    await home.reaches(job.id, 'running');
    await home.json(['restart', job.id]);
    const again = await home.reaches(job.id, 'running');
    assert.deepEqual([again.run, again.runs[0]?.status], [2, 'killed']);
    assert.deepEqual(processesOf(`BGJOBS_RUN_ID=${job.id}.1`), []);
  });

  it('needs a job', async () => {
    assert.equal((await home.error(3, ['restart', 'ffffffff-0000'])).code, 'job_not_found');
    assert.equal((await home.error(2, ['restart'])).code, 'invalid_request');
  });
});
