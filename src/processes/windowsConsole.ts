import type { WindowsApi } from './windowsApi.ts';

/** CTRL_C_EVENT */
const ctrlC = 0;
/** A console has fewer processes. */
const room = 4096;

/**
 * Ctrl+C in the consoles of processes, which is the only polite way to end a program that has no window. This process
 * joins each console for a moment; it ignores Ctrl+C from then on.
 * @param group only its processes are asked
 * @returns false if none of them has a console that can be joined: this process may have one of its own
 */
export function interruptConsoles(api: WindowsApi, pids: readonly number[], group: number): boolean {
  api.ignoreConsole(null, 1);
  const joined = new Set<number>();
  let isSent = false;
  for (const pid of pids) {
    if (joined.has(pid) || api.attachConsole(pid) === 0) continue;
    const list = Buffer.alloc(4 * room);
    const count = api.consolePids(list, room);
    for (let index = 0; index < Math.min(count, room); index++) joined.add(list.readUInt32LE(4 * index));
    if (api.sendToConsole(ctrlC, group) !== 0) isSent = true;
    api.freeConsole();
  }
  return isSent;
}

/** A process that was started detached ignores Ctrl+C, and so would what it starts. */
export function heedCtrlC(api: WindowsApi): void {
  api.ignoreConsole(null, 0);
}
