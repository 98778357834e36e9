import assert from 'node:assert/strict';
import { connect } from '../../src/client/apiClient.ts';
import type { Job, JobList } from '../../src/api/job.ts';
import { useHome } from '../helpers/cli.ts';

describe('bgjobs status', () => {
  const home = useHome();

  it('shows everything about a job', async () => {
    const job = await home.run([
      ...['--name', 'the build', '--tag', 'team=web', '--timeout', '1h', '--env', 'SECRET=hidden'],
      ...['--', 'sh', '-c', 'echo hello; exit 3'],
    ]);
    await home.ended(job.id);
    const { stdout } = await home.bgjobs(['status', job.shortId]);
    for (const part of [
      job.id,
      'the build',
      'failed (exit code 3) after ',
      "sh -c 'echo hello; exit 3'",
      home.path,
      'team=web',
      'Time limit   1h',
      'Environment  SECRET',
      'Run 1',
      '6 B stdout, 0 B stderr',
      `${job.id}.1/stdout.log`,
    ]) {
      assert.ok(stdout.includes(part), `${part} in\n${stdout}`);
    }
    assert.ok(!stdout.includes('hidden'));
  });

  it('prints the record with --json, in which nothing is absent', async () => {
    const job = await home.ended((await home.run(['--', 'true'])).id);
    const status = await home.json<Job>(['status', job.id]);
    assert.deepEqual(status, job);
    assert.deepEqual(Object.keys(status.runs[0] ?? {}).sort(), [
      ...['droppedBytes', 'durationMs', 'error', 'exitCode', 'finishedAt', 'leftovers', 'logs'],
      ...['maxMemoryBytes', 'number', 'pausedAt', 'pid'],
      ...['reason', 'reasonText', 'remote', 'runId', 'signal', 'startedAt', 'status', 'stderrBytes', 'stdoutBytes'],
    ]);
    assert.equal(status.runs[0]?.runId, `${job.id}.1`);
  });

  it('says that an id is unknown, and exits with 3', async () => {
    const { id } = await home.run(['--hold', '--', 'true']);
    const unknown = id.startsWith('0') ? '1'.repeat(8) : '0'.repeat(8);
    const error = await home.error(3, ['status', unknown]);
    assert.equal(error.code, 'job_not_found');
    const text = await home.bgjobs(['status', unknown]);
    assert.equal(text.code, 3);
    assert.equal(text.stdout, '');
    assert.match(text.stderr, new RegExp(`^bgjobs: .*${unknown}`));
  });

  it('never treats an id as a path or a pattern', async () => {
    for (const id of ['../..', '%', '_', '*', '', 'a/b', '.']) {
      const { code } = await home.bgjobs(['status', '--', id]);
      assert.ok(code === 2 || code === 3, `"${id}" ended with ${code}`);
    }
  });

  it('accepts any unique prefix among 100 jobs, and names the candidates of one that is not', async () => {
    await home.json(['host', 'start']);
    const client = await connect({ home: home.path, start: false });
    while ((await client.listJobs()).total < 100) {
      await client.startJob({ argv: ['true'], cwd: home.path, held: true });
    }
    client.dispose();
    const { jobs } = await home.json<JobList>(['list', '--limit', '100']);
    assert.equal(jobs.length, 100);
    const all = jobs.map((job) => job.id);
    const first = all[0] ?? '';
    const lengths = Array.from({ length: first.length }, (_, index) => index + 1);
    const shortest = lengths.find((length) => all.filter((id) => id.startsWith(first.slice(0, length))).length === 1);
    assert.equal((await home.json<Job>(['status', first.slice(0, shortest)])).id, first);

    // 100 ids cannot all begin with different ones of 16 digits.
    const digit = [...'0123456789abcdef'].find((each) => all.filter((id) => id.startsWith(each)).length > 1) ?? '';
    const ambiguous = await home.bgjobs(['status', digit]);
    assert.notEqual(ambiguous.code, 0);
    assert.ok(
      all.filter((id) => id.startsWith(digit)).some((id) => ambiguous.stderr.includes(id.slice(0, 8))),
      ambiguous.stderr,
    );
  });
});
