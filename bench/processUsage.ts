import { readdirSync, readFileSync } from 'node:fs';

/** proc(5) counts times in clock ticks. Linux reports 100 of them per second to programs on all common machines. */
const ticksPerSecond = 100;

export const canMeasureProcesses = process.platform === 'linux';

/** User and system time of a process, including all of its threads but not its children. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses can contain anything, so fields are counted from the last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

export function residentMegabytes(pid: number): number {
  return statusField(`/proc/${pid}/status`, 'VmRSS') / 1024;
}

/** Resident memory without the pages of programs and libraries, which processes share. */
export function ownMegabytes(pid: number): number {
  return statusField(`/proc/${pid}/status`, 'RssAnon') / 1024;
}

/** How often its threads have gone to sleep, which is how often they wake up. */
export function sleeps(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((thread) => statusField(`/proc/${pid}/task/${thread}/status`, 'voluntary_ctxt_switches'))
    .reduce((sum, count) => sum + count, 0);
}

function statusField(path: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(path, 'utf8'))?.[1]);
}
