import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Job } from '../../src/api/job.ts';
import { useHome } from '../helpers/cli.ts';

describe('bgjobs export', () => {
  const home = useHome();

  it('prints JSON lines and CSV of the jobs that match', async () => {
    const job = await home.run(['--name', 'a "b", c', '--tag', 'x=1', '--wait', '--', 'echo', 'a,b']);
    await home.run(['--name', 'other', '--hold', '--', 'true']);
    const all = (await home.bgjobs(['export'])).stdout.trimEnd().split('\n');
    assert.deepEqual(
      all.map((line) => (JSON.parse(line) as Job).name),
      ['other', 'a "b", c'],
    );
    const { stdout } = await home.bgjobs(['export', '--format', 'csv', 'status=completed', 'tag=x']);
    const [head, row, rest] = stdout.split('\r\n');
    assert.match(head ?? '', /^id,name,session,status,exitCode,/);
    assert.match(row ?? '', new RegExp(`^${job.id},"a ""b"", c",cli,completed,0,,exit,`));
    assert.match(row ?? '', /,1,[^,]*,"\[""echo"",""a,b""\]",x=1$/);
    assert.equal(rest, '');
    const python = 'import csv,sys; print([r["name"] for r in csv.DictReader(sys.stdin)])';
    assert.equal(execFileSync('python3', ['-c', python], { input: stdout, encoding: 'utf8' }), `['a "b", c']\n`);
  });

  it('streams 100,000 jobs in bounded memory', async function () {
    this.timeout(300_000);
    await home.bgjobs(['host', 'stop']);
    const store = new DatabaseSync(join(home.path, 'jobs.db'));
    store.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
      INSERT INTO jobs (id, session, status, spec, createdAt, queuedAt, finishedAt)
      SELECT printf('%08x-0000-4000-8000-000000000000', i), 'many', 'cancelled', (SELECT spec FROM jobs LIMIT 1), 1, 1, 2 FROM n`);
    store.close();
    const running = await home.start(['export', 'session=many']);
    let lines = 0;
    let peak = 0;
    for await (const data of running.child.stdout!) {
      lines += (data as Buffer).toString().split('\n').length - 1;
      if (lines % 5 === 0) peak = Math.max(peak, residentBytes(running.child.pid!));
    }
    const { code, stderr } = await running.ended;
    assert.equal(code, 0, stderr);
    assert.equal(lines, 100_000);
    const hostPeak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${await hostPid()}/status`, 'utf8'))?.[1]) * 1024;
    console.log(`      bgjobs ${Math.round(peak / 1e6)} MB, job host ${Math.round(hostPeak / 1e6)} MB`);
    assert.ok(peak > 0 && peak < 200_000_000, `${peak} bytes`);
    assert.ok(hostPeak < 250_000_000, `${hostPeak} bytes`);
  });

  async function hostPid(): Promise<number> {
    return (await home.json<{ pid: number }>(['host', 'status'])).pid;
  }

  it('ends when its reader goes away', async () => {
    const running = await home.start(['export', 'session=many']);
    await once(running.child.stdout!, 'data');
    running.child.stdout!.destroy();
    assert.notEqual((await running.ended).code, null);
  });

  function residentBytes(pid: number): number {
    try {
      return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
    } catch {
      return 0; // it has ended
    }
  }
});
