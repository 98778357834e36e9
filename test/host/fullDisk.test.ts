import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ApiClient } from '../../src/client/apiClient.ts';
import type { Job } from '../../src/api/job.ts';
import type { StartRequest } from '../../src/api/options.ts';
import { useHostHome } from '../helpers/jobHost.ts';
import { failure } from '../helpers/engine/engineFixture.ts';
import { mayMount, SmallDisk } from '../helpers/smallDisk.ts';
import { until } from '../helpers/until.ts';

describe('on a full disk', function () {
  if (!mayMount()) return;
  let disk!: SmallDisk;
  const home = useHostHome(
    (temporary) => join(temporary, 'disk'),
    (path) => (disk = new SmallDisk(path, 'size=12m')).remove,
  );

  const start = async (client: ApiClient, script: string, more: Partial<StartRequest> = {}): Promise<Job> =>
    (await client.startJob({ argv: ['sh', '-c', script], cwd: '/', ...more })).job;
  const finished = async (client: ApiClient, script: string): Promise<Job> =>
    (await client.waitForJob((await start(client, script)).id)).job;
  const running = async (client: ApiClient, script: string): Promise<Job> => {
    const { id } = await start(client, `echo up; ${script}`);
    await client.waitForJob(id, { for: '/up/' });
    return client.getJob(id);
  };
  /** A client of a host with its reserve. */
  const opened = async (): Promise<ApiClient> => {
    const client = await home.connect();
    await until('the reserve is there', () => (disk.reserve === 4 ? true : undefined));
    return client;
  };
  const stateOf = ({ pid }: Job): string => /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]!;
  const warnings = async (client: ApiClient): Promise<string> => (await client.getHost()).warnings.join();
  const refused = failure('disk_full', /is full\. Free some space/);

  it('finished jobs can be cleaned up, and then jobs start again', async () => {
    const client = await opened();
    for (let number = 0; number < 3; number++) await finished(client, 'yes | head -c 2000000');
    const chatty = await start(client, 'yes | head -c 30000000; sleep 60');
    await until('the disk is full', async () => (/is full/.test(await warnings(client)) ? true : undefined));
    await assert.rejects(start(client, 'true'), refused);
    assert.deepEqual(await client.cleanUp({ keep: 0 }), { cleaned: 3, remaining: 0 });
    assert.equal(await warnings(client), '');
    assert.equal((await finished(client, 'exit 3')).exitCode, 3);
    assert.equal((await client.killJob(chatty.id)).job.status, 'killed');
  });

  it('a job can be removed when even the reserve is used up: its log makes room for that', async () => {
    const client = await opened();
    const job = await finished(client, 'yes | head -c 2000000');
    disk.fill();
    disk.useUpReserve();
    await client.removeJob(job.id);
    await assert.rejects(client.getJob(job.id), failure('job_not_found'));
    assert.deepEqual([readdirSync(join(home.path, 'runs')), readdirSync(join(home.path, 'removing'))], [[], []]);
  });

  it('the next host finishes a removal during which its predecessor was killed', async () => {
    const client = await opened();
    const job = await finished(client, 'echo something');
    const kept = await finished(client, 'echo more');
    const folder = dirname(job.runs[0]!.logs.stdout);
    await home.killHost();
    renameSync(folder, join(home.path, 'removing', basename(folder)));
    const next = await home.connect();
    await until('the job has gone', async () => ((await next.listJobs()).total === 1 ? true : undefined));
    assert.equal((await next.getJob(kept.id)).status, 'completed');
    await until('its folder has gone', () =>
      readdirSync(join(home.path, 'removing')).length === 0 ? true : undefined,
    );
  });

  it('jobs are killed, paused and resumed, and their ends are recorded at once', async () => {
    const client = await opened();
    const killed = await running(client, 'exec sleep 60');
    const paused = await running(client, 'exec sleep 60');
    const ending = await start(client, 'echo up; read line; exit 7', { stdin: { type: 'pipe' } });
    const waiting = await start(client, 'true', { held: true });
    disk.fill();
    assert.equal((await client.pauseJob(paused.id)).status, 'paused');
    assert.equal(stateOf(paused), 'T');
    assert.equal((await client.killJob(killed.id)).job.status, 'killed');
    await client.sendInput(ending.id, { text: '\n' });
    const { job } = await client.waitForJob(ending.id);
    assert.deepEqual([job.status, job.exitCode], ['failed', 7]);
    assert.equal((await client.resumeJob(paused.id)).status, 'running');
    await client.removeJob(waiting.id);
    await home.killHost();
    const next = await home.connect();
    const after = await next.getJob(killed.id);
    assert.deepEqual([after.status, after.reason], ['killed', 'user']);
    assert.equal((await next.getJob(paused.id)).status, 'running');
  });

  it('a pause that cannot be recorded is not done', async () => {
    const client = await opened();
    const job = await running(client, 'exec sleep 60');
    disk.fill();
    disk.useUpReserve();
    await assert.rejects(client.pauseJob(job.id), refused);
    assert.equal((await client.getJob(job.id)).status, 'running');
    assert.equal(stateOf(job), 'S');
    disk.free();
    assert.equal((await client.pauseJob(job.id)).status, 'paused');
    disk.fill();
    disk.useUpReserve();
    await assert.rejects(client.resumeJob(job.id), refused);
    assert.equal((await client.getJob(job.id)).status, 'paused');
    assert.equal(stateOf(job), 'T');
  });

  it('nobody has killed a run that had ended by itself before that could be recorded', async () => {
    const client = await opened();
    const job = await running(client, `until [ -e ${home.path}/go ]; do sleep 0.02; done; exit 5`);
    mkdirSync(join(home.path, 'go'));
    disk.fill();
    disk.useUpReserve();
    await until('it has ended', () => (existsSync(`/proc/${job.pid}`) ? undefined : true));
    const { result } = await client.killJob(job.id);
    assert.equal(result, 'already_terminated');
    disk.free();
    const ended = (await client.waitForJob(job.id)).job;
    assert.deepEqual([ended.status, ended.exitCode], ['failed', 5]);
  });

  it('waiting jobs wait until there is room, and the reserve is made whole again', async () => {
    const client = await opened();
    await client.updateHost({ maxConcurrentJobs: 1 });
    const first = await running(client, 'exec sleep 60');
    const second = await start(client, 'exit 6');
    disk.fill();
    await client.killJob(first.id);
    const { status, waitingFor } = await client.getJob(second.id);
    assert.deepEqual(
      [status, waitingFor],
      ['pending', { type: 'resources', text: 'the disk that holds the jobs is full' }],
    );
    disk.free();
    assert.equal((await client.waitForJob(second.id)).job.exitCode, 6);
    await finished(client, 'true');
    await until('the reserve is whole', () => (disk.reserve === 4 ? true : undefined));
  });

  it('a job host starts and cleans up, and without the reserve it says what is wrong', async () => {
    const client = await opened();
    await finished(client, 'echo text');
    await client.stopHost();
    await until('the host has left', () => (home.processes().length === 0 ? true : undefined));
    disk.fill();
    const next = await home.connect();
    assert.deepEqual(await next.cleanUp({ keep: 0 }), { cleaned: 1, remaining: 0 });
    await next.stopHost();
    await until('the host has left', () => (home.processes().length === 0 ? true : undefined));
    disk.fill();
    disk.useUpReserve();
    await assert.rejects(home.connect(), refused);
    disk.free();
  });
});

describe('on a disk without room for more files', function () {
  if (!mayMount()) return;
  let disk!: SmallDisk;
  const home = useHostHome(
    (temporary) => join(temporary, 'disk'),
    (path) => (disk = new SmallDisk(path, 'size=50m,nr_inodes=60')).remove,
  );

  it('jobs are refused, nothing of them is stored, and cleaning up helps', async () => {
    const client = await home.connect();
    await until('the reserve is there', () => (disk.reserve === 4 ? true : undefined));
    const request = { argv: ['true'], cwd: '/' };
    const { job } = await client.startJob(request);
    await client.waitForJob(job.id);
    disk.fillWithFiles();
    await assert.rejects(
      client.startJob(request),
      failure('disk_full', /has no room for more files\. Free some space/),
    );
    assert.equal((await client.listJobs()).total, 1);
    assert.match((await client.getHost()).warnings.join(), /has no room for more files/);
    assert.equal((await client.cleanUp({ keep: 0 })).cleaned, 1);
    disk.free();
    assert.equal((await client.startJob(request)).created, true);
  });
});
