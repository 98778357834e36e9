import {
  createHelper,
  sendSignal,
  type Evidence,
  type Helper,
  type Kill,
  type ProcessEntry,
  type ProcessSource,
  type ProcessState,
  type ProcessUsage,
} from './processSource.ts';

interface PsDeps {
  helper: Helper;
  kill: Kill;
}

/** One `-o` for each: BSD takes everything after a `=` as the title of the column. */
const columns = optionsFor('pid', 'ppid', 'pgid', 'stat', 'lstart', 'command');

/** macOS and other POSIX systems: runs `ps` and `lsof`. */
export function createPsProcessSource(platform: NodeJS.Platform, deps: Partial<PsDeps> = {}): ProcessSource {
  const { helper = createHelper(helperEnv()), kill = process.kill.bind(process) } = deps;
  // macOS has no `e`, and the others have no `-E`.
  const withEnvironment = platform === 'darwin' ? ['-E', '-ww'] : ['eww'];
  let boot: string | undefined;

  const one = (pid: number): ProcessEntry | undefined =>
    parsePs(helper.runSync('ps', ['-ww', ...columns, '-p', String(pid)]))[0];
  const bootId = (): string =>
    (boot ??= platform === 'darwin' ? helper.runSync('sysctl', ['-n', 'kern.bootsessionuuid']).trim() : '');
  const outputsOf = async (pids: readonly number[]): Promise<Map<number, string[]>> =>
    pids.length === 0
      ? new Map<number, string[]>()
      : parseOpenFiles(await helper.run('lsof', ['-nPw', '-a', '-d', '1,2', '-p', pids.join(','), '-F', 'pn']));
  return {
    canPause: true,
    keepsDeadParents: false,
    bootId,
    async snapshot() {
      return parsePs(await helper.run('ps', ['-ax', '-ww', ...columns]));
    },
    newcomers: () => [],
    async evidenceOf(processes) {
      if (processes.length === 0) return new Map();
      const pids = processes.map((entry) => entry.pid).join(',');
      const found = parseEnvironments(
        await helper.run('ps', [...withEnvironment, ...optionsFor('pid', 'command'), '-p', pids]),
      );
      const others = [...found].filter(([, { runId }]) => runId === undefined).map(([pid]) => pid);
      for (const [pid, outputs] of await outputsOf(others)) {
        const evidence = found.get(pid);
        if (evidence) evidence.outputs = outputs;
      }
      return found;
    },
    outputsOf: (processes) => outputsOf(processes.map(({ pid }) => pid)),
    commandOf: ({ command }) => command.slice(0, 1000),
    usageOf: (processes) => psUsage(platform, helper, processes),
    ownerOf(pid) {
      const uid = helper.runSync('ps', ['-o', 'ruid=', '-p', String(pid)]).trim();
      return uid === '' ? undefined : Number(uid);
    },
    sharesFiles: () => true,
    memoryOf: (processes) => psMemory(helper, processes),

    identify(pid) {
      const entry = one(pid);
      return entry && { pid, startTime: entry.startTime, bootId: bootId() };
    },
    // Most callers ask about dead processes, which costs no `ps`.
    isAlive({ pid, startTime, bootId: boot }) {
      if (sendSignal(kill, pid, 0) === 'gone' || boot !== bootId()) return false;
      const entry = one(pid);
      return entry?.startTime === startTime && entry.state !== 'zombie';
    },
    childrenOf: (pid) =>
      parsePs(helper.runSync('ps', ['-ax', '-ww', ...columns]))
        .filter((entry) => entry.ppid === pid)
        .map((entry) => entry.pid),
    hasLoaded(child, parent) {
      const command = one(child)?.command;
      return command !== undefined && command !== one(parent)?.command;
    },
    isKeeper(pid) {
      const line = helper.runSync('ps', [...withEnvironment, '-o', 'command=', '-p', String(pid)]);
      return line === '' ? undefined : isKeeper(line);
    },

    // The snapshot is a moment old; another `ps` for each signal would take longer than a pid takes to be reused.
    signal: ({ pid }, signal) => sendSignal(kill, pid, signal),
    signalGroup: ({ pgid }, signal) => sendSignal(kill, -pgid, signal),
    groupIsEmpty: (pgid) => sendSignal(kill, -pgid, 0) === 'gone',
  };
}

/** English and UTC, so that `lstart` can be parsed and does not change with daylight saving time. */
function helperEnv(): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
}

