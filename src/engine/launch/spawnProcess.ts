import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { systemLibrary, type SystemLibrary } from '../../disk/systemLibrary.ts';

/** A file that is opened for the new process. The path is absolute. */
export interface Descriptor {
  path: string;
  /** Of open(2). */
  flags: number;
}

interface SpawnRequest {
  /** A path, or a name to be found on the PATH of this process. */
  program: string;
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** In the order of their numbers, from 0. */
  descriptors: readonly Descriptor[];
}

export interface Spawned {
  readonly pid: number;
  /** The exit code; null if a signal ended it. Never rejects, and never settles after {@link dispose}. */
  readonly exited: Promise<number | null>;
  /** No longer waits for the end. The process goes on. */
  readonly dispose: () => void;
}

/** Starts a process that leads a session of its own. @throws Error with the `code` of the system call that failed */
export type SpawnProcess = (request: SpawnRequest) => Spawned | Promise<Spawned>;

/** Of new files. */
const mode = 0o600;

/** The way of Node, for all systems. */
export const spawnByNode: SpawnProcess = async ({ program, args, cwd, env, descriptors }) => {
  const opened: number[] = [];
  try {
    for (const { path, flags } of descriptors) opened.push(openSync(path, flags, mode));
    const child = spawn(program, args, { cwd, env, stdio: opened, detached: true, windowsHide: true });
    const failed = once(child, 'error') as Promise<[Error]>;
    if (child.pid === undefined) throw (await failed)[0];
    child.on('error', () => undefined);
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    return { pid: child.pid, exited, dispose: () => child.removeAllListeners('exit').unref() };
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
};

/** POSIX_SPAWN_SETSIGDEF, POSIX_SPAWN_SETSIGMASK and POSIX_SPAWN_SETSID in `spawn.h` of glibc and musl. */
const attributeFlags = 0x04 | 0x08 | 0x80;
/** WNOHANG */
const noHang = 1;
/** Bytes; at least those of posix_spawnattr_t (336), posix_spawn_file_actions_t (80) and sigset_t (128). */
const structBytes = 512;

/**
 * Starts processes with posix_spawn: the new process shares the memory of this one until it has loaded its program. The
 * `spawn` of Node copies the page tables instead, which takes a host six times as long (docs/decisions/0007).
 *
 * Each process leads a session of its own and has the default signal handlers. This process is its parent.
 */
class PosixSpawner {
  readonly #libc: ReturnType<typeof loadFunctions>;
  /** Keyed by pid: the processes that are to be waited for. */
  readonly #children = new Map<number, (code: number | null) => void>();
  readonly #attributes = Buffer.alloc(structBytes);

  /** @throws Error if the system's library lacks a function (glibc before 2.29, musl before 1.1.24) */
  constructor(library: SystemLibrary) {
    this.#libc = loadFunctions(library);
    const { attrInit, setFlags, setSigDefault, setSigMask } = this.#libc;
    attrInit(this.#attributes);
    setSigDefault(this.#attributes, Buffer.alloc(structBytes, 0xff));
    setSigMask(this.#attributes, Buffer.alloc(structBytes));
    setFlags(this.#attributes, attributeFlags);
  }

  readonly spawn: SpawnProcess = async (request) => {
    if (!isAbsolute(request.program)) return spawnByNode(request);
    let pid: number;
    try {
      pid = await this.#start(request);
    } catch {
      // Nothing was started. Node's way tells what is wrong: which file cannot be opened, say.
      return spawnByNode(request);
    }
    return this.#follow(pid);
  };

  /** In another thread: the caller waits until the new process has opened its files and loaded its program. */
  async #start({ program, args, cwd, env, descriptors }: SpawnRequest): Promise<number> {
    const { posixSpawn, actionsInit, addOpen, addChdir, actionsDestroy } = this.#libc;
    const actions = Buffer.alloc(structBytes);
    const pid = [0];
    check(actionsInit(actions));
    try {
      for (const [number, { path, flags }] of descriptors.entries()) check(addOpen(actions, number, path, flags, mode));
      check(addChdir(actions, cwd));
      const argv = [program, ...args, null];
      const envp = [...Object.entries(env).map(([name, value]) => `${name}=${value}`), null];
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      posixSpawn.async(pid, program, actions, this.#attributes, argv, envp, (error: Error | null, code: number) =>
        error ? reject(error) : resolve(code),
      );
      check(await promise);
    } finally {
      actionsDestroy(actions);
    }
    return pid[0]!;
  }

  #follow(pid: number): Spawned {
    if (this.#children.size === 0) process.on('SIGCHLD', this.#waitForEnded);
    const { promise, resolve } = Promise.withResolvers<number | null>();
    this.#children.set(pid, resolve);
    // Its signal may have come already.
    this.#waitFor(pid, resolve);
    // It stays among the children, so that it does not become a zombie when it ends.
    const dispose = (): void => void (this.#children.has(pid) && this.#children.set(pid, () => undefined));
    return { pid, exited: promise, dispose };
  }

  /** One signal may stand for several ends. Children of Node's own `spawn` are left to Node. */
  readonly #waitForEnded = (): void => {
    for (const [pid, ended] of this.#children) this.#waitFor(pid, ended);
  };

  #waitFor(pid: number, ended: (code: number | null) => void): void {
    const status = [0];
    if (this.#libc.waitpid(pid, status, noHang) === 0) return;
    this.#children.delete(pid);
    if (this.#children.size === 0) process.off('SIGCHLD', this.#waitForEnded);
    ended(exitCode(status[0]!));
  }
}

let fastest: SpawnProcess | undefined;

/** posix_spawn on Linux, if the library for this platform is there; else the way of Node. Loaded with the first process. */
export const spawnProcess: SpawnProcess = (request) => (fastest ??= chooseSpawn())(request);

function chooseSpawn(): SpawnProcess {
  // Node delivers SIGCHLD to the main thread alone.
  const library = isMainThread ? systemLibrary() : null;
  if (!library) return spawnByNode;
  try {
    return new PosixSpawner(library).spawn;
  } catch {
    return spawnByNode;
  }
}

function loadFunctions(libc: SystemLibrary) {
  const ofAttributes = (name: string, value: string) => libc.func(`int posix_spawnattr_${name}(void *a, ${value})`);
  const ofActions = (name: string, values = '') => libc.func(`int posix_spawn_file_actions_${name}(void *a${values})`);
  return {
    posixSpawn: libc.func(
      'int posix_spawn(_Out_ int *pid, const char *path, void *actions, void *attr, const char **argv, const char **env)',
    ),
    attrInit: libc.func('int posix_spawnattr_init(void *a)'),
    setFlags: ofAttributes('setflags', 'short flags'),
    setSigDefault: ofAttributes('setsigdefault', 'void *signals'),
    setSigMask: ofAttributes('setsigmask', 'void *signals'),
    actionsInit: ofActions('init'),
    addOpen: ofActions('addopen', ', int fd, const char *path, int flags, unsigned int mode'),
    addChdir: ofActions('addchdir_np', ', const char *path'),
    actionsDestroy: ofActions('destroy'),
    waitpid: libc.func('int waitpid(int pid, _Out_ int *status, int options)'),
  };
}

/** @param error the number of an error, 0 for none: errno is not used */
function check(error: number): void {
  if (error !== 0) throw new Error(`posix_spawn failed with error ${error}`);
}

/** The macros WIFEXITED and WEXITSTATUS of waitpid(2). */
function exitCode(status: number): number | null {
  return (status & 0x7f) === 0 ? (status >> 8) & 0xff : null;
}
