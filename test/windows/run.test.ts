import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../../src/api/job.ts';
import { useWindows, windowsPath } from '../helpers/windows/machine.ts';

describe('on Windows', () => {
  const windows = useWindows();

  it('the job host is reached by a named pipe', async () => {
    const { code, stdout } = await windows().bgjobs('host', 'start');
    assert.equal(code, 0);
    assert.match(stdout, /\\\\\.\\pipe\\bgjobs-[0-9a-f-]+/);
  });

  it('a job ends with the exit code of its command, also with one that only Windows has', async () => {
    for (const code of [0, 1, 3, 255, 0xc0000005]) {
      const { stdout } = await windows().bgjobs('run', '--wait', '--json', '--', 'cmd', '/c', `exit ${code | 0}`);
      const job = JSON.parse(stdout) as Job;
      assert.deepEqual([job.status, job.exitCode], [code === 0 ? 'completed' : 'failed', code]);
    }
  });

  it('all of the output is kept, of both streams', async () => {
    const script = join(windows().folder, 'writes.js');
    const lines = 20_000;
    writeFileSync(
      script,
      `for (let i = 1; i <= ${lines}; i++) { console.log('line ' + i); if (i % 100 === 0) console.error('error ' + i); }`,
    );
    const node = windowsPath(windows().nodePath);
    const job = await windows().json<Job>('run', '--wait', '--', node, windowsPath(script));
    const { stdout, stderr } = await windows().bgjobs('logs', job.id);
    const numbers = (count: number, step = 1) => Array.from({ length: count }, (_, index) => (index + 1) * step);
    assert.equal(
      stdout,
      numbers(lines)
        .map((n) => `line ${n}\n`)
        .join(''),
    );
    assert.equal(
      stderr,
      numbers(lines / 100, 100)
        .map((n) => `error ${n}\n`)
        .join(''),
    );
  });
});