const psLine = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+\S+\s+(\S+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/;

export function parsePs(output: string): ProcessEntry[] {
  return output.split('\n').flatMap((line) => {
    const [, pid, ppid, pgid, stat = '', started, command = ''] = psLine.exec(line) ?? [];
    if (pid === undefined) return [];
    const state = stat.startsWith('Z') ? 'zombie' : stat.startsWith('T') ? 'stopped' : 'running';
    const startTime = String(Date.parse(`${started} UTC`));
    // macOS shows an address instead of the session id, so it is omitted; the group suffices for most.
    return [{ pid: Number(pid), ppid: Number(ppid), pgid: Number(pgid), sid: 0, startTime, state, command }];
  });
}

/**
 * @param output lines of pid, command line and environment. macOS shows no environment for programs that the system
 * protects, such as /bin/sleep
 */
export function parseEnvironments(output: string): Map<number, Evidence> {
  const found = new Map<number, Evidence>();
  for (const line of output.split('\n')) {
    const pid = Number.parseInt(line, 10);
    if (Number.isNaN(pid)) continue;
    found.set(pid, {
      runId: /\sBGJOBS_RUN_ID=(\S+)/.exec(line)?.[1],
      isKeeper: isKeeper(line),
      // A path may contain blanks: it ends where the next variable begins.
      dataDir: /\sBGJOBS_HOME=(.*?)(?=\s[A-Za-z_]\w*=|$)/.exec(line)?.[1],
      outputs: [],
    });
  }
  return found;
}

/** @param output of `lsof -F pn`: a line `p<pid>`, then a line `f<number>` and a line `n<path>` for each of its files */
export function parseOpenFiles(output: string): Map<number, string[]> {
  const found = new Map<number, string[]>();
  let paths: string[] = [];
  for (const line of output.split('\n')) {
    if (line.startsWith('p')) found.set(Number(line.slice(1)), (paths = []));
    else if (line.startsWith('n')) paths.push(line.slice(1));
  }
  return found;
}

function optionsFor(...columns: string[]): string[] {
  return columns.flatMap((column) => ['-o', `${column}=`]);
}

function isKeeper(commandWithEnvironment: string): boolean {
  return /\sBGJOBS_HOLDER=1(\s|$)/.test(commandWithEnvironment);
}

/** Platforms whose `ps` can count threads; macOS is not one. */
const countsThreads: readonly NodeJS.Platform[] = ['freebsd', 'netbsd'];

/** Runs `ps`, and `lsof` for the open files. */
export async function psUsage(
  platform: NodeJS.Platform,
  helper: Helper,
  processes: readonly ProcessEntry[],
): Promise<ReadonlyMap<number, ProcessUsage>> {
  if (processes.length === 0) return new Map();
  const pids = processes.map(({ pid }) => pid).join(',');
  const threads = countsThreads.includes(platform) ? ['nlwp'] : [];
  const lines = await helper.run('ps', [...optionsFor('pid', 'stat', 'time', 'rss', ...threads), '-p', pids]);
  const at = performance.now();
  const files = countFiles(await helper.run('lsof', ['-nPw', '-p', pids, '-F', 'pf']));
  const startTimes = new Map(processes.map(({ pid, startTime }) => [pid, Number(startTime)]));
  return new Map(
    parseUsages(lines).map(({ pid, ...usage }) => [
      pid,
      { at, files: files.get(pid) ?? null, startedAt: startTimes.get(pid) ?? null, ...usage },
    ]),
  );
}

/** The sum of the resident sets, in bytes: shared memory counts once per process. */
export async function psMemory(helper: Helper, processes: readonly ProcessEntry[]): Promise<number> {
  if (processes.length === 0) return 0;
  const sets = await helper.run('ps', [...optionsFor('rss'), '-p', processes.map(({ pid }) => pid).join(',')]);
  return sets.split('\n').reduce((total, set) => total + Number(set) * 1024, 0);
}

type PsUsage = Pick<ProcessUsage, 'cpuMs' | 'memory' | 'threads' | 'state'> & { pid: number };

/** @param output lines of pid, state, CPU time, resident set in KiB, and maybe the number of threads; zombies are skipped */
function parseUsages(output: string): PsUsage[] {
  return output.split('\n').flatMap((line) => {
    const [pid = '', stat = '', time = '', memory = '', threads] = line.trim().split(/\s+/);
    if (memory === '' || stat.startsWith('Z')) return [];
    return [
      {
        pid: Number(pid),
        cpuMs: parseTime(time),
        memory: Number(memory) * 1024,
        threads: threads === undefined ? null : Number(threads),
        state: states[stat.charAt(0)] ?? 'sleeping',
      },
    ];
  });
}

/** `U` on macOS is `D` elsewhere. */
const states: Record<string, ProcessState> = { R: 'running', D: 'disk_sleep', U: 'disk_sleep', T: 'stopped' };

/** @param text `1:02.50`, `3:01:02` or `2-03:01:02` @returns milliseconds */
function parseTime(text: string): number | null {
  const [, days = 0, hours = 0, minutes, seconds] = /^(?:(\d+)-)?(?:(\d+):)?(\d+):([\d.]+)$/.exec(text) ?? [];
  if (minutes === undefined) return null;
  return Math.round((((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000);
}

/** @param output of `lsof -F pf`: a line `p<pid>`, then `f` for each file: a number, or a word such as `cwd` and `txt` */
function countFiles(output: string): Map<number, number> {
  const found = new Map<number, number>();
  let pid = 0;
  for (const line of output.split('\n')) {
    if (line.startsWith('p')) pid = Number(line.slice(1));
    else if (/^f\d/.test(line)) found.set(pid, (found.get(pid) ?? 0) + 1);
  }
  return found;
}
