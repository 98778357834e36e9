import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import {
  sendSignal,
  type Evidence,
  type Kill,
  type ProcessEntry,
  type ProcessIdentity,
  type ProcessSource,
  type ProcessState,
  type ProcessUsage,
} from './processSource.ts';
import { parseMark } from './runMark.ts';

interface LinuxDeps {
  proc: string;
  kill: Kill;
}

/** Reads everything from /proc, see proc(5): a few reads of 10 µs each per process, no helper program. */
export function createLinuxProcessSource(deps: Partial<LinuxDeps> = {}): ProcessSource {
  const { proc = '/proc', kill = process.kill.bind(process) } = deps;
  let boot: string | undefined;

  const read = (path: string): string | undefined => {
    try {
      return readFileSync(`${proc}/${path}`, 'utf8');
    } catch {
      return undefined; // exited meanwhile, or another user's
    }
  };
  const entryOf = (pid: number | string): ProcessEntry | undefined => {
    const stat = read(`${pid}/stat`);
    return stat === undefined ? undefined : parseStat(stat);
  };
  const alive = (pid: number, startTime: string): ProcessEntry | undefined => {
    const entry = entryOf(pid);
    return entry && entry.startTime === startTime && entry.state !== 'zombie' ? entry : undefined;
  };
  const commandLine = (pid: number): string =>
    (read(`${pid}/cmdline`) ?? '').replace(/\0+$/, '').replaceAll('\0', ' ').slice(0, 1000);
  const bootId = (): string => (boot ??= read('sys/kernel/random/boot_id')?.trim() ?? '');
  const outputsOf = (pid: number): string[] => [1, 2].flatMap((fd) => link(`${proc}/${pid}/fd/${fd}`) ?? []);
  const pids = (): string[] => readdirSync(proc).filter((name) => name >= '1' && name < ':');

  return {
    canPause: true,
    keepsDeadParents: false,
    bootId,

    async snapshot() {
      const entries: ProcessEntry[] = [];
      for (const [index, pid] of pids().entries()) {
        if (index % yieldEvery === yieldEvery - 1) await setImmediate();
        const entry = entryOf(pid);
        if (entry) entries.push(entry);
      }
      return entries;
    },

    newcomers(known) {
      const fresh = pids().filter((pid) => !known.has(Number(pid)));
      for (const pid of fresh) known.add(Number(pid));
      return fresh.flatMap((pid) => entryOf(pid) ?? []);
    },

    startedAfter(pid) {
      const entries: ProcessEntry[] = [];
      for (let from = pid, round = 0; round < 10; round++) {
        // The last pid that was given away, see proc(5): pids are given away in order, threads have one too.
        const last = Number(read('loadavg')?.split(' ')[4] ?? NaN);
        if (!(last >= from && last - pid <= fewPids)) return undefined;
        if (last === from) break;
        for (let each = from + 1; each <= last; each++) {
          const entry = existsSync(`${proc}/${each}`) ? entryOf(each) : undefined;
          if (entry) entries.push(entry);
        }
        from = last;
      }
      return entries;
    },

    async evidenceOf(processes) {
      const found = new Map<number, Evidence>();
      for (const [index, { pid }] of processes.entries()) {
        if (index % yieldEvery === yieldEvery - 1) await setImmediate();
        const environ = read(`${pid}/environ`);
        const shown = environ ?? '';
        const [runId, dataDir] = [variable(shown, 'BGJOBS_RUN_ID'), variable(shown, 'BGJOBS_HOME')];
        // A host that a job has started shows its store and no run.
        const mark = (runId ?? dataDir) === undefined ? parseMark(read(`${pid}/limits`) ?? '') : undefined;
        // The limits of another user's process can be read, and nothing else of it.
        if (environ === undefined && mark === undefined) continue;
        const outputs = runId === undefined ? outputsOf(pid) : [];
        const more = { ...(mark !== undefined && { mark }), ...(shown === '' && { mayChange: true }) };
        found.set(pid, { runId, isKeeper: isKeeper(shown), dataDir, outputs, ...more });
      }
      return found;
    },

    outputsOf: (processes) => Promise.resolve(new Map(processes.map(({ pid }) => [pid, outputsOf(pid)]))),
    commandOf: ({ pid, command }) => commandLine(pid) || command,
    usageOf: (processes) => linuxUsage(proc, processes),
    ownerOf(pid) {
      // Not the owner of the folder: that is root if the process may not be inspected.
      const [, uid] = /^Uid:\s*(\d+)/m.exec(read(`${pid}/status`) ?? '') ?? [];
      return uid === undefined ? undefined : Number(uid);
    },
    sharesFiles(pid) {
      // See mount_namespaces(7): equal links are the same namespace.
      const theirs = link(`${proc}/${pid}/ns/mnt`);
      return theirs !== undefined && theirs === link(`${proc}/self/ns/mnt`);
    },
    memoryOf: (processes, enough) => Promise.resolve(linuxMemory(proc, processes, enough)),

    identify(pid): ProcessIdentity | undefined {
      const entry = entryOf(pid);
      return entry && { pid, startTime: entry.startTime, bootId: bootId() };
    },
    isAlive: (identity) => identity.bootId === bootId() && alive(identity.pid, identity.startTime) !== undefined,
    childrenOf(pid) {
      // Each thread has its own list, but a supervisor has one thread. The file is a kernel option (PROC_CHILDREN).
      const children = read(`${pid}/task/${pid}/children`);
      if (children !== undefined) return children.split(' ').filter(Boolean).map(Number);
      return pids()
        .flatMap((name) => entryOf(name) ?? [])
        .filter((entry) => entry.ppid === pid)
        .map((entry) => entry.pid);
    },
    hasLoaded(child, parent) {
      const command = commandLine(child); // empty while the program is being loaded
      return command !== '' && command !== commandLine(parent);
    },
    isKeeper(pid) {
      const environ = read(`${pid}/environ`);
      return environ ? isKeeper(environ) : undefined;
    },

    signal: ({ pid, startTime }, signal) => (alive(pid, startTime) ? sendSignal(kill, pid, signal) : 'gone'),
    signalGroup: ({ pid, startTime, pgid }, signal) =>
      alive(pid, startTime)?.pgid === pgid ? sendSignal(kill, -pgid, signal) : 'gone',
    groupIsEmpty: (pgid) => sendSignal(kill, -pgid, 0) === 'gone',
  };
}

