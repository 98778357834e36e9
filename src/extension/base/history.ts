import type { Memento } from 'vscode';
import { storageKeys } from './ids.ts';

interface PastCommand {
  command: string;
  cwd: string;
}

const mostRemembered = 50;

/** What was typed in this workspace, newest first. */
export function pastCommands(state: Memento): PastCommand[] {
  return state.get<PastCommand[]>(storageKeys.history, []);
}

export async function remember(state: Memento, { command, cwd }: PastCommand): Promise<void> {
  const others = pastCommands(state).filter((past) => past.command !== command || past.cwd !== cwd);
  await state.update(storageKeys.history, [{ command, cwd }, ...others].slice(0, mostRemembered));
}

/** The keys of what stands on top of the view of what can be started. */
export function favorites(state: Memento): readonly string[] {
  return state.get<string[]>(storageKeys.favorites, []);
}
