import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiClient } from '../../src/client/apiClient.ts';
import type { Job } from '../../src/api/job.ts';
import { failure } from '../helpers/engine/engineFixture.ts';
import { useHostHome } from '../helpers/jobHost.ts';
import { mayMount } from '../helpers/smallDisk.ts';
import { until } from '../helpers/until.ts';

const refused = failure('disk_full', /cannot be written\. Check whether it is read-only or damaged/);

async function running(client: ApiClient, script: string): Promise<Job> {
  const { job } = await client.startJob({ argv: ['sh', '-c', `echo up; ${script}`], cwd: '/' });
  await client.waitForJob(job.id, { for: '/up/' });
  return client.getJob(job.id);
}

describe('a store that becomes read-only', function () {
  if (!mayMount()) return;
  const home = useHostHome();

  it('takes no job, keeps those it has, and goes on when it can be written', async () => {
    const client = await home.connect();
    const job = await running(client, 'exec sleep 60');
    const { job: ended } = await client.startJob({ argv: ['true'], cwd: '/' });
    await client.waitForJob(ended.id);
    execFileSync('mount', ['--bind', home.path, home.path]);
    try {
      execFileSync('mount', ['-o', 'remount,bind,ro', home.path]);
      await assert.rejects(client.startJob({ argv: ['true'], cwd: '/' }), refused);
      assert.equal((await client.listJobs()).total, 2);
      assert.match((await client.getHost()).warnings.join(), /No job starts, because .* cannot be written\. Check/);
      await client.removeJob(ended.id);
      assert.equal((await client.killJob(job.id)).job.status, 'killed');
      await home.killHost();
      await assert.rejects(home.connect(), failure('host_unreachable', /cannot be used.*read-only.*Make it writable/));
    } finally {
      execFileSync('umount', ['--lazy', home.path]);
    }
    const next = await home.connect();
    assert.deepEqual(
      (await next.listJobs()).jobs.map(({ id, status }) => [id, status]),
      [[job.id, 'killed']],
    );
    await until('what is left of the removed job is removed', () => {
      const [name, ...others] = readdirSync(join(home.path, 'runs'));
      return (name === `${job.id}.1` && others.length === 0) || undefined;
    });
    const again = await next.startJob({ argv: ['true'], cwd: '/' });
    assert.equal((await next.waitForJob(again.job.id)).job.status, 'completed');
  });
});

describe('a store on a file system that the system stops writing, as it does after an error', function () {
  if (!mayMount() || !existsSync('/dev/loop-control') || spawnSync('mkfs.ext4', ['-V']).error) return;
  const mount = (path: string): void => void execFileSync('mount', ['-o', 'loop', `${path}.img`, path]);
  const unmount = (path: string): void => void execFileSync('umount', ['--lazy', path]);
  const home = useHostHome(
    (temporary) => join(temporary, 'disk'),
    (path) => {
      writeFileSync(`${path}.img`, '');
      truncateSync(`${path}.img`, 64 * 1024 * 1024);
      execFileSync('mkfs.ext4', ['-q', `${path}.img`]);
      mkdirSync(path);
      mount(path);
      return () => unmount(path);
    },
  );

  it('takes no job, its jobs can be read and killed, and the next host says nothing untrue of them', async () => {
    const client = await home.connect();
    const job = await running(client, 'exec sleep 60');
    execFileSync('sync');
    execFileSync('mount', ['-o', 'remount,abort', home.path]);
    await assert.rejects(client.startJob({ argv: ['true'], cwd: '/' }), refused);
    assert.equal((await client.getJob(job.id)).status, 'running');
    // Its end is recorded when that is possible again, as on a full disk.
    assert.equal((await client.killJob(job.id)).job.status, 'running');
    assert.ok(!existsSync(`/proc/${job.pid}`));
    await home.killHost();
    await assert.rejects(home.connect(), refused);
    unmount(home.path);
    mount(home.path);
    const next = await home.connect();
    const { status, exitCode, reason } = await next.getJob(job.id);
    assert.deepEqual([status, exitCode, reason], ['lost', null, 'supervisor_lost']);
    await until('no process is left but the host', () => (home.processes().length === 1 ? true : undefined));
  });
});
