import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { punchHole, punchHoleCommands } from '../../../src/disk/punchHole.ts';
import { OutputFixture } from '../../helpers/engine/outputFixture.ts';

describe('punchHole', () => {
  let fixture: OutputFixture;
  beforeEach(() => (fixture = new OutputFixture()));
  afterEach(() => fixture.dispose());

  it('gives the beginning of a file back and keeps its size and its end', async function () {
    if (process.platform !== 'linux') this.skip();
    const file = fixture.path('stdout');
    const size = 4 * 1_048_576;
    writeFileSync(file, Buffer.alloc(size, 'x'));
    const blocks = statSync(file).blocks;
    const assertHole = (length: number): void => {
      assert.equal(statSync(file).size, size);
      assert.ok(statSync(file).blocks <= blocks - length / 512);
      const bytes = readFileSync(file);
      assert.ok(bytes.subarray(0, length).every((byte) => byte === 0));
      assert.ok(bytes.subarray(length).every((byte) => byte === 0x78));
    };
    // What should be a hole already may not have become one.
    await punchHole('linux')(file, 262_144, 524_288);
    assertHole(524_288);
    await punchHole('linux')(file, 524_288, size - 4096);
    assertHole(size - 4096);
  });

  it('uses a command where there is no number of the system call', async function () {
    if (process.platform !== 'linux') this.skip();
    const file = fixture.path('stdout');
    writeFileSync(file, Buffer.alloc(65_536, 'x'));
    await punchHole('linux', 'mips')(file, 0, 32_768);
    assert.equal(readFileSync(file).indexOf('x'), 32_768);
  });

  it('rejects when the command is missing and when it fails', async () => {
    // EACCES where a folder of the PATH may not be looked into.
    await assert.rejects(punchHole('win32')(fixture.path('stdout'), 0, 4096), { code: /^(ENOENT|EACCES)$/ });
    await assert.rejects(punchHole('linux')('/nowhere/at/all', 0, 4096));
  });

  it('has commands for each platform', () => {
    assert.deepEqual(punchHoleCommands('linux', '/a b', 8192), [
      ['fallocate', '--punch-hole', '--keep-size', '--offset', '0', '--length', '8192', '/a b'],
    ]);
    assert.deepEqual(punchHoleCommands('win32', 'C:\\a b', 8192), [
      ['fsutil', 'sparse', 'setflag', 'C:\\a b'],
      ['fsutil', 'file', 'setzerodata', 'offset=0', 'length=8192', 'C:\\a b'],
    ]);
    const [[perl, option, , ...args] = []] = punchHoleCommands('darwin', '/a b', 8192);
    assert.deepEqual([perl, option, args], ['perl', '-e', ['/a b', '8192']]);
  });

  it('runs the program for macOS as far as another system lets it', function () {
    const [[perl, ...args] = ['']] = punchHoleCommands('darwin', fixture.path('stdout'), 4096);
    const { error, status, stderr } = spawnSync(perl, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
    if (error || process.platform !== 'linux') this.skip();
    // fcntl command 99 is nobody's on Linux.
    assert.deepEqual([status, stderr], [22, 'Invalid argument\n']);
  });
});
