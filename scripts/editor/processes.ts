import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The live processes of a process group, without zombies. */
export function processesOfGroup(group: number): number[] {
  return snapshot()
    .filter((entry) => entry.group === group && !entry.state.startsWith('Z'))
    .map((entry) => entry.pid);
}

/**
 * The live processes that were started with `name=value` in their environment. Only Linux shows it (proc(5)); on other
 * systems the list is empty.
 */
export function processesWithEnvironment(name: string, value: string): number[] {
  if (process.platform !== 'linux') return [];
  return pids().filter((pid) => {
    const environment = readProc(pid, 'environ');
    return pid !== process.pid && environment?.split('\0').includes(`${name}=${value}`);
  });
}

/** Ends processes with this variable until none is left. @returns the number of ended processes */
export async function endProcessesWithEnvironment(name: string, value: string): Promise<number> {
  const ended = new Set<number>();
  for (;;) {
    const left = processesWithEnvironment(name, value);
    if (left.length === 0) return ended.size;
    for (const pid of left) {
      ended.add(pid);
      signal(pid, 'SIGKILL');
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** @param target a pid, or a process group as a negative number. A process that no longer exists is no error */
export function signal(target: number, name: NodeJS.Signals): void {
  try {
    process.kill(target, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

interface Entry {
  pid: number;
  group: number;
  state: string;
}

function snapshot(): Entry[] {
  if (process.platform !== 'linux') {
    const lines = execFileSync('ps', ['-axo', 'pid=,pgid=,stat='], { encoding: 'utf8' }).trim().split('\n');
    return lines.map((line) => {
      const [pid, group, state = ''] = line.trim().split(/\s+/);
      return { pid: Number(pid), group: Number(group), state };
    });
  }
  return pids().flatMap((pid) => {
    const [state, , group] = readStat(pid);
    return state === undefined ? [] : [{ pid, group: Number(group), state }];
  });
}

/** The parent of a process, on systems where no other program is needed to find it (Linux). */
export function parentOf(pid: number): number | undefined {
  const parent = process.platform === 'linux' ? readStat(pid)[1] : undefined;
  return parent === undefined ? undefined : Number(parent);
}

/** The arguments of a process, joined with spaces. Empty if the process has exited. */
export function commandLine(pid: number): string {
  if (process.platform === 'linux') return (readProc(pid, 'cmdline') ?? '').replaceAll('\0', ' ');
  return spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
}

/** @returns state, parent, group and so on as in proc(5); an empty list if the process does not exist */
function readStat(pid: number): string[] {
  const stat = readProc(pid, 'stat');
  // The name in parentheses can contain anything, even parentheses, so fields are counted from the last one.
  return stat ? stat.slice(stat.lastIndexOf(')') + 2).split(' ') : [];
}

function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
