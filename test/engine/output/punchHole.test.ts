import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { punchHole, punchHoleCommands } from '../../../src/engine/output/logLimit.ts';
import { OutputFixture } from '../../helpers/engine/outputFixture.ts';

describe('punchHole', () => {
  let fixture: OutputFixture;
  beforeEach(() => (fixture = new OutputFixture()));
  afterEach(() => fixture.dispose());

  it('gives the beginning of a file back and keeps its size and its end', async function () {
    if (process.platform !== 'linux') this.skip();
    const file = fixture.path('stdout');
    writeFileSync(file, Buffer.alloc(1_048_576, 'x'));
    const blocks = statSync(file).blocks;
    await punchHole('linux')(file, 524_288);
    assert.equal(statSync(file).size, 1_048_576);
    assert.ok(statSync(file).blocks <= blocks - 524_288 / 512);
    const bytes = readFileSync(file);
    assert.ok(bytes.subarray(0, 524_288).every((byte) => byte === 0));
    assert.ok(bytes.subarray(524_288).every((byte) => byte === 0x78));
  });

  it('rejects when the command is missing and when it fails', async () => {
    // EACCES where a folder of the PATH may not be looked into.
    await assert.rejects(punchHole('win32')(fixture.path('stdout'), 4096), { code: /^(ENOENT|EACCES)$/ });
    await assert.rejects(punchHole('linux')('/nowhere/at/all', 4096));
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
