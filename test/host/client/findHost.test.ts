import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { homeFiles, readHostRecord, writeHostRecord } from '../../../src/dataDir/dataDir.ts';
import { packageVersion } from '../../../src/bundles.ts';
import { protocolVersion } from '../../../src/api/endpoints.ts';
import type { BgJobsError } from '../../../src/api/errors.ts';
import { useHostHome } from '../../helpers/jobHost.ts';
import { until } from '../../helpers/until.ts';

describe('find or start the host', () => {
  const home = useHostHome();

  it('starts one, and the next client finds it', async () => {
    const first = await home.connect();
    const { pid } = await first.getHost();
    assert.deepEqual(home.processes(), [pid]);
    assert.equal((await (await home.connect()).getHost()).pid, pid);
    assert.deepEqual(home.processes(), [pid]);
  });

  it('does not start a host unless requested', async () => {
    await assert.rejects(home.connect({ start: false }), {
      code: 'host_unreachable',
      message: /No job host is running/,
    });
    assert.deepEqual(home.processes(), []);
  });

  it('ends with one host when twenty clients start at the same moment', async () => {
    const clients = await Promise.all(Array.from({ length: 20 }, () => home.connect()));
    const pids = new Set(await Promise.all(clients.map(async (client) => (await client.getHost()).pid)));
    assert.equal(pids.size, 1);
    await until('the others have made way', () => (home.processes().length === 1 ? true : undefined));
    assert.deepEqual(new Set(home.processes()), pids);
  });

  it('starts the host in the home, away from terminals, without the marks of a job or of the editor', async () => {
    const { env } = home.options({
      BGJOBS_RUN_ID: 'x.1',
      BGJOBS_HOLDER: '1',
      VSCODE_PID: '1',
      ELECTRON_RUN_AS_NODE: '1',
    });
    const { pid } = await (await home.connect({ env })).getHost();
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
    assert.doesNotMatch(environment, /BGJOBS_RUN_ID|BGJOBS_HOLDER|VSCODE_PID|ELECTRON_RUN_AS_NODE/);
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [, , , session, terminal] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    assert.deepEqual([session, terminal], [pid, 0]);
  });

  it('hides the variables of the host from jobs', async () => {
    const client = await home.connect();
    const { job } = await client.startJob({ argv: ['env'], cwd: '/' });
    await client.waitForJob(job.id, { for: 'exit' });
    const { chunks } = await client.getOutput(job.id);
    const text = chunks.map((chunk) => chunk.text).join('');
    assert.match(text, /^BGJOBS_JOB_ID=/m);
    assert.doesNotMatch(text, /^(MALLOC_|ELECTRON_)/m);
  });

  it('replaces a host that was killed, with the files that it left', async () => {
    const { pid } = await (await home.connect()).getHost();
    await home.killHost();
    assert.equal(home.record().pid, pid);
    assert.notEqual((await (await home.connect()).getHost()).pid, pid);
  });

  it('is not misled by invalid files', async () => {
    const files = homeFiles(home.path);
    for (const text of ['', '{', '{"endpoint":"/nowhere"}', 'null']) {
      writeFileSync(files.record, text);
      await assert.rejects(home.connect({ start: false }), /No job host/);
    }
    writeFileSync(join(home.path, 'host.sock'), 'no socket');
    writeFileSync(files.lock, '');
    assert.equal((await (await home.connect()).getHost()).home, home.path);
  });

  it('sends no token to an endpoint where others could listen', async () => {
    const folder = join(home.path, 'open');
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    const endpoint = join(folder, 'host.sock');
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(endpoint, resolve));
    const record = {
      endpoint,
      token: 'secret',
      pid: 1,
      version: packageVersion(),
      protocol: protocolVersion,
      startedAt: new Date().toISOString(),
    };
    writeHostRecord(homeFiles(home.path).record, record);
    await assert.rejects(home.connect({ start: false }), /No job host/);
    assert.equal(connections, 0);
    await new Promise((resolve) => server.close(resolve));
  });

  it('says why a host cannot start', async () => {
    const { env } = home.options({ BGJOBS_MAX_CONCURRENT_JOBS: 'many' });
    const isClear = (error: BgJobsError): boolean =>
      error.code === 'host_unreachable' && /cannot start: BGJOBS_MAX_CONCURRENT_JOBS is "many"/.test(error.message);
    await assert.rejects(home.connect({ env }), isClear);
    await assert.rejects(home.connect({ script: join(home.path, 'missing.js') }), /cannot start: .*missing\.js/s);
    await assert.rejects(home.connect({ execPath: join(home.path, 'no-node') }), /cannot start: .*no-node.*ENOENT/);
  });

  it('says so when the home cannot be used', async () => {
    const file = join(home.path, 'file');
    writeFileSync(file, '');
    await assert.rejects(home.connect({ home: join(file, 'home') }), {
      code: 'host_unreachable',
      message: /file\/home cannot be used.*BGJOBS_HOME/,
    });
  });

  it('gives up on a host that is killed at every start', async () => {
    const script = join(home.path, 'dies.js');
    writeFileSync(script, "process.kill(process.pid, 'SIGKILL')");
    await assert.rejects(home.connect({ script }), /started 3 times/);
  });

  it('gives up on a host that never answers', async () => {
    const script = join(home.path, 'hangs.js');
    writeFileSync(script, "console.log('still thinking'); setInterval(() => {}, 60_000)");
    await assert.rejects(home.connect({ script, startTimeoutMs: 3000 }), /did not start in time.*still thinking/s);
    for (const pid of home.processes()) process.kill(pid, 'SIGKILL');
  });
});

