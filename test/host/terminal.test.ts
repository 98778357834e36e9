import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failure } from '../helpers/engine/engineFixture.ts';
import { useHostHome } from '../helpers/jobHost.ts';
import { mayMount, SmallDisk } from '../helpers/smallDisk.ts';
import { until } from '../helpers/until.ts';

describe('a job with a terminal', () => {
  const home = useHostHome();

  it('is refused by a host that has no terminals for its system, and nothing is stored', async () => {
    const script = join(home.path, 'host.js');
    cpSync(join(import.meta.dirname, '..', '..', 'dist', 'host.js'), script);
    const client = await home.connect({ script });
    const request = { argv: ['true'], cwd: '/', tty: true };
    await assert.rejects(
      client.startJob(request),
      failure('invalid_request', /no terminals for .*Start the job without tty/),
    );
    assert.equal((await client.listJobs()).total, 0);
  });
});

describe('a job with a terminal', function () {
  if (!mayMount()) return;
  let disk!: SmallDisk;
  const home = useHostHome(
    (temporary) => join(temporary, 'disk'),
    (path) => (disk = new SmallDisk(path, 'size=12m')).remove,
  );

  it('waits on a full disk until there is room, and all of its output is there', async () => {
    const client = await home.connect();
    await until('the reserve is there', () => (disk.reserve === 4 ? true : undefined));
    const command = 'stty -opost; echo up; read x; seq 1 300000; echo over; sleep 600';
    const { id } = (await client.startJob({ command, cwd: '/', tty: true })).job;
    await client.waitForJob(id, { for: '/up/' });
    const { pid } = await until('its pid is known', async () => {
      const job = await client.getJob(id);
      return job.pid === null ? undefined : job;
    });
    disk.fill();
    await client.sendInput(id, { text: '\n' });
    await until('seq waits for the terminal', () => {
      const seq = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
      return seq !== '' && /^State:\s+S/m.test(readFileSync(`/proc/${seq}/status`, 'utf8')) ? true : undefined;
    });
    assert.doesNotMatch(JSON.stringify(await client.getOutput(id, { tail: 5 })), /over/);
    disk.free();
    await client.waitForJob(id, { for: '/over/' });
    const log = readFileSync((await client.getJob(id)).runs[0]!.logs.stdout, 'utf8');
    const numbers = Array.from({ length: 300_000 }, (_, index) => index + 1).join('\n');
    assert.equal(log.slice(log.indexOf('1\n')), `${numbers}\nover\n`);
  });
});
