import assert from 'node:assert/strict';
import { killTree } from '../../../src/processes/killTree.ts';
import { createNativeWindowsSource, parseProcesses } from '../../../src/processes/nativeWindowsSource.ts';
import { withSharedScan } from '../../../src/processes/runTree.ts';
import type { WindowsApi } from '../../../src/processes/windowsApi.ts';

/** Milliseconds since 1601, where the times of Windows begin. */
const epoch = 11_644_473_600_000n;

interface Faked {
  pid: number;
  ppid: number;
  name: string;
  start: number;
}

const supervisor: Faked = { pid: 9_004_000, ppid: process.pid, name: 'node.exe', start: 2000 };
const host: Faked = { pid: process.pid, ppid: 4, name: 'node.exe', start: 1000 };

describe('the processes of Windows by its own functions', () => {
  it('are read from one answer: parents, times, names, and what they use', () => {
    const [first, second] = parseProcesses(answer([host, { ...supervisor, name: 'überwacht.exe' }]));
    assert.deepEqual([first?.pid, first?.ppid, first?.startTime, first?.command], [process.pid, 4, '1000', 'node.exe']);
    assert.deepEqual([second?.pid, second?.command], [supervisor.pid, 'überwacht.exe']);
    assert.deepEqual(second?.usage, { cpuMs: 30, memory: 4096, threads: 2, files: 7, state: null });
  });

  it('of a run are those of its Job Object, whatever their parents, and the supervisor outlives them to record the end', async () => {
    const stranger = { pid: 9_004_100, ppid: 4, name: 'other.exe', start: 2500 };
    const far = { pid: 9_004_008, ppid: 77, name: 'ping.exe', start: 2200 };
    const system = simulated([host, supervisor, far, stranger], [supervisor.pid, far.pid]);
    const outcome = await killTree(system.table, system.target, { signal: 'SIGKILL', graceMs: 0 });
    assert.deepEqual([outcome.survivors, outcome.ended, outcome.escalated], [[], 1, false]);
    assert.deepEqual(system.killed, [far.pid]);
    assert.equal(system.terminated, 0);
  });

  it('that start successors in time are ended all at once', async () => {
    const far = { pid: 9_004_008, ppid: 77, name: 'ping.exe', start: 2200 };
    const system = simulated([host, supervisor, far], [supervisor.pid, far.pid], { respawns: true });
    const outcome = await killTree(system.table, system.target, { signal: 'SIGKILL', graceMs: 0 });
    assert.deepEqual([outcome.survivors, system.terminated], [[], 1]);
  });

  it('are killed at once when nobody can be asked with Ctrl+C, and the outcome says so', async () => {
    const far = { pid: 9_004_008, ppid: 77, name: 'ping.exe', start: 2200 };
    const system = simulated([host, supervisor, far], [supervisor.pid, far.pid]);
    const outcome = await killTree(system.table, system.target, { signal: 'SIGTERM', graceMs: 600_000 });
    assert.deepEqual([outcome.survivors, outcome.escalated, system.killed], [[], true, [far.pid]]);
  });
});

/** The answer of NtQuerySystemInformation. */
function answer(processes: readonly Faked[]): Buffer {
  const threads = 2;
  const entries = processes.map(({ pid, ppid, name, start }, index) => {
    const text = Buffer.from(name, 'utf16le');
    const entry = Buffer.alloc(256 + 80 * threads + text.length + 2);
    if (index < processes.length - 1) entry.writeUInt32LE(entry.length, 0);
    entry.writeUInt32LE(threads, 4);
    entry.writeBigInt64LE((BigInt(start) + epoch) * 10_000n, 32);
    entry.writeBigInt64LE(100_000n, 40);
    entry.writeBigInt64LE(200_000n, 48);
    entry.writeUInt16LE(text.length, 56);
    entry.writeBigInt64LE(BigInt(pid), 80);
    entry.writeBigInt64LE(BigInt(ppid), 88);
    entry.writeUInt32LE(7, 96);
    entry.writeBigInt64LE(4096n, 144);
    text.copy(entry, 256 + 80 * threads);
    return entry;
  });
  return Buffer.concat(entries);
}

/** A Windows with one Job Object and no consoles. The supervisor ends when all others in the job have. */
function simulated(processes: Faked[], inJob: number[], { respawns = false } = {}) {
  let alive = processes;
  let job = inJob;
  const system = { killed: [] as number[], terminated: 0 };
  const end = (pids: readonly number[]): void => {
    alive = alive.filter(({ pid }) => !pids.includes(pid));
    job = job.filter((pid) => !pids.includes(pid));
    if (job.length === 1 && job[0] === supervisor.pid) end(job);
  };
  const kill = (pid: number): void => {
    system.killed.push(pid);
    if (respawns) {
      const next = pid + 4;
      alive = [...alive, { pid: next, ppid: 77, name: 'ping.exe', start: 3000 }];
      job = [...job, next];
    }
    end([pid]);
  };
  const api = {
    querySystem(_kind: number, data: Buffer) {
      answer(alive).copy(data);
      return 0;
    },
    openJob: () => (job.length > 0 ? 1 : 0),
    queryJob(_job: number, _kind: number, data: Buffer) {
      data.writeUInt32LE(job.length, 0);
      data.writeUInt32LE(job.length, 4);
      for (const [index, pid] of job.entries()) data.writeBigUInt64LE(BigInt(pid), 8 + 8 * index);
      return 1;
    },
    terminateJob() {
      system.terminated++;
      end([...job]);
      return 1;
    },
    closeHandle: () => 1,
    openProcess: () => 0,
    attachConsole: () => 0,
    ignoreConsole: () => 1,
  } as unknown as WindowsApi;
  const table = withSharedScan(createNativeWindowsSource(api, kill));
  const target = { runId: 'a.1', supervisor: table.identify(supervisor.pid)!, logs: [] };
  return Object.assign(system, { table, target });
}