describe('hosts of different homes', () => {
  const [one, two] = [useHostHome(), useHostHome()];

  it('know nothing of each other', async () => {
    const [first, second] = await Promise.all([one.connect(), two.connect()]);
    assert.notEqual((await first.getHost()).pid, (await second.getHost()).pid);
    await first.startJob({ argv: ['true'], cwd: '/', held: true });
    assert.deepEqual([(await first.listJobs()).total, (await second.listJobs()).total], [1, 0]);
  });
});

describe('a host whose home has a path of more than 200 characters', () => {
  const home = useHostHome((temporary) => join(temporary, 'h'.repeat(100), 'h'.repeat(100)));

  it('is found, and its socket goes with it', async () => {
    const client = await home.connect();
    const { endpoint } = home.record();
    assert.ok(Buffer.byteLength(endpoint) <= 103);
    assert.equal((await client.getHost()).home, home.path);
  });
});

describe('a host of another version', () => {
  const home = useHostHome();
  const files = () => homeFiles(home.path);
  const [major = 0, minor = 0, patch = 0] = packageVersion().split('.').map(Number);
  const newer = `${major}.${minor}.${patch + 1}`;

  it('is replaced if it is older, and its jobs continue', async () => {
    const old = await home.connect();
    const { job } = await old.startJob({
      argv: ['sh', '-c', 'read x; echo got $x'],
      cwd: '/',
      stdin: { type: 'pipe' },
    });
    const before = home.record();
    const client = await home.connect({ version: newer });
    assert.notEqual(home.record().pid, before.pid);
    assert.equal((await client.getJob(job.id)).status, 'running');
    await client.sendInput(job.id, { text: 'it\n' });
    assert.equal((await client.waitForJob(job.id)).job.status, 'completed');
    // The other client goes on with the new one.
    assert.equal((await old.getJob(job.id)).status, 'completed');
  });

  it('is used if it is newer and has the same protocol', async () => {
    const { pid } = await (await home.connect()).getHost();
    rewriteRecord({ version: newer });
    assert.equal((await (await home.connect()).getHost()).pid, pid);
  });

  it('is not touched if its protocol is newer, and the error says what to do', async () => {
    const { pid } = await (await home.connect()).getHost();
    rewriteRecord({ version: newer, protocol: protocolVersion + 1 });
    await assert.rejects(home.connect(), { code: 'host_unreachable', message: new RegExp(`${newer}.*[Uu]pdate`) });
    assert.deepEqual(home.processes(), [pid]);
    rewriteRecord({ protocol: protocolVersion });
  });

  function rewriteRecord(change: object): void {
    const record = readHostRecord(files().record);
    assert.ok(record);
    writeHostRecord(files().record, { ...record, ...change });
  }
});
