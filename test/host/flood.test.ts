import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../../src/client/apiClient.ts';
import type { Job } from '../../src/api/job.ts';
import { useHostHome } from '../helpers/jobHost.ts';
import { until } from '../helpers/until.ts';

const mebibyte = 1024 ** 2;
const maxLogBytes = 16 * mebibyte;

describe('a job that writes as fast as it can', function () {
  if (process.platform !== 'linux') return;
  const home = useHostHome();

  const start = async (client: ApiClient, script: string): Promise<Job> =>
    (await client.startJob({ argv: ['sh', '-c', script], cwd: '/', maxLogBytes })).job;
  const log = ({ id }: Job): string => `${home.path}/runs/${id}.1/stdout.log`;
  const taken = (job: Job): number => (statSync(log(job), { throwIfNoEntry: false })?.blocks ?? 0) * 512;
  const size = (job: Job): number => statSync(log(job)).size;
  const stateOf = (pid: number | null): string =>
    /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]!;

  it('takes little more of the disk than twice its limit, goes on, and is left alone when it writes less', async () => {
    const client = await home.connect();
    const job = await start(client, 'timeout 3 yes; echo done >&2; exec sleep 60');
    let most = 0;
    await until('the flood is over', async () => {
      most = Math.max(most, taken(job));
      const { stderrBytes } = (await client.getJob(job.id)).runs[0]!;
      return stderrBytes > 0 ? true : undefined;
    });
    // Twice the limit and 8 MiB, and more where the host has to wait for a processor. Without a limit it is gigabytes.
    assert.ok(most <= 6 * (2 * maxLogBytes + 8 * mebibyte), `${most / mebibyte} MiB`);
    assert.ok(size(job) > 8 * maxLogBytes, `${size(job) / mebibyte} MiB`);
    const { pid } = await client.getJob(job.id);
    await sleep(100);
    await until('it sleeps', () => (stateOf(pid) === 'S' ? true : undefined));
    await until('the log is cut', () => (taken(job) <= 1.25 * maxLogBytes + mebibyte ? true : undefined));
  });

  it('can be paused, resumed and killed', async () => {
    const client = await home.connect();
    const job = await start(client, 'exec yes');
    await until('it is cut', async () => ((await client.getJob(job.id)).runs[0]!.droppedBytes > 0 ? true : undefined));
    assert.equal((await client.pauseJob(job.id)).status, 'paused');
    const paused = await until('it writes no more', async () => {
      const before = size(job);
      await sleep(200);
      return size(job) === before ? before : undefined;
    });
    assert.equal((await client.resumeJob(job.id)).status, 'running');
    await until('it writes again', () => (size(job) > paused ? true : undefined));
    assert.equal((await client.killJob(job.id)).job.status, 'killed');
  });

  it('is continued by the next host if this one is killed', async () => {
    const client = await home.connect();
    const job = await start(client, 'exec yes');
    await until('it is stopped', () => (stateOf(job.pid) === 'T' ? true : undefined));
    await home.killHost();
    const next = await home.connect();
    const before = size(job);
    await until('it goes on', () => (size(job) > before ? true : undefined));
    assert.equal((await next.killJob(job.id)).job.status, 'killed');
  });
});
