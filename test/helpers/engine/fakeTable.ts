import { type ProcessEntry, type Evidence } from '../../../src/processes/processSource.ts';
import { withSharedScan, type ProcessTable } from '../../../src/processes/runTree.ts';

export interface FakeProcess extends Partial<ProcessEntry>, Partial<Evidence> {
  pid: number;
}

/** This process, without which no list is accepted. Pids above 2^22 do not exist, so they cannot be this process. */
export const self: FakeProcess = { pid: process.pid, pgid: 77, sid: 77, startTime: '10' };

export function fakeEntries(processes: readonly FakeProcess[]): ProcessEntry[] {
  return processes.map(
    ({ pid, ppid = 1, pgid = pid, sid = pgid, startTime = '100', state = 'running', command = '' }) => ({
      pid,
      ppid,
      pgid,
      sid,
      startTime,
      state,
      command,
    }),
  );
}

/** A table of fake processes, which a test can change between scans. They cannot be signaled. */
export function fakeTable(processes: FakeProcess[], keepsDeadParents = false): ProcessTable {
  const entries = (): ProcessEntry[] => fakeEntries(processes);
  const noSignals = (): never => {
    throw new Error('no process may be signaled');
  };
  return withSharedScan({
    canPause: true,
    keepsDeadParents,
    bootId: () => 'this boot',
    snapshot: () => Promise.resolve(entries()),
    newcomers: () => [],
    evidenceOf: (asked) =>
      Promise.resolve(
        new Map(
          processes
            .filter(({ pid }) => asked.some((entry) => entry.pid === pid))
            .map(({ pid, runId, isKeeper = false, dataDir, outputs = [], mark }) => [
              pid,
              { runId, isKeeper, dataDir, outputs, ...(mark !== undefined && { mark }) },
            ]),
        ),
      ),
    outputsOf: (asked) =>
      Promise.resolve(
        new Map(asked.map(({ pid }) => [pid, processes.find((each) => each.pid === pid)?.outputs ?? []])),
      ),
    commandOf: ({ pid }) => `command ${pid}`,
    usageOf: () => Promise.resolve(new Map()),
    ownerOf: () => process.getuid?.(),
    sharesFiles: () => true,
    memoryOf: () => Promise.resolve(0),
    identify: (pid) => {
      const entry = entries().find((one) => one.pid === pid);
      return entry && { pid, startTime: entry.startTime, bootId: 'this boot' };
    },
    isAlive: ({ pid, startTime }) => entries().some((one) => one.pid === pid && one.startTime === startTime),
    childrenOf: (pid) => entries().flatMap((entry) => (entry.ppid === pid ? [entry.pid] : [])),
    hasLoaded: () => true,
    isKeeper: (pid) => processes.some((entry) => entry.pid === pid && entry.isKeeper === true),
    signal: noSignals,
    signalGroup: noSignals,
    groupIsEmpty: (pgid) => !entries().some((entry) => entry.pgid === pgid),
  });
}