/** To look whether so many pids are in use takes 1 ms. */
const fewPids = 500;

/** The number of processes (about 3 ms) after which other work gets its turn. */
const yieldEvery = 200;

/** @param stat the line of /proc/pid/stat; the name in parentheses may contain anything, parentheses too */
export function parseStat(stat: string): ProcessEntry | undefined {
  const open = stat.indexOf('(');
  const close = stat.lastIndexOf(')');
  const fields = stat.slice(close + 2).split(' ');
  const startTime = fields[19];
  if (open < 0 || startTime === undefined) return undefined;
  return {
    pid: Number(stat.slice(0, open)),
    ppid: Number(fields[1]),
    pgid: Number(fields[2]),
    sid: Number(fields[3]),
    startTime,
    state: stateOf(fields[0], Number(fields[17])),
    command: stat.slice(open + 1, close),
  };
}

/** A first thread that has exited shows as zombie while other threads of the process still run. */
function stateOf(letter: string | undefined, threads: number): ProcessEntry['state'] {
  if (letter === 'Z' || letter === 'X') return threads > 1 ? 'running' : 'zombie';
  return letter === 'T' || letter === 't' ? 'stopped' : 'running';
}

function isKeeper(environ: string): boolean {
  return variable(environ, 'BGJOBS_HOLDER') === '1';
}

