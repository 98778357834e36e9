import { readdirSync, readFileSync } from 'node:fs';
import { until } from '../until.ts';

/**
 * Live processes, without zombies, that have this text in their environment. Read from /proc, not by the tested code.
 */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => read(pid, 'environ').includes(text) && stateOf(Number(pid)) !== undefined)
    .map(Number);
}

/** The state, for example `S` or `T`. Undefined for a zombie, or if the process does not exist. */
export function stateOf(pid: number): string | undefined {
  const state = /\) (\S)/.exec(read(pid, 'stat'))?.[1];
  return state === 'Z' || state === 'X' ? undefined : state;
}

/** Undefined if the process does not exist. */
export function parentOf(pid: number): number | undefined {
  const parent = /\) \S (\d+)/.exec(read(pid, 'stat'))?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** The pids of the children of a process. */
export function childrenOf(pid: number): number[] {
  return read(pid, `task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

/** The arguments of a process, joined with spaces. */
export function commandLineOf(pid: number): string {
  return read(pid, 'cmdline').replaceAll('\0', ' ').trim();
}

/** Whether a process is a helper of a supervisor. */
export function isHolder(pid: number): boolean {
  return read(pid, 'environ').split('\0').includes('BGJOBS_HOLDER=1');
}

/** Ends all processes that have this text in their environment, and waits until they are gone. */
export async function endProcesses(text: string): Promise<void> {
  await until(`no process with ${text} is left`, () => {
    const found = processesWith(text);
    // They are stopped first, because a stopped process starts no other.
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
    return ''; // it has exited meanwhile
  }
}
