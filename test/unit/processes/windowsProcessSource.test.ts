import assert from 'node:assert/strict';
import { createProcessTable } from '../../../src/processes/platform.ts';
import { withSharedScan } from '../../../src/processes/runTree.ts';
import { killTree } from '../../../src/processes/killTree.ts';
import { createWindowsProcessSource, parseProcessList } from '../../../src/processes/windowsProcessSource.ts';

interface Listed {
  pid: number;
  ppid: number;
  start: number;
  command: string;
}

const host: Listed = { pid: process.pid, ppid: 4, start: 1000, command: 'node host.js' };
const tree: Listed[] = [
  { pid: 9_004_000, ppid: process.pid, start: 2000, command: 'node supervisor.js' },
  { pid: 9_004_004, ppid: 9_004_000, start: 2100, command: 'cmd /c build.bat' },
  { pid: 9_004_008, ppid: 9_004_004, start: 2200, command: 'cl.exe "a b.c"' },
  { pid: 9_004_012, ppid: 4, start: 2300, command: 'explorer.exe' },
];

describe('the processes of Windows', () => {
  it('reads the list of PowerShell, and nothing from no answer', () => {
    assert.deepEqual(
      parseProcessList('[{"pid":9004008,"ppid":9004004,"start":1795000000123,"command":"cl.exe \\"a b.c\\""}]\r\n'),
      [
        {
          pid: 9_004_008,
          ppid: 9_004_004,
          pgid: 0,
          sid: 0,
          startTime: '1795000000123',
          state: 'running',
          command: 'cl.exe "a b.c"',
        },
      ],
    );
    assert.deepEqual(parseProcessList(''), []);
  });

  it('asks PowerShell for one process, for children, or for all', async () => {
    const { table, asked } = simulated();
    assert.equal(table.identify(9_004_004)?.startTime, '2100');
    assert.deepEqual(table.childrenOf(9_004_000), [9_004_004]);
    assert.equal((await table.snapshot()).length, 5);
    assert.deepEqual(
      asked.map((script) => /Win32_Process( -Filter '\w+=\d+')? \|/.exec(script)?.[1]?.trim()),
      ["-Filter 'ProcessId=9004004'", "-Filter 'ParentProcessId=9004000'", undefined],
    );
  });

  it('ends the tree at any signal by taskkill at the command, so that the supervisor can record it', async () => {
    const { table, ended, killed } = simulated();
    const supervisor = table.identify(9_004_000)!;
    const outcome = await killTree(
      table,
      { runId: 'a.1', supervisor, logs: [] },
      { signal: 'SIGINT', graceMs: 10_000 },
    );
    assert.deepEqual(ended, [9_004_004]);
    assert.deepEqual(killed, []);
    const { escalated, ended: count, survivors } = outcome;
    assert.deepEqual({ escalated, count, survivors }, { escalated: false, count: 2, survivors: [] });
  });

  it('ends the processes that taskkill has left one by one', async () => {
    const { table, killed } = simulated({ taskkillWorks: false });
    const supervisor = table.identify(9_004_000)!;
    await killTree(table, { runId: 'a.1', supervisor, logs: [] }, { signal: 'SIGTERM', graceMs: 10_000 });
    assert.deepEqual(killed.sort(), [
      [9_004_004, 'SIGKILL'],
      [9_004_008, 'SIGKILL'],
    ]);
  });

  it('says what it cannot do', () => {
    const table = createProcessTable('win32');
    assert.equal(table.canPause, false);
    assert.equal(table.groupIsEmpty(9_004_000), false);
  });
});

/** A Windows in which the supervisor ends when its command is gone. */
function simulated({ taskkillWorks = true } = {}) {
  let processes = [host, ...tree];
  const asked: string[] = [];
  const ended: number[] = [];
  const killed: unknown[] = [];
  const end = (...pids: number[]): void => {
    processes = processes.filter(({ pid }) => !pids.includes(pid));
    if (!processes.some(({ ppid }) => ppid === 9_004_000)) processes = processes.filter(({ pid }) => pid !== 9_004_000);
  };
  const runSync = (_file: string, args: readonly string[]): string => {
    const script = args.at(-1)!;
    asked.push(script);
    const [, field, number] = /-Filter '(\w+)=(\d+)'/.exec(script) ?? [];
    const wanted = processes.filter(({ pid, ppid }) =>
      field === undefined ? true : Number(number) === (field === 'ProcessId' ? pid : ppid),
    );
    return JSON.stringify(wanted);
  };
  const source = createWindowsProcessSource({
    helper: { runSync, run: (file, args) => Promise.resolve(runSync(file, args)) },
    kill: (pid, signal) => {
      if (!processes.some((one) => one.pid === pid)) throw Object.assign(new Error('gone'), { code: 'ESRCH' });
      if (signal === 0) return;
      killed.push([pid, signal]);
      end(pid);
    },
    endTree: (pid) => {
      ended.push(pid);
      if (taskkillWorks) end(pid, 9_004_008);
      return Promise.resolve();
    },
  });
  return { table: withSharedScan(source), asked, ended, killed };
}
