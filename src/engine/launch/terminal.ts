import { closeSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { terminalLibrary } from '../../bundles.ts';

/** The part of node-pty's native module that is used here. Descriptors are those of this process. */
export interface TerminalLibrary {
  /** `master` does not block. `pty` is the path of the terminal. @throws Error if the system has no terminal to give */
  open(columns: number, rows: number): { master: number; slave: number; pty: string };
  resize(master: number, columns: number, rows: number): void;
}

/** @throws Error if it is not there for this platform, or cannot be loaded */
export function loadTerminals(): TerminalLibrary {
  const path = terminalLibrary();
  return createRequire(path)(path) as TerminalLibrary;
}

/** Tries to make a terminal. @returns why a job cannot have one; undefined if it can */
export function terminalProblem(platform: NodeJS.Platform = process.platform): string | undefined {
  if (platform === 'win32') return 'Jobs cannot have a terminal on Windows yet.';
  if (!existsSync(terminalLibrary())) return `This installation has no terminals for ${platform} on ${process.arch}.`;
  try {
    const { master, slave } = loadTerminals().open(80, 24);
    closeSync(master);
    closeSync(slave);
    return undefined;
  } catch (error) {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return `This system cannot give the job a terminal: ${why}.`;
  }
}
