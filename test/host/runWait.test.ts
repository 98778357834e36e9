import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../../src/api/job.ts';
import { useHome } from '../helpers/cli.ts';
import { until } from '../helpers/until.ts';

describe('bgjobs run --wait', () => {
  const home = useHome();
  const wait = (script: string, ...options: string[]) =>
    home.bgjobs(['run', '--wait', ...options, '--', 'sh', '-c', script]);

  it("prints both streams and exits with the job's own code", async () => {
    const result = await wait('echo out; echo err >&2; exit 3');
    assert.deepEqual([result.code, result.stdout, result.stderr], [3, 'out\n', 'err\n']);
  });

  it('exits with 128+n for a signal, 127 for an unknown program, 126 for one that cannot be executed', async () => {
    assert.equal((await wait('kill -TERM $$')).code, 143);
    assert.equal((await wait('kill -KILL $$')).code, 137);
    const unknown = await home.bgjobs(['run', '--wait', '--', 'nosuchprogram']);
    assert.equal(unknown.code, 127);
    assert.match(unknown.stderr, /^bgjobs: .*could not start: .*nosuchprogram/);
    assert.equal((await home.bgjobs(['run', '--wait', '--', home.path])).code, 126);
  });

  it('passes on every byte as it is', async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256));
    writeFileSync(join(home.path, 'bytes'), bytes);
    const result = await home.bgjobs(['run', '--wait', '--', 'cat', 'bytes']);
    assert.ok(result.stdoutBytes.equals(bytes));
  });

  it('passes on a long output in one piece', async () => {
    const result = await wait('i=0; while [ $i -lt 100000 ]; do echo "line $i"; i=$((i+1)); done');
    const lines = result.stdout.split('\n');
    assert.equal(lines.length, 100_001);
    assert.ok(lines.slice(0, -1).every((line, index) => line === `line ${index}`));
  });

  it('shows what is written while the job runs', async () => {
    const running = await home.start(['run', '--wait', '--', 'sh', '-c', "printf 'Password: '; exec sleep 600"]);
    await until('the prompt is shown', () => (running.stdout() === 'Password: ' ? true : undefined));
    const [job] = (await home.json<{ jobs: Job[] }>(['list', '--limit', '1'])).jobs;
    assert.equal(job?.status, 'running');
    await home.bgjobs(['kill', job.id]);
    const result = await running.ended;
    assert.equal(result.code, 143);
    assert.match(result.stderr, /^bgjobs: .*stopped by a user \(SIGTERM\) after \S+\n$/);
  });

  it('with --json prints the output to stderr and the ended job to stdout', async () => {
    const result = await wait('echo out; echo err >&2; exit 3', '--json');
    assert.equal(result.code, 3);
    const job = JSON.parse(result.stdout) as Job;
    assert.deepEqual([job.status, job.exitCode], ['failed', 3]);
    assert.deepEqual(result.stderr.trim().split('\n').sort(), ['err', 'out']);
  });

  it('forwards its own standard input to a job with --stdin pipe, to its end', async () => {
    const result = await home.bgjobs(['run', '--wait', '--stdin', 'pipe', '--', 'sort'], { input: 'b\nä\na\n' });
    assert.deepEqual([result.code, result.stdout], [0, 'a\nb\nä\n']);
  });

  it('does not wait for its standard input when the job has ended', async () => {
    const running = await home.start(['run', '--wait', '--stdin', 'pipe', '--', 'sh', '-c', 'read x; echo "$x"'], {
      openInput: true,
    });
    running.child.stdin?.write('hello\n');
    const result = await running.ended;
    assert.deepEqual([result.code, result.stdout], [0, 'hello\n']);
  });

  it('leaves the job running when it is interrupted, and says so', async () => {
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      const running = await home.start(['run', '--wait', '--', 'sh', '-c', 'echo up; exec sleep 600']);
      await until('the job writes', () => (running.stdout() === 'up\n' ? true : undefined));
      running.child.kill(signal);
      const result = await running.ended;
      assert.equal(result.code, code);
      const id = /the job continues\. To stop it: bgjobs kill ([0-9a-f]{8})\n$/.exec(result.stderr)?.[1];
      assert.ok(id, result.stderr);
      assert.equal((await home.json<Job>(['status', id])).status, 'running');
    }
  });

  it('ends without an error when its reader has closed the pipe', async () => {
    const running = await home.start(['run', '--wait', '--', 'sh', '-c', 'while :; do echo y; sleep 0.01; done']);
    assert.ok(running.child.stdout);
    await once(running.child.stdout, 'data');
    running.child.stdout.destroy();
    const result = await running.ended;
    assert.deepEqual([result.code, result.stderr], [141, '']);
  });

  it('says what remains of the tree', async () => {
    const result = await wait('sleep 600 & exit 0');
    assert.equal(result.code, 0);
    const id = /^bgjobs: ([0-9a-f]{8}) completed after \S+, 1 process remains\n$/.exec(result.stderr)?.[1];
    assert.ok(id, result.stderr);
    await home.bgjobs(['kill', id]);
  });

  it('says what a job waits for, and follows it when it starts', async () => {
    const filler = await Promise.all(
      Array.from({ length: 5 }, () => home.run(['--session', 'full', '--', 'sleep', '600'])),
    );
    const running = await home.start(['run', '--wait', '--session', 'full', '--', 'echo', 'at last']);
    await until('it is said', () => (/session limit reached \(5\)/.test(running.stderr()) ? true : undefined));
    await home.bgjobs(['kill', filler[0]?.id ?? '']);
    const result = await running.ended;
    assert.deepEqual([result.code, result.stdout], [0, 'at last\n']);
    await home.run(['--session', 'full', '--', 'sleep', '600']);
  });

  it('follows a held job when it is released', async () => {
    const running = await home.start(['run', '--wait', '--hold', '--name', 'held', '--', 'echo', 'released']);
    const job = await until('it is there', async () =>
      (await home.json<{ jobs: Job[] }>(['list', '--status', 'held'])).jobs.find(({ name }) => name === 'held'),
    );
    await home.bgjobs(['release', job.id]);
    assert.equal((await running.ended).stdout, 'released\n');
  });

  it('exits with a failure when the job is canceled before it runs', async () => {
    const running = await home.start(['run', '--wait', '--session', 'full', '--name', 'late', '--', 'echo', 'never']);
    const job = await until('it is there', async () =>
      (await home.json<{ jobs: Job[] }>(['list', '--session', 'full'])).jobs.find(({ name }) => name === 'late'),
    );
    await home.bgjobs(['kill', job.id]);
    const result = await running.ended;
    assert.deepEqual([result.code, result.stdout], [1, '']);
    assert.match(result.stderr, /canceled before it ran/);
  });

  it('follows a job through its attempts, and exits with the code of the last', async () => {
    const result = await wait('echo out; exit 3', '--retry', '2', '--retry-delay', '1ms');
    assert.deepEqual([result.code, result.stdout], [3, 'out\nout\nout\n']);
    assert.match(
      result.stderr,
      /\(exit code 3\) after \S+; it .*\n.*\(exit code 3\) after \S+; it .*\n.*\(exit code 3\) after \S+, gave up after 3 attempts\n$/,
    );
  });

  it('is a success when one attempt is', async () => {
    const script = 'if [ -e tried ]; then echo fine; else touch tried; echo no; exit 3; fi';
    const result = await wait(script, '--retry', '5', '--retry-delay', '1ms', '--json');
    assert.deepEqual(
      [result.code, result.stderr.split('\n').filter((line) => !line.startsWith('bgjobs:'))],
      [0, ['no', 'fine', '']],
    );
    const job = JSON.parse(result.stdout) as Job;
    assert.deepEqual([job.status, job.attempt, job.runs.length, job.gaveUp], ['completed', 2, 2, false]);
  });

  it('shows the output of an attempt before the next one comes', async () => {
    const running = await home.start([
      ...['run', '--wait', '--name', 'slowly', '--retry', '1', '--retry-delay', '1h'],
      ...['--', 'sh', '-c', 'echo first; exit 3'],
    ]);
    await until('it is said', () => (/attempt 2 of 2 in /.test(running.stderr()) ? true : undefined));
    assert.equal(running.stdout(), 'first\n');
    const [job] = (await home.json<{ jobs: Job[] }>(['list', '--limit', '1'])).jobs;
    assert.deepEqual([job?.name, job?.status], ['slowly', 'pending']);
    await home.bgjobs(['kill', job?.id ?? '']);
    const result = await running.ended;
    assert.equal(result.code, 3);
    assert.match(result.stderr, /canceled before it ran again\n$/);
  });
});