function variable(environ: string, name: string): string | undefined {
  const start = `\0${environ}`.indexOf(`\0${name}=`);
  if (start < 0) return undefined;
  const value = start + name.length + 1;
  const end = environ.indexOf('\0', value);
  return environ.slice(value, end < 0 ? undefined : end);
}

function link(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // closed, exited meanwhile, or another user's
  }
}

/** CPU and start times are counted in USER_HZ: 100 on every platform of Node, whatever the kernel's own clock. */
const tickMs = 10;

/** See proc(5). Open files are null for processes of other users. */
export async function linuxUsage(
  proc: string,
  processes: readonly ProcessEntry[],
): Promise<ReadonlyMap<number, ProcessUsage>> {
  const found = new Map<number, ProcessUsage>();
  const bootedAt = bootTime(proc);
  for (const { pid, startTime } of processes) {
    const folder = `${proc}/${pid}`;
    const stat = parseTimes(read(`${folder}/stat`));
    if (stat?.startTime !== startTime || !stat.state) continue; // exited, or reused
    const at = performance.now();
    const status = read(`${folder}/status`);
    found.set(pid, {
      at,
      cpuMs: stat.cpuTicks * tickMs,
      memory: status.includes('VmRSS:') ? bytesOf(status, ['VmRSS']) : null,
      threads: stat.threads,
      files: await countFiles(`${folder}/fd`),
      state: stat.state,
      startedAt: bootedAt === null ? null : Math.round(bootedAt + Number(startTime) * tickMs),
    });
  }
  return found;
}

interface Times {
  /** Undefined if it is dead. */
  state: ProcessState | undefined;
  cpuTicks: number;
  threads: number;
  startTime: string;
}

function parseTimes(stat: string): Times | undefined {
  // After the name, which may contain anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [letter = '', startTime] = [fields[0], fields[19]];
  if (startTime === undefined) return undefined;
  const threads = Number(fields[17]);
  // If only the first thread has exited, the others still run.
  const state = (letter === 'Z' || letter === 'X') && threads > 1 ? 'sleeping' : states[letter];
  return { state, cpuTicks: Number(fields[11]) + Number(fields[12]), threads, startTime };
}

const states: Record<string, ProcessState> = {
  R: 'running',
  S: 'sleeping',
  I: 'sleeping',
  D: 'disk_sleep',
  T: 'stopped',
  t: 'stopped',
};

/** Milliseconds since the epoch. From the uptime, because `btime` of /proc/stat is rounded to seconds. */
function bootTime(proc: string): number | null {
  const seconds = Number.parseFloat(read(`${proc}/uptime`));
  return Number.isNaN(seconds) ? null : Date.now() - seconds * 1000;
}

/**
 * The memory of all processes together, in bytes, without pages of files, which the system can drop. See proc(5).
 * The sum comes from `status` (15 µs each), which counts shared memory (after a fork, say) once per process. Only if that
 * exceeds `enough` are the shares read: 0.6 ms each, and 12 ms more per GiB.
 */
export function linuxMemory(proc: string, processes: readonly ProcessEntry[], enough: number): number {
  const held = processes.map(({ pid }) => bytesOf(read(`${proc}/${pid}/status`), ['RssAnon', 'RssShmem']));
  if (sum(held) <= enough) return sum(held);
  const shares = processes.map(({ pid }, index) => {
    const rollup = read(`${proc}/${pid}/smaps_rollup`);
    // Another user's cannot be read, and Linux before 5.4 does not divide it.
    return rollup.includes('Pss_Anon:') ? bytesOf(rollup, ['Pss_Anon', 'Pss_Shmem']) : (held[index] ?? 0);
  });
  return sum(shares);
}

function bytesOf(text: string, names: readonly string[]): number {
  return sum(names.map((name) => Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0))) * 1024;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

async function countFiles(folder: string): Promise<number | null> {
  try {
    return (await readdir(folder)).length;
  } catch {
    return null; // another user's, or exited meanwhile
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // exited meanwhile, or hidden
  }
}
