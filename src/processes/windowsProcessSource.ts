import treeKill from 'tree-kill';
import { createHelper, type Helper } from './helper.ts';
import { listProcesses } from './powershell.ts';
import type { ProcessEntry } from './processIdentity.ts';
import type { ProcessSource } from './processTable.ts';
import { windowsUsage } from './windowsUsage.ts';
import { sendSignal, type Kill } from './sendSignal.ts';

export interface WindowsParts {
  helper: Helper;
  kill: Kill;
  endTree: (pid: number) => Promise<void>;
}

/**
 * Windows: the list by PowerShell (`wmic` is gone from Windows 11, `tasklist` knows no parents), the end by `taskkill`.
 * There are no groups, no signals but the end, and no reading of another process's environment: a tree is what
 * descends from the supervisor.
 */
export function createWindowsProcessSource(parts: Partial<WindowsParts> = {}): ProcessSource {
  const { helper = createHelper(process.env), kill = process.kill.bind(process), endTree = taskkill } = parts;
  const identify: ProcessSource['identify'] = (pid) => {
    const entry = parseProcessList(helper.runSync(...listProcesses(fields, `ProcessId=${pid}`)))[0];
    return entry && { pid, startTime: entry.startTime, bootId: '' };
  };
  return {
    canPause: false,
    keepsDeadParents: true,
    bootId: () => '',
    async snapshot() {
      return parseProcessList(await helper.run(...listProcesses(fields)));
    },
    newcomers: () => [],
    evidenceOf: () => Promise.resolve(new Map()),
    outputsOf: () => Promise.resolve(new Map()),
    commandOf: ({ command }) => command.slice(0, 1000),
    usageOf: (processes) => windowsUsage(helper, processes),
    ownerOf: () => undefined,
    sharesFiles: () => true,
    async memoryOf(processes) {
      const usages = await windowsUsage(helper, processes);
      return [...usages.values()].reduce((total, { memory }) => total + (memory ?? 0), 0);
    },

    identify,
    isAlive: (identity) =>
      sendSignal(kill, identity.pid, 0) !== 'gone' && identify(identity.pid)?.startTime === identity.startTime,
    childrenOf: (pid) =>
      parseProcessList(helper.runSync(...listProcesses(fields, `ParentProcessId=${pid}`))).map((entry) => entry.pid),
    hasLoaded: () => true,
    holder: () => false,

    // Node knows four signals here, and all of them end the process at once.
    signal: ({ pid }, signal) => sendSignal(kill, pid, signal === 0 ? 0 : 'SIGKILL'),
    signalGroup: () => 'gone',
    groupIsEmpty: () => false,
    endTree,
  };
}

const fields = {
  pid: '$_.ProcessId',
  ppid: '$_.ParentProcessId',
  command: '"$(if ($_.CommandLine) { $_.CommandLine } else { $_.Name })"',
  // Milliseconds, because JavaScript cannot hold the 100 ns of Windows in a number.
  start: '$(if ($_.CreationDate) { ([DateTimeOffset]$_.CreationDate).ToUnixTimeMilliseconds() } else { 0 })',
};

export function parseProcessList(json: string): ProcessEntry[] {
  if (json.trim() === '') return [];
  const list = JSON.parse(json) as { pid: number; ppid: number; start: number; command: string }[];
  return list.map(({ pid, ppid, start, command }) => ({
    pid,
    ppid,
    pgid: 0,
    sid: 0,
    startTime: String(start),
    state: 'running',
    command,
  }));
}

/** A failure is not said here: what it left is found by the next scan. */
function taskkill(pid: number): Promise<void> {
  return new Promise((resolve) => treeKill(pid, 'SIGKILL', () => resolve()));
}
