import { createRequire } from 'node:module';
import { callLibrary } from '../bundles.ts';

/** The part of koffi (https://koffi.dev/functions) that is used here. */
interface Koffi {
  load(path: string | null): SystemLibrary;
}

export interface SystemLibrary {
  /** @throws Error if the library lacks the function */
  func(prototype: string): SystemFunction;
}

export interface SystemFunction {
  (...values: unknown[]): number;
  /** Runs in a thread of libuv. The last value is the callback. */
  async(...values: unknown[]): void;
}

let library: SystemLibrary | null | undefined;

/** The C library of this process, on Linux, if what can call it is there for this platform. Loaded when it is needed. */
export function systemLibrary(): SystemLibrary | null {
  return (library ??= load());
}

/** The same if a run has needed it before: loading it for little takes more memory than it gives. */
export function loadedLibrary(): SystemLibrary | null {
  return library ?? null;
}

/** A library of Windows, on Windows, as {@link systemLibrary}. @param name for example `kernel32.dll` */
export function windowsLibrary(name: string): SystemLibrary | null {
  return process.platform === 'win32' ? open(name) : null;
}

function load(): SystemLibrary | null {
  return process.platform === 'linux' ? open(null) : null;
}

function open(name: string | null): SystemLibrary | null {
  try {
    const path = callLibrary();
    return (createRequire(path)(path) as Koffi).load(name);
  } catch {
    return null;
  }
}
