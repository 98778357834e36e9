import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import type { Job } from '../../src/api/job.ts';
import { homeFiles, readHostRecord } from '../../src/dataDir/dataDir.ts';
import { useHome } from '../helpers/cli.ts';
import { Serving } from '../helpers/serve.ts';

/** On most systems `nobody`. */
const stranger = 65_534;

/** Runs a script as somebody else. It prints one line. */
function asStranger(script: string, ...args: string[]): string {
  const options = { uid: stranger, gid: stranger, cwd: '/', env: {}, encoding: 'utf8' } as const;
  return execFileSync(process.execPath, ['-e', script, ...args], options).trim();
}

const read = `
  try { require('fs').readFileSync(process.argv[1]); console.log('read'); } catch (error) { console.log(error.code); }`;
const connect = `
  require('net').connect(process.argv[1])
    .on('connect', () => { console.log('connected'); process.exit(); })
    .on('error', (error) => console.log(error.code));`;
const signal = `
  try { process.kill(Number(process.argv[1])); console.log('sent'); } catch (error) { console.log(error.code); }`;
const ask = `
  fetch(process.argv[1] + '/v1/host').then((answer) => console.log(answer.status));`;

describe('another user of the machine', () => {
  const home = useHome();

  before(function () {
    const reason = whyNot();
    if (reason === undefined) return;
    console.log(`    skipped: ${reason}`);
    this.skip();
  });

  it('reads nothing of the store and does not reach the socket', async () => {
    await home.run(['--', 'true']);
    const { record: path } = homeFiles(home.path);
    const record = readHostRecord(path);
    assert.ok(record);
    assert.equal(asStranger(connect, record.endpoint), 'EACCES');
    assert.equal(asStranger(read, path), 'EACCES');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(home.path).mode & 0o777, 0o700);
  });

  it('reads neither the output nor the environment of a job, and cannot signal it', async () => {
    const { id } = await home.run(['--env', 'WORD=hidden', '--', 'sh', '-c', 'echo up; exec sleep 60']);
    await home.json(['wait', id, '--for', '/up/']);
    const { pid, runs } = await home.json<Job>(['status', id]);
    assert.equal(asStranger(read, runs[0]!.logs.stdout), 'EACCES');
    assert.equal(asStranger(read, `/proc/${pid}/environ`), 'EACCES');
    assert.equal(asStranger(signal, String(pid)), 'EPERM');
    await home.json(['kill', id]);
  });

  it('reaches the port of serve, and gets nothing without the token', async () => {
    await using serving = await Serving.start(home, ['--token-file', 'token']);
    assert.equal(asStranger(ask, serving.served.url), '401');
    assert.equal(asStranger(read, `${home.path}/token`), 'EACCES');
  });
});

function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can be somebody else';
  const { status } = spawnSync(process.execPath, ['-e', ''], { uid: stranger, gid: stranger, cwd: '/', env: {} });
  return status === 0 ? undefined : 'another user cannot run this Node';
}
