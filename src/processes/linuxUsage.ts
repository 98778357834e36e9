import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { ProcessState } from '../api/inspection.ts';
import type { ProcessEntry } from './processIdentity.ts';
import type { ProcessUsage } from './processTable.ts';

/** CPU and start times are counted in USER_HZ, which is 100 on all that Node runs on, whatever the kernel's own clock. */
const tickMs = 10;

/** See proc(5). The descriptors are those of another user where they cannot be listed. */
export async function linuxUsage(
  proc: string,
  processes: readonly ProcessEntry[],
): Promise<ReadonlyMap<number, ProcessUsage>> {
  const found = new Map<number, ProcessUsage>();
  const bootedAt = bootTime(proc);
  for (const { pid, startTime } of processes) {
    const folder = `${proc}/${pid}`;
    const stat = parseTimes(read(`${folder}/stat`));
    if (stat?.startTime !== startTime || !stat.state) continue; // gone, or dead
    const at = performance.now();
    const status = read(`${folder}/status`);
    found.set(pid, {
      at,
      cpuMs: stat.cpuTicks * tickMs,
      memory: kibibytes(status),
      threads: stat.threads,
      files: await countFiles(`${folder}/fd`),
      state: stat.state,
      startedAt: bootedAt === null ? null : Math.round(bootedAt + Number(startTime) * tickMs),
    });
  }
  return found;
}

interface Times {
  /** Undefined: it is dead. */
  state: ProcessState | undefined;
  cpuTicks: number;
  threads: number;
  startTime: string;
}

function parseTimes(stat: string): Times | undefined {
  // Behind the name, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [letter = '', startTime] = [fields[0], fields[19]];
  if (startTime === undefined) return undefined;
  const threads = Number(fields[17]);
  // Where only the first thread has ended, the others go on.
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

/** Milliseconds since the epoch: from the time since then, because `btime` of /proc/stat is rounded to seconds. */
function bootTime(proc: string): number | null {
  const seconds = Number.parseFloat(read(`${proc}/uptime`));
  return Number.isNaN(seconds) ? null : Date.now() - seconds * 1000;
}

function kibibytes(status: string): number | null {
  const [, amount] = /^VmRSS:\s*(\d+) kB$/m.exec(status) ?? [];
  return amount === undefined ? null : Number(amount) * 1024;
}

async function countFiles(folder: string): Promise<number | null> {
  try {
    return (await readdir(folder)).length;
  } catch {
    return null; // another user's, or gone meanwhile
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // gone meanwhile, or hidden
  }
}
