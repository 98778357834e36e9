import { readdirSync, readFileSync } from 'node:fs';

/** proc(5): times are counted in clock ticks, of which Linux tells programs 100 a second on every common machine. */
const ticksPerSecond = 100;

export const canMeasureProcesses = process.platform === 'linux';

/** User and system time of a process with all its threads, without its children. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold anything: fields count from the last bracket on.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

export function residentMegabytes(pid: number): number {
  return statusField(`/proc/${pid}/status`, 'VmRSS') / 1024;
}

/** Without the pages of programs and libraries, which processes share. */
export function ownMegabytes(pid: number): number {
  return statusField(`/proc/${pid}/status`, 'RssAnon') / 1024;
}

/** How often its threads have gone to sleep, and so will have woken up. */
export function sleeps(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((thread) => statusField(`/proc/${pid}/task/${thread}/status`, 'voluntary_ctxt_switches'))
    .reduce((sum, count) => sum + count, 0);
}

function statusField(path: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(path, 'utf8'))?.[1]);
}
