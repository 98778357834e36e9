import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { homeFiles } from '../../../src/dataDir/dataDir.ts';
import { hostScript } from '../../../src/bundles.ts';
import { until } from '../../helpers/until.ts';

describe('the host as a process', () => {
  let home = '';
  const children: ChildProcess[] = [];
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'bj-'))));
  afterEach(async () => {
    for (const child of children.splice(0)) await ended(child, 'SIGKILL');
    rmSync(home, { recursive: true, force: true });
  });

  function start(env: NodeJS.ProcessEnv = {}) {
    const child = spawn(process.execPath, [hostScript], {
      env: { PATH: process.env['PATH'], BGJOBS_HOME: home, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    children.push(child);
    let stderr = '';
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    return { child, stderr: () => stderr };
  }

  async function ended(child: ChildProcess, signal?: NodeJS.Signals): Promise<number | null> {
    if (signal) child.kill(signal);
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child.exitCode;
  }

  const served = (): Promise<true> => until('it serves', () => (existsSync(homeFiles(home).record) ? true : undefined));

  it('exits after a signal and removes its files', async () => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      const { child } = start();
      await served();
      assert.equal(await ended(child, signal), 0, signal);
      assert.deepEqual(
        readdirSync(home).filter((name) => /json|sock/.test(name)),
        [],
      );
      assert.match(readFileSync(homeFiles(home).log, 'utf8'), new RegExp(`leaving: ${signal}\n.* left\n$`));
    }
  });

  it('exits with success when another host already serves', async () => {
    const { child: first } = start();
    await served();
    assert.equal(await ended(start().child), 0);
    assert.equal(first.exitCode, null);
  });

  it('exits when it has no work and no client', async () => {
    assert.equal(await ended(start({ BGJOBS_IDLE_EXIT_MS: '50' }).child), 0);
    assert.match(readFileSync(homeFiles(home).log, 'utf8'), /leaving: nothing to do/);
  });

  it('says in one line why it cannot start', async () => {
    const { child, stderr } = start({ BGJOBS_JOB_TIMEOUT_MS: 'soon' });
    assert.equal(await ended(child), 1);
    assert.match(stderr(), /^bgjobs host: BGJOBS_JOB_TIMEOUT_MS is "soon".*\n/m);
  });

  it('takes its levels from LOG_LEVEL', async () => {
    const { child } = start({ LOG_LEVEL: 'error' });
    await served();
    await ended(child, 'SIGTERM');
    assert.ok(!existsSync(homeFiles(home).log));
  });
});
