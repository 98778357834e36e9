import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostRecord } from '../../src/dataDir/dataDir.ts';
import type { Job, JobList } from '../../src/api/job.ts';
import { useHome } from '../helpers/cli.ts';
import { isAlive } from '../helpers/doctor.ts';
import { until } from '../helpers/until.ts';

interface Host {
  running: boolean;
  pid: number | null;
}

describe('a living job host whose files are changed', () => {
  const home = useHome();
  const file = (name: string): string => join(home.path, name);
  const record = (): HostRecord => JSON.parse(readFileSync(file('host.json'), 'utf8')) as HostRecord;
  const remove = (...names: string[]): void => names.forEach((name) => unlinkSync(file(name)));
  const changed = (change: Partial<HostRecord>): void =>
    writeFileSync(file('host.json'), JSON.stringify({ ...record(), ...change }));
  const store = ['jobs.db', 'jobs.db-wal', 'jobs.db-shm'];

  const changes: Record<string, () => void> = {
    'host.json is damaged': () => writeFileSync(file('host.json'), 'x'),
    'host.json is empty': () => writeFileSync(file('host.json'), ''),
    'host.json is removed': () => remove('host.json'),
    'host.json has another token': () => changed({ token: 'x'.repeat(43) }),
    'host.json has another endpoint': () => changed({ endpoint: file('other.sock') }),
    'host.lock is removed': () => remove('host.lock'),
    'host.lock and host.json are removed': () => remove('host.lock', 'host.json'),
  };
  for (const [name, change] of Object.entries(changes)) {
    it(`stays the only one, and is found: ${name}`, async () => {
      const job = await home.run(['--', 'sleep', '60']);
      const before = record();
      change();
      assert.equal((await home.json<Job>(['status', job.id])).status, 'running');
      assert.deepEqual(record(), before);
      assert.equal((await home.json<Host>(['host', 'status'])).pid, before.pid);
      await until(
        'the files are back',
        () => (existsSync(file('host.lock')) && existsSync(file('host.json'))) || undefined,
      );
      // What was put back is watched as well.
      change();
      assert.equal((await home.json<{ result: string }>(['kill', job.id])).result, 'killed');
      assert.deepEqual(record(), before);
    });
  }

  it('leaves when its socket is removed, and the next one goes on with its jobs', async () => {
    const job = await home.run(['--', 'sleep', '60']);
    const { pid, endpoint } = record();
    unlinkSync(endpoint);
    await until('it has left', () => (isAlive(pid) ? undefined : true));
    assert.equal((await home.json<Job>(['status', job.id])).status, 'running');
    await home.json(['kill', job.id]);
  });

  it('leaves when its store is removed, and says why', async () => {
    const job = await home.run(['--', 'sleep', '60']);
    const { pid } = record();
    remove(...store);
    await until('it has left', () => (isAlive(pid) ? undefined : true));
    assert.match(readFileSync(file('host.log'), 'utf8'), /leaving: its store was removed/);
    // The next one finds the run by its folder and its process.
    assert.equal((await home.json<Job>(['status', job.id])).status, 'running');
    assert.notEqual(record().pid, pid);
    await home.json(['kill', job.id]);
  });

  it('leaves when the whole folder is removed', async () => {
    await home.run(['--', 'true']);
    const { pid } = record();
    await until('nothing runs', async () => {
      const { jobs } = await home.json<JobList>(['list', '--status', 'running']);
      return jobs.length === 0 || undefined;
    });
    rmSync(home.path, { recursive: true, maxRetries: 10 });
    await until('it has left', () => (isAlive(pid) ? undefined : true));
    mkdirSync(home.path);
  });
});
