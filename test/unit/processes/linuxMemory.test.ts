import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linuxMemory } from '../../../src/processes/linuxProcessSource.ts';
import { fakeEntries } from '../../helpers/engine/fakeTable.ts';

describe('the memory of processes together, on Linux', () => {
  let proc = '';
  beforeEach(() => (proc = mkdtempSync(join(tmpdir(), 'bgjobs-proc-'))));
  afterEach(() => rmSync(proc, { recursive: true }));

  /** A process that holds so many KiB of its own, as much as a whole and this much as its share. */
  function add(pid: number, held: number, rollup?: string): void {
    mkdirSync(join(proc, String(pid)));
    const status = `VmRSS:\t    9999 kB\nRssAnon:\t    ${held - 1} kB\nRssFile:\t 500 kB\nRssShmem:\t       1 kB\n`;
    writeFileSync(join(proc, String(pid), 'status'), status);
    if (rollup !== undefined) writeFileSync(join(proc, String(pid), 'smaps_rollup'), rollup);
  }
  const kibibytes = (enough: number): number =>
    linuxMemory(proc, fakeEntries([500, 501, 502].map((pid) => ({ pid }))), enough * 1024) / 1024;

  it('excludes pages of files and processes that have exited', () => {
    add(500, 100);
    add(501, 50);
    assert.equal(kibibytes(1000), 150);
  });

  it('counts shared memory once where that matters, as far as it can be read', () => {
    add(500, 100, 'Pss_Dirty: 7 kB\nPss_Anon:      60 kB\nPss_File:  400 kB\nPss_Shmem:  1 kB\n');
    add(501, 100);
    add(502, 100, 'Pss: 70 kB\n');
    assert.equal(kibibytes(300), 300);
    assert.equal(kibibytes(299), 261);
  });
});
