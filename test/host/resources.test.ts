import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { join } from 'node:path';
import type { Job } from '../../src/api/job.ts';
import { agentWording, waitingText } from '../../src/text/stateText.ts';
import { processesOf, useHome } from '../helpers/cli.ts';
import { useHostHome } from '../helpers/jobHost.ts';

const mebibyte = 1024 ** 2;

/** Takes so many MiB and touches them, in steps of 20, and keeps them. */
const hog = (mebibytes: number): string => `
  const held = [];
  const more = setInterval(() => {
    held.push(Buffer.alloc(20 * ${mebibyte}, 1));
    if (held.length * 20 >= ${mebibytes}) clearInterval(more);
  }, 10);
  setTimeout(() => {}, 600_000);`;

function assertOverLimit(job: Job, limit: number): void {
  assert.deepEqual([job.status, job.reason, job.signal], ['timed_out', 'out_of_memory', 'SIGKILL']);
  assert.match(job.reasonText ?? '', new RegExp(`^\\d+\\.\\d\\d MiB in memory, ${limit}\\.00 MiB allowed$`));
  assert.ok((job.runs[0]?.maxMemoryBytes ?? 0) > limit * mebibyte, JSON.stringify(job.runs));
}

describe('bgjobs run --memory', () => {
  const home = useHome();
  /** The host alone is left. */
  const processes = (): number => processesOf(home.path).length;

  it('ends a job that exceeds its limit, with all its processes, and says so', async () => {
    const started = await home.run(['--memory', '200M', '--', process.execPath, '-e', hog(1000)]);
    assert.deepEqual(started.options.limits, { memoryBytes: 200 * mebibyte });
    assertOverLimit(await home.ended(started.id), 200);
    assert.equal(processes(), 1);
    const { stdout } = await home.bgjobs(['status', started.id]);
    assert.match(stdout, /^Status +exceeded its memory limit \(SIGKILL\) after \S+: \S+ MiB in memory, 200\.00 MiB/m);
    assert.match(stdout, /^Memory limit +200\.0 MiB$/m);
    assert.match(stdout, /, peak memory \S+ MiB$/m);
  });

  it('counts the whole tree, also processes that left its session', async () => {
    const one = `"$NODE" -e '${hog(140)}'`;
    const line = `${one} & setsid ${one} & wait`;
    const job = await home.run(['--memory', '200M', '--env', `NODE=${process.execPath}`, '--shell', line]);
    assertOverLimit(await home.ended(job.id), 200);
    assert.equal(processes(), 1);
  });

  it('does not affect a job below its limit, and records its peak', async () => {
    const script = `const held = Buffer.alloc(100 * ${mebibyte}, 1); setTimeout(() => process.exit(held[0] + 3), 2000);`;
    const job = await home.ended((await home.run(['--memory', '200M', '--', process.execPath, '-e', script])).id);
    assert.deepEqual([job.status, job.exitCode, job.reason], ['failed', 4, 'exit']);
    const most = job.runs[0]?.maxMemoryBytes ?? 0;
    assert.ok(most > 100 * mebibyte && most < 200 * mebibyte, String(most));
  });

  it('measures no job without a limit', async () => {
    const job = await home.ended((await home.run(['--', 'sleep', '1'])).id);
    assert.deepEqual([job.status, job.runs[0]?.maxMemoryBytes], ['completed', null]);
  });
});

describe('a memory limit', () => {
  const home = useHostHome();

  it('holds under the next host', async () => {
    const go = join(home.path, 'go');
    const script = `
      const wait = setInterval(() => {
        if (!require('fs').existsSync(process.argv[1])) return;
        clearInterval(wait);
        ${hog(1000)}
      }, 20);`;
    const argv = [process.execPath, '-e', script, go];
    const limits = { memoryBytes: 200 * mebibyte };
    const { job } = await (await home.connect()).startJob({ argv, cwd: home.path, limits });
    await home.killHost();
    const next = await home.connect();
    writeFileSync(go, '');
    assertOverLimit((await next.waitForJob(job.id)).job, 200);
  });
});

describe('bgjobs run --nice', () => {
  const home = useHome();
  const show = ['sh', '-c', 'ps -o ni= -p $$; sh -c \'ps -o ni= -p $$\'; echo "$1"', 'sh', 'a  b'];
  const own = getPriority();

  it('sets the value of the command and of its descendants', async () => {
    const { stdout, stderr, code } = await home.bgjobs(['run', '--wait', '--nice', '11', '--', ...show]);
    assert.deepEqual([stdout.split('\n').map((line) => line.trim()), code], [['11', '11', 'a  b', ''], 0], stderr);
  });

  it('does not affect other jobs', async () => {
    const { stdout } = await home.bgjobs(['run', '--wait', '--', ...show]);
    assert.equal(stdout.trim().split('\n')[0]?.trim(), String(own));
  });

  it('needs privileges for a lower value, and says so', async () => {
    const job = await home.ended((await home.run(['--nice', '-7', '--', ...show])).id);
    if (mayLower()) {
      assert.match((await home.bgjobs(['output', job.id])).stdout, /^ *-7\n *-7\n/);
      assert.match((await home.bgjobs(['status', job.id])).stdout, /^Nice value +-7$/m);
    } else {
      assert.deepEqual([job.status, job.error?.code], ['failed', 'permission_denied']);
      assert.match(job.error?.message ?? '', /nice value -7 is below 0.* Give 0 or more/);
    }
  });

  it('refuses an invalid value', async () => {
    for (const nice of ['20', '-21']) {
      assert.equal((await home.error(2, ['run', '--nice', nice, '--', 'true'])).code, 'invalid_request');
    }
    assert.equal((await home.bgjobs(['run', '--nice', 'low', '--', 'true'])).code, 2);
  });

  function mayLower(): boolean {
    try {
      setPriority(own - 1);
      setPriority(own);
      return true;
    } catch {
      return false;
    }
  }
});

describe('thresholds of free memory and load', () => {
  const hosts = useHostHome();
  const all = Number.MAX_SAFE_INTEGER;

  it('hold jobs back with a reason until there is enough', async () => {
    const client = await hosts.connect();
    await client.updateHost({ minFreeMemoryBytes: all });
    const { job } = await client.startJob({ argv: ['true'], cwd: hosts.path });
    assert.equal(job.status, 'pending');
    assert.equal(job.waitingFor?.type, 'resources');
    assert.match(waitingText(job, agentWording(0)), /^\d+ MiB of memory are free, less than \d+ MiB/);
    const rejected = client.startJob({ argv: ['true'], cwd: hosts.path, ifFull: 'reject' });
    await assert.rejects(rejected, /No job can start now because \d+ MiB of memory are free/);
    await client.updateHost({ minFreeMemoryBytes: 0 });
    assert.equal((await client.waitForJob(job.id)).job.status, 'completed');
  });

  it('can be set by the environment, and do not affect running jobs', async () => {
    const env = { ...hosts.options().env, BGJOBS_MIN_FREE_MEMORY_BYTES: '1', BGJOBS_MAX_LOAD: '100000' };
    const client = await hosts.connect({ env });
    const { minFreeMemoryBytes, maxLoadAverage } = (await client.getHost()).settings;
    assert.deepEqual([minFreeMemoryBytes, maxLoadAverage], [1, 100_000]);
    const { job } = await client.startJob({ argv: ['sleep', '600'], cwd: hosts.path });
    assert.equal(job.status, 'running');
  });
});
