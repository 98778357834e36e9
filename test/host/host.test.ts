import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../../src/api/job.ts';
import { processesOf, useHome } from '../helpers/cli.ts';
import { until } from '../helpers/until.ts';

interface HostStatus {
  running: boolean;
  pid: number | null;
  version: string | null;
  protocol: number | null;
  endpoint: string | null;
  uptimeMs: number | null;
}
const none: HostStatus = { running: false, pid: null, version: null, protocol: null, endpoint: null, uptimeMs: null };

describe('bgjobs host', () => {
  const home = useHome();
  const gone = (pid: number | null): Promise<true> =>
    until('the host has gone', () => (processesOf(home.path).includes(pid ?? 0) ? undefined : (true as const)));

  it('status starts nothing', async () => {
    assert.deepEqual(await home.json(['host', 'status']), none);
    const text = await home.bgjobs(['host', 'status']);
    assert.equal(text.code, 0);
    assert.match(text.stdout, /not running/);
    assert.deepEqual(processesOf(home.path), []);
  });

  it('stop without a host changes nothing', async () => {
    assert.deepEqual(await home.json(['host', 'stop']), none);
  });

  it('start starts it once', async () => {
    const started = await home.json<HostStatus>(['host', 'start']);
    assert.equal(started.running, true);
    assert.ok(started.pid !== null && processesOf(home.path).includes(started.pid));
    assert.ok(started.endpoint && started.version && started.protocol);
    assert.ok(started.uptimeMs !== null && started.uptimeMs >= 0);
    assert.equal((await home.json<HostStatus>(['host', 'start'])).pid, started.pid);
    assert.equal((await home.json<HostStatus>(['host', 'status'])).pid, started.pid);
    assert.match((await home.bgjobs(['host', 'status'])).stdout, new RegExp(`\\b${started.pid}\\b`));
  });

  it('stop ends it and leaves the jobs running, and the next one adopts them', async () => {
    const { pid } = await home.json<HostStatus>(['host', 'status']);
    const job = await home.run(['--stdin', 'pipe', '--', 'sh', '-c', 'read x; echo "got $x"; exit 9']);
    await home.reaches(job.id, 'running');
    assert.deepEqual(await home.json(['host', 'stop']), none);
    await gone(pid);
    const adopted = await home.json<Job>(['status', job.id]);
    assert.equal(adopted.status, 'running');
    assert.notEqual((await home.json<HostStatus>(['host', 'status'])).pid, pid);
    await home.json(['input', job.id, 'it']);
    assert.equal((await home.ended(job.id)).exitCode, 9);
    assert.equal((await home.bgjobs(['output', job.id])).stdout, 'got it\n');
  });

  it('a host that was killed is not running, whatever files remain', async () => {
    const { pid } = await home.json<HostStatus>(['host', 'start']);
    process.kill(pid ?? 0, 'SIGKILL');
    await gone(pid);
    assert.deepEqual(await home.json(['host', 'status']), none);
  });
});

describe('bgjobs without a host that can be reached', () => {
  const home = useHome();

  it('exits with 5 and says why', async () => {
    const file = join(home.path, 'file');
    writeFileSync(file, '');
    const env = { BGJOBS_HOME: join(file, 'home') };
    const error = await home.error(5, ['list'], { env });
    assert.equal(error.code, 'host_unreachable');
    const text = await home.bgjobs(['list'], { env });
    assert.deepEqual([text.code, text.stdout], [5, '']);
    assert.ok(text.stderr.startsWith('bgjobs: ') && text.stderr.includes(file), text.stderr);
    assert.match(text.stderr, /Run `bgjobs doctor` to find the cause/);
    const cause = await home.bgjobs(['doctor'], { env });
    assert.equal(cause.code, 1);
    assert.match(cause.stdout, /^problem {2}.* cannot be created: .*file is not a folder$/m);
    assert.equal(cause.stdout.match(/^problem/gm)?.length, 1, cause.stdout);
  });

  it('names the version of Node that it needs, when this one is too old', async () => {
    const env = { NODE_OPTIONS: '--no-experimental-sqlite' };
    const { message } = await home.error(5, ['list'], { env });
    assert.match(message, /^The job host needs SQLite, .* Use Node 22\.13 or later\.$/);
  });
});
