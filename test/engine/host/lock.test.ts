import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryLock, waitForLock } from '../../../src/host/lock.ts';

const lockModule = join(import.meta.dirname, '..', '..', '..', 'src', 'host', 'lock.ts');

describe('the lock of a store', () => {
  let folder = '';
  let path = '';
  const holders: ChildProcess[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bj-'));
    path = join(folder, 'host.lock');
  });
  afterEach(async () => {
    for (const holder of holders.splice(0)) await end(holder);
    rmSync(folder, { recursive: true, force: true });
  });

  /** A process that holds the lock. */
  async function holder(): Promise<ChildProcess> {
    // It keeps what it was given: a lock that nobody can release any more is released by the garbage collection.
    const script = `import { tryLock } from ${JSON.stringify(lockModule)};
      const lock = tryLock(${JSON.stringify(path)});
      console.log(lock ? 'held' : 'refused'); setInterval(() => lock.release, 1e6);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    holders.push(child);
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    assert.equal(said.toString().trim(), 'held');
    return child;
  }

  async function end(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  it('is held by one at a time, also within one process', () => {
    const first = tryLock(path);
    assert.ok(first);
    assert.equal(tryLock(path), undefined);
    first.release();
    const second = tryLock(path);
    assert.ok(second);
    second.release();
  });

  it('leaves an empty file and nothing beside it', () => {
    const lock = tryLock(path);
    assert.deepEqual(readdirSync(folder), ['host.lock']);
    assert.equal(statSync(path).size, 0);
    lock?.release();
  });

  it('is free as soon as its holder is killed with SIGKILL', async () => {
    const child = await holder();
    assert.equal(tryLock(path), undefined);
    await end(child);
    const lock = tryLock(path);
    assert.ok(lock);
    lock.release();
  });

  it('is got by who waits when the holder goes', async () => {
    const child = await holder();
    let asked = 0;
    const waiting = waitForLock(path, 30_000, () => {
      if (++asked === 3) child.kill('SIGKILL');
      return Promise.resolve(false);
    });
    const lock = await waiting;
    assert.ok(lock);
    assert.ok(asked >= 3);
    lock.release();
  });

  it('is not waited for when the holder is there to stay', async () => {
    await holder();
    assert.equal(await waitForLock(path, 30_000, () => Promise.resolve(true)), undefined);
  });

  it('is given up when the time is over', async () => {
    await holder();
    assert.equal(await waitForLock(path, 50, () => Promise.resolve(false)), undefined);
  });

  it('says what is wrong when it cannot be made', () => {
    assert.throws(() => tryLock(join(folder, 'missing', 'host.lock')), /missing\/host\.lock.*unable to open/);
  });
});
