import { createHelper, type Helper } from './helper.ts';
import type { ProcessEntry } from './processIdentity.ts';
import type { Evidence, ProcessSource } from './processTable.ts';
import { psMemory, psUsage } from './psUsage.ts';
import { sendSignal, type Kill } from './sendSignal.ts';

export interface PsParts {
  helper: Helper;
  kill: Kill;
}

/** One `-o` for each: BSD takes all that is behind a `=` for the column's title. */
const columns = ['pid=', 'ppid=', 'pgid=', 'stat=', 'lstart=', 'command='].flatMap((column) => ['-o', column]);

/** macOS and other POSIX systems: by `ps` and `lsof`. */
export function createPsProcessSource(platform: NodeJS.Platform, parts: Partial<PsParts> = {}): ProcessSource {
  const { helper = createHelper(helperEnv()), kill = process.kill.bind(process) } = parts;
  // macOS has no BSD `e`, and others have no `-E`.
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
        await helper.run('ps', [...withEnvironment, '-o', 'pid=', '-o', 'command=', '-p', pids]),
      );
      const unmarked = [...found].filter(([, { mark }]) => mark === undefined).map(([pid]) => pid);
      for (const [pid, outputs] of await outputsOf(unmarked)) {
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
    // Most that are asked for are dead, which costs no `ps`.
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
    holder(pid) {
      const line = helper.runSync('ps', [...withEnvironment, '-o', 'command=', '-p', String(pid)]);
      return line === '' ? undefined : isHolder(line);
    },

    // The snapshot is a moment old; another `ps` for each signal would take longer than a number takes to come back.
    signal: ({ pid }, signal) => sendSignal(kill, pid, signal),
    signalGroup: ({ pgid }, signal) => sendSignal(kill, -pgid, signal),
    groupIsEmpty: (pgid) => sendSignal(kill, -pgid, 0) === 'gone',
  };
}

/** English and UTC, so that `lstart` can be read and stays the same whatever the summer time. */
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
    // macOS shows an address for the session, so it is left out; the group is enough for most.
    return [{ pid: Number(pid), ppid: Number(ppid), pgid: Number(pgid), sid: 0, startTime, state, command }];
  });
}

/**
 * @param output lines of pid and command line with the environment behind it. macOS shows none for programs that the
 * system protects, /bin/sleep for example
 */
export function parseEnvironments(output: string): Map<number, Evidence> {
  const found = new Map<number, Evidence>();
  for (const line of output.split('\n')) {
    const pid = Number.parseInt(line, 10);
    if (Number.isNaN(pid)) continue;
    found.set(pid, {
      mark: /\sBGJOBS_RUN_ID=(\S+)/.exec(line)?.[1],
      holder: isHolder(line),
      // A path may have blanks in it: it ends where the next variable begins.
      home: /\sBGJOBS_HOME=(.*?)(?=\s[A-Za-z_]\w*=|$)/.exec(line)?.[1],
      outputs: [],
    });
  }
  return found;
}

/** @param output of `lsof -F pn`: a line `p<pid>`, then for each of its files a line `f<number>` and a line `n<path>` */
export function parseOpenFiles(output: string): Map<number, string[]> {
  const found = new Map<number, string[]>();
  let paths: string[] = [];
  for (const line of output.split('\n')) {
    if (line.startsWith('p')) found.set(Number(line.slice(1)), (paths = []));
    else if (line.startsWith('n')) paths.push(line.slice(1));
  }
  return found;
}

function isHolder(commandWithEnvironment: string): boolean {
  return /\sBGJOBS_HOLDER=1(\s|$)/.test(commandWithEnvironment);
}
