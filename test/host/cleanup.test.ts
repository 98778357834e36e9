import assert from 'node:assert/strict';
import type { Job, JobList } from '../../src/api/job.ts';
import { useHome } from '../helpers/cli.ts';

describe('bgjobs cleanup', () => {
  const home = useHome();
  let done: Job[] = [];
  let failed: Job;
  let running: Job;
  const finished = async (...args: string[]): Promise<Job> => home.ended((await home.run(args)).id);
  const ids = async (): Promise<string[]> => (await home.json<JobList>(['list'])).jobs.map(({ id }) => id);

  beforeEach(async () => {
    await home.json(['cleanup']);
    done = [await finished('--', 'true'), await finished('--session', 'other', '--', 'true')];
    failed = await finished('--', 'false');
    running = await home.run(['--', 'sleep', '600']);
  });
  afterEach(() => home.bgjobs(['kill', running.id]));

  it('removes finished jobs and nothing else', async () => {
    assert.deepEqual(await home.json(['cleanup']), { cleaned: 3, remaining: 0 });
    assert.deepEqual(await ids(), [running.id]);
  });

  it('removes by age, count, status and session', async () => {
    assert.deepEqual(await home.json(['cleanup', '--older-than', '1h']), { cleaned: 0, remaining: 3 });
    assert.deepEqual(await home.json(['cleanup', '--session', 'other']), { cleaned: 1, remaining: 2 });
    assert.deepEqual(await home.json(['cleanup', '--status', 'failed,killed']), { cleaned: 1, remaining: 1 });
    assert.ok(!(await ids()).includes(failed.id));
    await finished('--', 'true');
    assert.deepEqual(await home.json(['cleanup', '--keep', '1']), { cleaned: 1, remaining: 1 });
    assert.ok(!(await ids()).includes(done[0]?.id ?? ''));
  });

  it('only says how many with --dry-run', async () => {
    assert.deepEqual(await home.json(['cleanup', '--dry-run']), { cleaned: 3, remaining: 0 });
    assert.equal(
      (await home.bgjobs(['cleanup', '--dry-run'])).stdout,
      '3 finished jobs would be removed, 0 would remain\n',
    );
    assert.equal((await ids()).length, 4);
  });

  it('refuses a status of jobs that have not ended', async () => {
    assert.equal((await home.error(2, ['cleanup', '--status', 'running'])).code, 'invalid_request');
    assert.equal((await home.error(2, ['cleanup', '--older-than', 'long'])).code, 'invalid_request');
  });
});
