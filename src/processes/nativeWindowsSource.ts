import { sendSignal, type Kill, type ProcessEntry, type ProcessSource, type ProcessUsage } from './processSource.ts';
import type { WindowsApi } from './windowsApi.ts';
import { interruptConsoles } from './windowsConsole.ts';
import { processesOfJob, terminateJob } from './windowsJob.ts';

/**
 * Windows by its own functions: one call lists all processes with what they use, in a few milliseconds and without another
 * program. The processes of a run are those of its Job Object and its descendants. There are no groups, and the
 * environment of another process cannot be read.
 */
export function createNativeWindowsSource(api: WindowsApi, kill: Kill = process.kill.bind(process)): ProcessSource {
  const list = (): Listed[] => readProcesses(api);
  const find = (pid: number): Listed | undefined => list().find((one) => one.pid === pid);
  const usageOf = (processes: readonly ProcessEntry[]): Map<number, ProcessUsage> => {
    const asked = new Map(processes.map(({ pid, startTime }) => [pid, startTime]));
    const at = performance.now();
    const alive = list().filter(({ pid, startTime }) => asked.get(pid) === startTime);
    return new Map(alive.map(({ pid, startTime, usage }) => [pid, { ...usage, at, startedAt: Number(startTime) }]));
  };
  return {
    canPause: false,
    keepsDeadParents: true,
    bootId: () => '',
    snapshot: () => Promise.resolve(list()),
    newcomers: () => [],
    evidenceOf: () => Promise.resolve(new Map()),
    outputsOf: () => Promise.resolve(new Map()),
    commandOf: (entry) => (commandLine(api, entry.pid) ?? entry.command).slice(0, 1000),
    usageOf: (processes) => Promise.resolve(usageOf(processes)),
    ownerOf: () => undefined,
    sharesFiles: () => true,
    memoryOf(processes) {
      const memory = usageOf(processes)
        .values()
        .reduce((total, one) => total + (one.memory ?? 0), 0);
      return Promise.resolve(memory);
    },

    identify(pid) {
      const entry = find(pid);
      return entry && { pid, startTime: entry.startTime, bootId: '' };
    },
    isAlive: ({ pid, startTime }) => find(pid)?.startTime === startTime,
    childrenOf: (pid) => list().flatMap((entry) => (entry.ppid === pid ? [entry.pid] : [])),
    hasLoaded: () => true,
    isKeeper: () => false,

    // Node has four signals here, and each of them ends the process at once.
    signal({ pid, startTime }, signal) {
      if (find(pid)?.startTime !== startTime) return 'gone';
      return sendSignal(kill, pid, signal === 0 ? 0 : 'SIGKILL');
    },
    signalGroup: () => 'gone',
    groupIsEmpty: () => false,
    interrupt(processes, group) {
      const pids = processes.map(({ pid }) => pid);
      return interruptConsoles(api, pids, group);
    },
    job: {
      processes: (runId) => processesOfJob(api, runId),
      terminate: (runId) => terminateJob(api, runId),
    },
  };
}

type Listed = ProcessEntry & { usage: Omit<ProcessUsage, 'at' | 'startedAt'> };

/** SystemProcessInformation of NtQuerySystemInformation */
const processInformation = 5;
const lengthMismatch = 0xc0000004;

/** Grows with the machine; there are a few hundred processes, of about a kilobyte each with their threads. */
let data = Buffer.alloc(262_144);

/** @throws Error when the list cannot be read */
function readProcesses(api: WindowsApi): Listed[] {
  for (;;) {
    const status = api.querySystem(processInformation, data, data.length, null);
    if (status === 0) return parseProcesses(data);
    if (status !== lengthMismatch)
      throw new Error(`The list of processes cannot be read: status ${status.toString(16)}`);
    data = Buffer.alloc(2 * data.length);
  }
}

/**
 * The offsets of SYSTEM_PROCESS_INFORMATION on systems of 64 bits
 * (https://github.com/winsiderss/systeminformer/blob/master/phnt/include/ntexapi.h). Its name lies behind the threads.
 */
const offsets = {
  next: 0,
  threads: 4,
  started: 32,
  userTime: 40,
  kernelTime: 48,
  nameBytes: 56,
  pid: 80,
  ppid: 88,
  handles: 96,
  workingSet: 144,
} as const;

/** Of an entry, and of each of its threads, which follow it. */
const [entryBytes, threadBytes] = [256, 80];

export function parseProcesses(data: Buffer): Listed[] {
  const found: Listed[] = [];
  for (let at = 0, next = -1; next !== 0; at += next) {
    const long = (offset: number): bigint => data.readBigInt64LE(at + offset);
    next = data.readUInt32LE(at + offsets.next);
    const threads = data.readUInt32LE(at + offsets.threads);
    const name = at + entryBytes + threadBytes * threads;
    found.push({
      pid: Number(long(offsets.pid)),
      ppid: Number(long(offsets.ppid)),
      pgid: 0,
      sid: 0,
      startTime: String(milliseconds(long(offsets.started)) - epoch),
      state: 'running',
      command: data.toString('utf16le', name, name + data.readUInt16LE(at + offsets.nameBytes)),
      usage: {
        cpuMs: milliseconds(long(offsets.userTime) + long(offsets.kernelTime)),
        memory: Number(long(offsets.workingSet)),
        threads,
        files: data.readUInt32LE(at + offsets.handles),
        state: null,
      },
    });
  }
  return found;
}

/** Times are counted in units of 100 ns. */
function milliseconds(time: bigint): number {
  return Number(time / 10_000n);
}

/** From 1601, where times of Windows begin, to 1970 (milliseconds). */
const epoch = 11_644_473_600_000;

/** PROCESS_QUERY_LIMITED_INFORMATION */
const queryLimited = 0x1000;
/** ProcessCommandLineInformation of NtQueryInformationProcess */
const commandLineInformation = 60;
/** Of UNICODE_STRING: the text follows it. */
const textOffset = 16;

function commandLine(api: WindowsApi, pid: number): string | undefined {
  const process = api.openProcess(queryLimited, 0, pid);
  if (process === 0) return undefined;
  try {
    const data = Buffer.alloc(70_000);
    if (api.queryProcess(process, commandLineInformation, data, data.length, null) !== 0) return undefined;
    return data.toString('utf16le', textOffset, textOffset + data.readUInt16LE(0));
  } finally {
    api.closeHandle(process);
  }
}
