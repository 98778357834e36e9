import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Job, JobList } from '../../src/api/job.ts';
import { useHome } from '../helpers/cli.ts';
import { until } from '../helpers/until.ts';

describe('the job host killed with SIGKILL while 20 jobs write', () => {
  const home = useHome({ BGJOBS_MAX_CONCURRENT_JOBS: '0' });
  const count = 20;
  const lines = 2000;

  it('loses no line and no exit code', async () => {
    // In the middle every job waits for a file, so that all of them are under way when the host dies.
    const script = `i=0; while [ $i -lt ${lines} ]; do
      if [ $i -eq ${lines / 2} ]; then until [ -e go ]; do sleep 0.02; done; fi
      echo "$0 line $i"; i=$((i+1)); done; exit $0`;
    for (let code = 0; code < count; code++) {
      await home.run(['--session', `s${code % 5}`, '--name', `job ${code}`, '--', 'sh', '-c', script, String(code)]);
    }
    const { jobs: before } = await home.json<JobList>(['list']);
    for (const { id } of before) {
      await home.json(['wait', id, '--for', `/line ${lines / 2 - 1}$/`]);
    }
    const { pid } = await home.json<{ pid: number }>(['host', 'status']);
    process.kill(pid, 'SIGKILL');
    writeFileSync(`${home.path}/go`, '');
    // Some end while there is no host, the others when there is a new one.
    const log = (job: Job | undefined): string => readFileSync(job?.runs[0]?.logs.stdout ?? '', 'utf8');
    await until('one is through', () => (log(before[0]).includes(`line ${lines - 1}\n`) ? true : undefined));

    const { jobs } = await home.json<JobList>(['list']);
    assert.equal(jobs.length, count);
    for (const job of jobs) {
      const code = Number(job.name?.split(' ')[1]);
      const ended = await home.ended(job.id);
      assert.deepEqual([ended.status, ended.exitCode, ended.signal], [code === 0 ? 'completed' : 'failed', code, null]);
      assert.equal(ended.runs.length, 1);
      const expected = Array.from({ length: lines }, (_, index) => `${code} line ${index}\n`).join('');
      assert.ok((await home.bgjobs(['output', job.id])).stdout === expected, `job ${code}`);
    }
  });
});

describe('the job host killed with SIGKILL while somebody follows', () => {
  const home = useHome();

  it('loses no byte and not the exit code for the follower', async () => {
    const script = 'echo before; until [ -e go ]; do sleep 0.02; done; echo after; exit 21';
    const running = await home.start(['run', '--wait', '--', 'sh', '-c', script]);
    await until('the first line is shown', () => (running.stdout() === 'before\n' ? true : undefined));
    const { pid } = await home.json<{ pid: number }>(['host', 'status']);
    process.kill(pid, 'SIGKILL');
    writeFileSync(`${home.path}/go`, '');
    const result = await running.ended;
    assert.deepEqual([result.code, result.stdout, result.stderr], [21, 'before\nafter\n', '']);
  });
});
