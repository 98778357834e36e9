import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../../src/api/job.ts';
import { useHome } from '../helpers/cli.ts';

describe('bgjobs pause and resume', () => {
  const home = useHome();

  it('stop a whole tree for a while, and let it continue', async () => {
    const script = 'sh -c "until [ -e go ]; do sleep 0.02; done" & echo $!; read x; wait';
    const job = await home.run(['--stdin', 'pipe', '--', 'sh', '-c', script]);
    const { match } = await home.json<{ match: string }>(['wait', job.id, '--for', '/^\\d+$/']);
    const state = (pid: number | string): string | undefined =>
      /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];

    const paused = await home.json<Job>(['pause', job.id]);
    assert.equal(paused.status, 'paused');
    assert.deepEqual([state(match), state(paused.pid ?? 0)], ['T', 'T']);

    const resumed = await home.bgjobs(['resume', job.shortId]);
    assert.match(resumed.stdout, new RegExp(`^${job.shortId} running `));
    assert.notEqual(state(match), 'T');
    writeFileSync(join(home.path, 'go'), '');
    await home.bgjobs(['input', job.id, '']);
    assert.equal((await home.ended(job.id)).status, 'completed');
  });

  it('a paused job can be killed', async () => {
    const job = await home.run(['--', 'sleep', '600']);
    await home.reaches(job.id, 'running');
    await home.json(['pause', job.id]);
    const result = await home.json<{ result: string; escalated: boolean }>(['kill', job.id]);
    assert.deepEqual([result.result, result.escalated], ['killed', false]);
  });

  it('do not change a job that is already in that state', async () => {
    const job = await home.run(['--', 'sleep', '600']);
    await home.reaches(job.id, 'running');
    assert.equal((await home.json<Job>(['resume', job.id])).status, 'running');
    await home.json(['pause', job.id]);
    assert.equal((await home.json<Job>(['pause', job.id])).status, 'paused');
  });

  it('refuse a job in another state', async () => {
    const held = await home.run(['--hold', '--', 'true']);
    const done = await home.ended((await home.run(['--', 'true'])).id);
    for (const args of [
      ['pause', held.id],
      ['pause', done.id],
      ['resume', held.id],
      ['resume', done.id],
    ]) {
      const { code } = await home.error(4, args);
      assert.ok(['invalid_state', 'job_already_ended'].includes(code), `${args[0]}: ${code}`);
    }
    assert.equal((await home.error(3, ['pause', 'ffffffff-0000'])).code, 'job_not_found');
  });
});
