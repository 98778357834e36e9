import { readdirSync, readFileSync } from 'node:fs';
import { until } from '../until.ts';

/** What lives, zombies left out, and has this text in its environment. Read from /proc: independent of what is tested. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => read(pid, 'environ').includes(text) && stateOf(Number(pid)) !== undefined)
    .map(Number);
}

/** For example `S` or `T`; undefined for a zombie and for nobody. */
export function stateOf(pid: number): string | undefined {
  const state = /\) (\S)/.exec(read(pid, 'stat'))?.[1];
  return state === 'Z' || state === 'X' ? undefined : state;
}

/** Undefined when there is no such process. */
export function parentOf(pid: number): number | undefined {
  const parent = /\) \S (\d+)/.exec(read(pid, 'stat'))?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** The pids of its children. */
export function childrenOf(pid: number): number[] {
  return read(pid, `task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

/** Its words with spaces between. */
export function commandLineOf(pid: number): string {
  return read(pid, 'cmdline').replaceAll('\0', ' ').trim();
}

/** Whether it is one of a supervisor's helpers. */
export function isHolder(pid: number): boolean {
  return read(pid, 'environ').split('\0').includes('BGJOBS_HOLDER=1');
}

/** Ends whatever has this text in its environment, and waits until it is gone. */
export async function endProcesses(text: string): Promise<void> {
  await until(`no process with ${text} is left`, () => {
    const found = processesWith(text);
    // Stopped first: what is stopped starts no other.
    for (const signal of ['SIGSTOP', 'SIGKILL'] as const) for (const pid of found) signalIfThere(pid, signal);
    return found.length === 0 ? true : undefined;
  });
}

export function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function read(pid: number | string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // gone meanwhile
  }
}
