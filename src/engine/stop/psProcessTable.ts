import { execa, execaSync } from 'execa';
import type { ProcessEntry } from './processIdentity.ts';
import type { Evidence, ProcessTable } from './processTable.ts';
import { sendSignal, type Kill } from './sendSignal.ts';

/** Runs a helper program and gives its stdout, whatever its exit code; empty when it cannot be run. */
export interface Helper {
  run(file: string, args: readonly string[]): Promise<string>;
  runSync(file: string, args: readonly string[]): string;
}

export interface PsParts {
  helper: Helper;
  kill: Kill;
}

const columns = ['-o', 'pid=,ppid=,pgid=,stat=,lstart=,command='];

/** macOS and other POSIX systems: by `ps` and `lsof`. */
export function createPsProcessTable(platform: NodeJS.Platform, parts: Partial<PsParts> = {}): ProcessTable {
  const { helper = posixHelper, kill = process.kill.bind(process) } = parts;
  // macOS has no BSD `e`, and others have no `-E`.
  const withEnvironment = platform === 'darwin' ? ['-E', '-ww'] : ['eww'];
  let boot: string | undefined;

  const one = (pid: number): ProcessEntry | undefined =>
    parsePs(helper.runSync('ps', ['-ww', ...columns, '-p', String(pid)]))[0];
  const bootId = (): string =>
    (boot ??= platform === 'darwin' ? helper.runSync('sysctl', ['-n', 'kern.bootsessionuuid']).trim() : '');
  const identify: ProcessTable['identify'] = (pid) => {
    const entry = one(pid);
    if (!entry || entry.state === 'zombie') return undefined;
    return { pid, startTime: entry.startTime, bootId: bootId() };
  };

  return {
    canPause: true,
    keepsDeadParents: false,
    bootId,
    async snapshot() {
      return parsePs(await helper.run('ps', ['-ax', '-ww', ...columns]));
    },
    async evidenceOf(processes, logs) {
      if (processes.length === 0) return new Map();
      const pids = processes.map((entry) => entry.pid).join(',');
      const [environments, files] = await Promise.all([
        helper.run('ps', [...withEnvironment, '-o', 'pid=,command=', '-p', pids]),
        logs.size === 0 ? '' : helper.run('lsof', ['-nPw', '-a', '-d', '1,2', '-p', pids, '-F', 'pn']),
      ]);
      return parseEvidence(environments, files, logs);
    },
    commandOf: ({ pid, command }) => (command ?? one(pid)?.command ?? '').slice(0, 1000),

    identify,
    // Most that are asked for are dead, which costs no `ps`.
    isAlive: (identity) =>
      sendSignal(kill, identity.pid, 0) !== 'gone' &&
      identity.bootId === bootId() &&
      identify(identity.pid)?.startTime === identity.startTime,
    childrenOf: (pid) =>
      parsePs(helper.runSync('ps', ['-ax', '-ww', ...columns]))
        .filter((entry) => entry.ppid === pid)
        .map((entry) => entry.pid),
    holder: (pid) => isHolder(helper.runSync('ps', [...withEnvironment, '-o', 'command=', '-p', String(pid)])),

    // The snapshot is a moment old; another `ps` for each signal would take longer than a number takes to come back.
    signal: ({ pid }, signal) => sendSignal(kill, pid, signal),
    signalGroup: ({ pgid }, signal) => sendSignal(kill, -pgid, signal),
    groupIsEmpty: (pgid) => sendSignal(kill, -pgid, 0) === 'gone',
  };
}

const posixHelper: Helper = {
  async run(file, args) {
    return (await execa(file, args, helperOptions)).stdout ?? '';
  },
  runSync: (file, args) => execaSync(file, args, helperOptions).stdout ?? '',
};

/** English and UTC, so that `lstart` can be read and stays the same whatever the summer time. */
const helperOptions = { reject: false, stdin: 'ignore', env: { LC_ALL: 'C', TZ: 'UTC' } } as const;

const psLine = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+\S+\s+(\S+\s+\d+\s+[\d:]+\s+\d+)\s(.*)$/;

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
 * @param environments lines of pid and command line with the environment behind it. macOS shows none for programs that
 * the system protects, /bin/sleep for example
 * @param files `lsof -F pn`: a line `p<pid>`, then for each file `f<number>` and `n<path>`
 */
export function parseEvidence(
  environments: string,
  files: string,
  logs: ReadonlySet<string>,
): ReadonlyMap<number, Evidence> {
  const found = new Map<number, Evidence>();
  for (const line of environments.split('\n')) {
    const pid = Number.parseInt(line, 10);
    if (Number.isNaN(pid)) continue;
    const mark = /\sBGJOBS_RUN_ID=(\S+)/.exec(line)?.[1];
    found.set(pid, { mark, holder: isHolder(line), log: undefined });
  }
  let evidence: Evidence | undefined;
  for (const line of files.split('\n')) {
    if (line.startsWith('p')) evidence = found.get(Number(line.slice(1)));
    else if (line.startsWith('n') && evidence?.mark === undefined && logs.has(line.slice(1))) {
      if (evidence) evidence.log = line.slice(1);
    }
  }
  return found;
}

function isHolder(commandWithEnvironment: string): boolean {
  return /\sBGJOBS_HOLDER=1(\s|$)/.test(commandWithEnvironment);
}
