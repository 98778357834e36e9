import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linuxUsage } from '../../../src/processes/linuxProcessSource.ts';
import { fakeEntries } from '../../helpers/engine/fakeTable.ts';

describe('the usage of Linux', () => {
  let proc = '';
  beforeEach(() => (proc = mkdtempSync(join(tmpdir(), 'bgjobs-proc-'))));
  afterEach(() => rmSync(proc, { recursive: true }));

  /** A process that has used 2.5 s of CPU, in the form of proc(5). */
  function add(pid: number, state: string, { threads = 1, name = 'a) R (b' } = {}): void {
    mkdirSync(join(proc, String(pid)));
    const line = `${pid} (${name}) ${state} 1 2 3 0 -1 0 1 2 3 4 200 50 7 8 20 0 ${threads} 0 1500 0 0 0`;
    writeFileSync(join(proc, String(pid), 'stat'), line);
  }

  function usageOf(...pids: number[]) {
    return linuxUsage(proc, fakeEntries(pids.map((pid) => ({ pid, startTime: '1500' }))));
  }

  it('is read from /proc, whatever the program is called', async () => {
    add(500, 'S', { threads: 3 });
    writeFileSync(join(proc, '500', 'status'), 'Name:\tx\nVmRSS:\t    2048 kB\nThreads:\t3\n');
    mkdirSync(join(proc, '500', 'fd'));
    for (const fd of ['0', '1', '17']) writeFileSync(join(proc, '500', 'fd', fd), '');
    writeFileSync(join(proc, 'uptime'), '100.00 50.00\n');
    const before = Date.now();
    const { at, startedAt, ...usage } = (await usageOf(500)).get(500)!;
    assert.deepEqual(usage, { cpuMs: 2500, memory: 2_097_152, threads: 3, files: 3, state: 'sleeping' });
    assert.ok(at <= performance.now());
    // The machine runs for 100 s, and had run for 15 when this was started.
    assert.ok(startedAt! >= before - 85_000 && startedAt! <= Date.now() - 85_000, String(startedAt));
  });

  it('is null where it cannot be read', async () => {
    add(500, 'R');
    const { memory, files, startedAt } = (await usageOf(500)).get(500)!;
    assert.deepEqual([memory, files, startedAt], [null, null, null]);
  });

  it('reports the state of a process', async () => {
    const letters = ['R', 'S', 'I', 'D', 'T', 't'];
    letters.forEach((letter, index) => add(500 + index, letter));
    add(600, 'Z', { threads: 2 });
    const found = await usageOf(...letters.keys().map((index) => 500 + index), 600);
    assert.deepEqual(
      [...found.values()].map(({ state }) => state),
      ['running', 'sleeping', 'sleeping', 'disk_sleep', 'stopped', 'stopped', 'sleeping'],
    );
  });

  it('excludes processes that are dead or gone, and pids that belong to another process now', async () => {
    add(500, 'Z');
    add(501, 'S');
    const other = await linuxUsage(proc, fakeEntries([{ pid: 501, startTime: '1499' }]));
    assert.deepEqual([...(await usageOf(500, 502)), ...other], []);
  });
});
