import assert from 'node:assert/strict';
import type { WaitResult } from '../../src/api/control.ts';
import type { Job } from '../../src/api/job.ts';
import { useHome } from '../helpers/cli.ts';

describe('bgjobs wait', () => {
  const home = useHome();

  it('waits for the end, and ends with 0 however the job did', async () => {
    const job = await home.run(['--stdin', 'pipe', '--', 'sh', '-c', 'read x; exit 7']);
    const waiting = await home.start(['wait', job.id]);
    await home.bgjobs(['input', job.id, 'go']);
    const result = await waiting.ended;
    assert.equal(result.code, 0);
    assert.match(result.stdout, /failed \(exit code 7\)/);
    const again = await home.json<WaitResult>(['wait', job.id]);
    assert.deepEqual([again.timedOut, again.match, again.job.exitCode], [false, null, 7]);
  });

  it('gives up after its timeout with 124 and what there is, and leaves the job alone', async () => {
    const job = await home.run(['--', 'sleep', '600']);
    const text = await home.bgjobs(['wait', job.id, '--timeout', '100ms']);
    assert.equal(text.code, 124);
    assert.match(text.stdout, /running/);
    assert.match(text.stderr, /timed out/);
    const json = await home.bgjobs(['wait', job.id, '--timeout', '0', '--json']);
    assert.equal(json.code, 124);
    const document = JSON.parse(json.stdout) as WaitResult;
    assert.deepEqual([document.timedOut, document.job.id], [true, job.id]);
    assert.equal((await home.json<Job>(['status', job.id])).status, 'running');
  });

  it('waits for the start', async () => {
    const job = await home.run(['--hold', '--', 'sleep', '600']);
    const waiting = await home.start(['wait', job.id, '--for', 'started', '--json']);
    await home.bgjobs(['release', job.id]);
    const result = await waiting.ended;
    assert.equal(result.code, 0);
    assert.notEqual((JSON.parse(result.stdout) as WaitResult).job.startedAt, null);
  });

  it('waits for a pattern in the output and prints the line', async () => {
    const job = await home.run([
      ...['--stdin', 'pipe', '--', 'sh', '-c'],
      'read x; echo starting; echo listening on $x; exec sleep 600',
    ]);
    const waiting = await home.start(['wait', job.id, '--for', '/listening on \\d+/']);
    await home.bgjobs(['input', job.id, '8080']);
    const result = await waiting.ended;
    assert.deepEqual([result.code, result.stdout], [0, 'listening on 8080\n']);
    const again = await home.json<WaitResult>(['wait', job.id, '--for', '/^start/']);
    assert.equal(again.match, 'starting');
  });

  it('ends with 1 when the job ends without what was waited for', async () => {
    const job = await home.run(['--', 'echo', 'something else']);
    const result = await home.bgjobs(['wait', job.id, '--for', '/ready/']);
    assert.equal(result.code, 1);
    assert.match(result.stderr, /ended first/);
  });

  it('leaves the job alone when it is interrupted', async () => {
    const job = await home.run(['--', 'sleep', '600']);
    await home.reaches(job.id, 'running');
    const waiting = await home.start(['wait', job.id]);
    waiting.child.kill('SIGINT');
    await waiting.ended;
    assert.equal((await home.json<Job>(['status', job.id])).status, 'running');
  });

  it('refuses what it cannot wait for', async () => {
    const job = await home.run(['--', 'true']);
    for (const what of ['ready', 'end', '/(/', '//']) {
      assert.equal((await home.bgjobs(['wait', job.id, '--for', what])).code, 2, what);
    }
    assert.equal((await home.error(3, ['wait', 'ffffffff-0000'])).code, 'job_not_found');
  });
});
