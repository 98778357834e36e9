import { readFileSync } from 'node:fs';
import { RunTree, type ProcessTable, type RunTarget } from '../../processes/runTree.ts';

/** A command line of Python, or of a script that names it as its interpreter, and not with the option -u. */
const python = /^(?:\S*\/)?python[\d.]*(?= |$)(?!.* -[A-Za-z]*u)/;

/** What to do about a Python program that has written nothing: into a file, Python writes its output block by block. */
export async function bufferedPython(table: ProcessTable, target: RunTarget): Promise<string | undefined> {
  const { members } = await new RunTree(table, target).scan();
  const isBuffered = members.some((entry) => python.test(table.commandOf(entry)) && !isUnbuffered(entry.pid));
  return isBuffered
    ? 'stdout is empty; Python may hold its output back, which the environment variable PYTHONUNBUFFERED=1 prevents'
    : undefined;
}

/** False also where the system does not show it. */
function isUnbuffered(pid: number): boolean {
  try {
    return /(?:^|\0)PYTHONUNBUFFERED=[^\0]/.test(readFileSync(`/proc/${pid}/environ`, 'latin1'));
  } catch {
    return false;
  }
}
