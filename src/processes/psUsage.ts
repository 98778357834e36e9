import type { ProcessState } from '../api/inspection.ts';
import type { Helper } from './helper.ts';
import type { ProcessEntry } from './processIdentity.ts';
import type { ProcessUsage } from './processTable.ts';

/** Whose `ps` can count threads. That of macOS cannot. */
const countsThreads: readonly NodeJS.Platform[] = ['freebsd', 'netbsd'];

/** By `ps`, and `lsof` for the open files. */
export async function psUsage(
  platform: NodeJS.Platform,
  helper: Helper,
  processes: readonly ProcessEntry[],
): Promise<ReadonlyMap<number, ProcessUsage>> {
  if (processes.length === 0) return new Map();
  const pids = processes.map(({ pid }) => pid).join(',');
  const columns = ['pid=', 'stat=', 'time=', 'rss=', ...(countsThreads.includes(platform) ? ['nlwp='] : [])];
  const lines = await helper.run('ps', [...columns.flatMap((column) => ['-o', column]), '-p', pids]);
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

/** Resident sets, in bytes: what is shared counts in each. */
export async function psMemory(helper: Helper, processes: readonly ProcessEntry[]): Promise<number> {
  if (processes.length === 0) return 0;
  const sets = await helper.run('ps', ['-o', 'rss=', '-p', processes.map(({ pid }) => pid).join(',')]);
  return sets.split('\n').reduce((total, set) => total + Number(set) * 1024, 0);
}

type PsUsage = Pick<ProcessUsage, 'cpuMs' | 'memory' | 'threads' | 'state'> & { pid: number };

/** @param output lines of pid, state, CPU time, resident set in KiB, and perhaps the number of threads; zombies are left out */
export function parseUsages(output: string): PsUsage[] {
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

/** U is macOS's D. */
const states: Record<string, ProcessState> = { R: 'running', D: 'disk_sleep', U: 'disk_sleep', T: 'stopped' };

/** @param text `1:02.50`, `3:01:02` or `2-03:01:02` @returns milliseconds */
function parseTime(text: string): number | null {
  const [, days = 0, hours = 0, minutes, seconds] = /^(?:(\d+)-)?(?:(\d+):)?(\d+):([\d.]+)$/.exec(text) ?? [];
  if (minutes === undefined) return null;
  return Math.round((((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000);
}

/** @param output of `lsof -F pf`: a line `p<pid>`, then `f` for each file: a number, or a word such as `cwd` and `txt` */
export function countFiles(output: string): Map<number, number> {
  const found = new Map<number, number>();
  let pid = 0;
  for (const line of output.split('\n')) {
    if (line.startsWith('p')) pid = Number(line.slice(1));
    else if (/^f\d/.test(line)) found.set(pid, (found.get(pid) ?? 0) + 1);
  }
  return found;
}
