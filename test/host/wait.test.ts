import assert from 'node:assert/strict';
import type { WaitResult } from '../../src/api/control.ts';
import type { Job } from '../../src/api/job.ts';
import { useHome } from '../helpers/cli.ts';

describe('bgjobs wait', () => {
  const home = useHome();

  it('waits for the end, and exits with 0 however the job ended', async () => {
    const job = await home.run(['--stdin', 'pipe', '--', 'sh', '-c', 'read x; exit 7']);
    const waiting = await home.start(['wait', job.id]);
    await home.bgjobs(['input', job.id, 'go']);
    const result = await waiting.ended;
    assert.equal(result.code, 0);
    assert.match(result.stdout, /failed \(exit code 7\)/);
    const again = await home.json<WaitResult>(['wait', job.id]);
    assert.deepEqual([again.timedOut, again.match, again.job.exitCode], [false, null, 7]);
  });

  it('shows in ten lines the state, the last output and what to do next, and exits as the job did if asked', async () => {
    const job = await home.run(['--shell', 'seq 100; exit 3', '--name', 'count']);
    const { code, stdout } = await home.bgjobs(['wait', job.id, '--exit-code']);
    assert.equal(code, 3);
    const lines = stdout.trimEnd().split('\n');
    assert.match(lines[0] ?? '', new RegExp(`^Job ${job.shortId} \\(count\\): failed \\(exit code 3\\)`));
    assert.deepEqual(lines.slice(2, 6), ['97', '98', '99', '100']);
    assert.match(lines.at(-1) ?? '', new RegExp(`^Next: bgjobs status ${job.shortId} | output`));
    assert.ok(lines.length <= 10, stdout);
    const killed = await home.run(['--', 'sleep', '600']);
    await home.bgjobs(['kill', killed.id]);
    assert.equal((await home.bgjobs(['wait', killed.id, '--exit-code'])).code, 143);
    assert.equal((await home.bgjobs(['wait', killed.id])).code, 0);
  });

  it('waits for several jobs', async () => {
    const good = await home.run(['--', 'true']);
    const bad = await home.run(['--shell', 'sleep 0.1; exit 5']);
    const { code, stdout } = await home.bgjobs(['wait', good.id, bad.id, '--exit-code']);
    assert.equal(code, 5);
    assert.match(stdout, new RegExp(`Job ${good.shortId}: completed[^]*Job ${bad.shortId}: failed`));
    const { results } = await home.json<{ results: WaitResult[] }>(['wait', good.id, bad.id]);
    assert.deepEqual(
      results.map(({ job }) => job.exitCode),
      [0, 5],
    );
  });

  it('reports a wrong id before it waits, and takes a job that is named twice for one', async () => {
    const job = await home.run(['--', 'sleep', '600']);
    const wrong = await home.bgjobs(['wait', job.id, 'ffffffff-0000']);
    assert.equal(wrong.code, 3);
    assert.match(wrong.stderr, /ffffffff-0000/);
    await home.bgjobs(['kill', job.id]);
    const { stdout } = await home.bgjobs(['wait', job.id, job.shortId]);
    assert.equal(stdout.match(/^Job /gm)?.length, 1, stdout);
  });

  it('says at once why a job has not started', async () => {
    const held = await home.run(['--hold', '--', 'true']);
    const later = await home.run(['--at', '1h', '--', 'true']);
    const { stderr } = await home.bgjobs(['wait', held.id, later.id, '--timeout', '0']);
    assert.match(stderr, new RegExp(`${held.shortId} is held .*bgjobs release ${held.shortId}`));
    assert.match(stderr, new RegExp(`${later.shortId} has not started yet: starts in `));
  });

  it('gives up after its timeout with 124, and does not affect the job', async () => {
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

  it('exits with 1 when the job ends first', async () => {
    const job = await home.run(['--', 'echo', 'something else']);
    const result = await home.bgjobs(['wait', job.id, '--for', '/ready/']);
    assert.equal(result.code, 1);
    assert.match(result.stderr, /ended first/);
  });

  it('does not affect the job when it is interrupted', async () => {
    const job = await home.run(['--', 'sleep', '600']);
    await home.reaches(job.id, 'running');
    const waiting = await home.start(['wait', job.id]);
    waiting.child.kill('SIGINT');
    await waiting.ended;
    assert.equal((await home.json<Job>(['status', job.id])).status, 'running');
  });

  it('refuses an invalid condition', async () => {
    const job = await home.run(['--', 'true']);
    for (const what of ['ready', 'end', '/(/', '//']) {
      assert.equal((await home.bgjobs(['wait', job.id, '--for', what])).code, 2, what);
    }
    assert.equal((await home.error(3, ['wait', 'ffffffff-0000'])).code, 'job_not_found');
  });
});
