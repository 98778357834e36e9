import treeKill from 'tree-kill';
import {
  createHelper,
  sendSignal,
  type Helper,
  type Kill,
  type ProcessEntry,
  type ProcessSource,
  type ProcessUsage,
} from './processSource.ts';

interface WindowsDeps {
  helper: Helper;
  kill: Kill;
  endTree: (pid: number) => Promise<void>;
}

/**
 * Windows: lists processes with PowerShell (Windows 11 has no `wmic`, and `tasklist` shows no parents) and kills them with
 * `taskkill`. There are no groups, no signals other than kill, and the environment of another process cannot be read: a
 * tree is the descendants of the supervisor.
 */
export function createWindowsProcessSource(deps: Partial<WindowsDeps> = {}): ProcessSource {
  const { helper = createHelper(process.env), kill = process.kill.bind(process), endTree = taskkill } = deps;
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
    isKeeper: () => false,

    // Node has four signals here, and each of them ends the process at once.
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

/** Does not reject: the next scan finds what a failure left alive. */
function taskkill(pid: number): Promise<void> {
  return new Promise((resolve) => treeKill(pid, 'SIGKILL', () => resolve()));
}

/** Times are counted in units of 100 ns. PowerShell takes long to start, so it reports the time of the reading itself. */
const usageFields = {
  pid: '$_.ProcessId',
  at: '[DateTimeOffset]::UtcNow.ToUnixTimeMilliseconds()',
  cpuMs: '($_.KernelModeTime + $_.UserModeTime) / 10000',
  memory: '$_.WorkingSetSize',
  threads: '$_.ThreadCount',
  files: '$_.HandleCount',
};

type Listed = Record<keyof typeof usageFields, number>;

/** Reads all processes, because a filter that names many would exceed the length of a command line. */
async function windowsUsage(
  helper: Helper,
  processes: readonly ProcessEntry[],
): Promise<ReadonlyMap<number, ProcessUsage>> {
  if (processes.length === 0) return new Map();
  const json = await helper.run(...listProcesses(usageFields));
  const list = json.trim() === '' ? [] : (JSON.parse(json) as Listed[]);
  const startTimes = new Map(processes.map(({ pid, startTime }) => [pid, Number(startTime)]));
  return new Map(
    list.flatMap(({ pid, ...usage }) => {
      const startedAt = startTimes.get(pid);
      return startedAt === undefined ? [] : [[pid, { ...usage, state: null, startedAt }]];
    }),
  );
}

/**
 * A PowerShell command that prints a JSON list of processes.
 * @param fields names in the list with their expressions, in which `$_` is a Win32_Process
 * @param filter selects processes, in WQL
 */
function listProcesses(fields: Readonly<Record<string, string>>, filter = ''): [string, string[]] {
  const members = Object.entries(fields).map(([name, expression]) => `${name} = ${expression}`);
  const script = [
    '[Console]::OutputEncoding = [Text.Encoding]::UTF8;',
    `$list = Get-CimInstance Win32_Process${filter && ` -Filter '${filter}'`} |`,
    `ForEach-Object { @{ ${members.join('; ')} } };`,
    'ConvertTo-Json -Compress -InputObject @($list)',
  ].join(' ');
  return ['powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script]];
}
