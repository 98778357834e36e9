import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { ProcessEntry, ProcessState, ProcessUsage } from './processSource.ts';

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
