import assert from 'node:assert/strict';
import { createWindowsProcessSource } from '../../../src/processes/windowsProcessSource.ts';
import { fakeEntries } from '../../helpers/engine/fakeTable.ts';

describe('the usage of Windows', () => {
  const list = [
    { pid: 4004, at: 1795163835500, cpuMs: 93.75, memory: 4_096_000, threads: 4, files: 121 },
    { pid: 4012, at: 1795163835501, cpuMs: 0, memory: 1, threads: 1, files: 1 },
  ];
  const asked: string[] = [];
  const run = (file: string, args: readonly string[]): Promise<string> => {
    asked.push([file, ...args].join(' '));
    return Promise.resolve(JSON.stringify(list));
  };
  const source = createWindowsProcessSource({ helper: { run, runSync: () => '' } });

  it('is what PowerShell reports for the requested processes', async () => {
    const found = await source.usageOf(fakeEntries([{ pid: 4004, startTime: '1795163835000' }, { pid: 4008 }]));
    assert.deepEqual(
      [...found],
      [
        [
          4004,
          {
            at: 1795163835500,
            cpuMs: 93.75,
            memory: 4_096_000,
            threads: 4,
            files: 121,
            state: null,
            startedAt: 1795163835000,
          },
        ],
      ],
    );
    assert.equal(asked.length, 1);
    for (const name of [
      'ProcessId',
      'KernelModeTime',
      'UserModeTime',
      'WorkingSetSize',
      'ThreadCount',
      'HandleCount',
    ]) {
      assert.match(asked[0] ?? '', new RegExp(`\\$_\\.${name}\\b`));
    }
  });

  it('returns the sum of the memory of all existing processes', async () => {
    const both = fakeEntries([4004, 4008, 4012].map((pid) => ({ pid, startTime: '1795163835000' })));
    assert.equal(await source.memoryOf(both, 0), 4_096_001);
  });

  it('runs no command for an empty list', async () => {
    asked.length = 0;
    assert.deepEqual([...(await source.usageOf([])), await source.memoryOf([], 0)], [0]);
    assert.deepEqual(asked, []);
  });
});
