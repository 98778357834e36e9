import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { useHome } from '../helpers/cli.ts';
import { until } from '../helpers/until.ts';

describe('a job host that is stopped for seconds, as by SIGSTOP', () => {
  const home = useHome();

  it('loses nothing: who waits gets the output and the exit code, and limits hold', async () => {
    const script = 'echo before; until [ -e go ]; do sleep 0.02; done; echo after; exit 21';
    const following = await home.start(['run', '--wait', '--', 'sh', '-c', script]);
    await until('the first line is shown', () => (following.stdout() === 'before\n' ? true : undefined));
    const limited = await home.run(['--timeout', '1s', '--', 'sleep', '60']);
    const { pid } = await home.json<{ pid: number }>(['host', 'status']);
    process.kill(pid, 'SIGSTOP');
    try {
      writeFileSync(join(home.path, 'go'), '');
      await new Promise((resolve) => setTimeout(resolve, 2000));
      assert.equal(following.child.exitCode, null);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    const { code, stdout, stderr } = await following.ended;
    assert.deepEqual([code, stdout, stderr], [21, 'before\nafter\n', '']);
    const ended = await home.ended(limited.id);
    assert.deepEqual([ended.status, ended.reason], ['timed_out', 'timeout']);
    assert.equal((await home.json<{ pid: number }>(['host', 'status'])).pid, pid);
  });
});

describe('an exit record that is damaged while no host runs', () => {
  const home = useHome();

  for (const [what, text] of [
    ['rubbish', 'rubbish\n'.repeat(8)],
    ['nothing', ''],
    ['a code that there is not', 'began\ncode 999\n'],
  ] as const) {
    it(`is not believed, and the job is lost: ${what}`, async () => {
      const job = await home.run(['--', 'sh', '-c', 'until [ -e go ]; do sleep 0.02; done; rm go; exit 3']);
      const other = await home.run(['--', 'sleep', '60']);
      const { pid } = await home.json<{ pid: number }>(['host', 'status']);
      const record = join(dirname(job.runs[0]!.logs.stdout), 'exit');
      process.kill(pid, 'SIGKILL');
      writeFileSync(join(home.path, 'go'), '');
      await until('the end is recorded', () => (/^code 3$/m.test(readFileSync(record, 'utf8')) ? true : undefined));
      writeFileSync(record, text);
      const { status, exitCode, reason } = await home.ended(job.id);
      assert.deepEqual([status, exitCode, reason], ['lost', null, 'supervisor_lost']);
      assert.equal((await home.json<{ result: string }>(['kill', other.id])).result, 'killed');
    });
  }
});
