import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { bgjobsShim } from '../../../../src/extension/terminal/terminalPath.ts';

describe('The bgjobs of the terminals', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "it's a $HOME "))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('runs the command line with the editor’s own Node and every argument as it is', () => {
    const node = join(folder, 'no de');
    const cli = join(folder, 'cli.js');
    symlinkSync(process.execPath, node);
    writeFileSync(cli, 'console.log(JSON.stringify([process.env.ELECTRON_RUN_AS_NODE, ...process.argv.slice(2)]))');
    const shim = bgjobsShim('linux', node, cli);
    const path = join(folder, shim.name);
    writeFileSync(path, shim.text, { mode: shim.mode });
    const args = ['run', '--env-file', 'is not there', '--', 'a b', '$x', ''];
    assert.deepEqual(JSON.parse(execFileSync(path, args, { encoding: 'utf8' })), ['1', ...args]);
  });

  it('is a batch file on Windows', () => {
    const shim = bgjobsShim('win32', 'C:\\100%\\Code.exe', 'C:\\x\\cli.js');
    assert.equal(shim.name, 'bgjobs.cmd');
    assert.equal(
      shim.text,
      '@echo off\r\nsetlocal\r\nset "ELECTRON_RUN_AS_NODE=1"\r\n"C:\\100%%\\Code.exe" -- "C:\\x\\cli.js" %*\r\n',
    );
  });
});
