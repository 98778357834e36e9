import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { programBundle } from '../../bundles.ts';
import { resolveHome } from '../../dataDir/dataDir.ts';

/** Of the bundle of the program, in this bundle. */
declare const programHash: string | undefined;

/** Files of older programs are removed after this time (milliseconds). */
const keptMs = 30 * 24 * 3600 * 1000;

/**
 * Runs the program with what V8 has compiled of it when the same verb ran before: compiling takes longer than all else
 * that a short command does. `module.enableCompileCache` would not do, since it leaves out each function that had not run
 * when the file was loaded. The cache is in the data folder, where no other user can put anything, and there is none
 * until the job host has made that folder. A cache that cannot be read or written is no reason to fail.
 */
export function runProgram(verb: string): void {
  const cache = cacheFile(verb);
  const cachedData = cache === undefined ? undefined : readCompiled(cache);
  // The bundle is a function of the variables of a module, and ASCII.
  const script = new Script(readFileSync(programBundle, 'latin1'), {
    filename: programBundle,
    ...(cachedData && { cachedData }),
  });
  if (cache !== undefined && (!cachedData || script.cachedDataRejected === true)) {
    process.once('exit', (code) => {
      if (code === 0) keepCompiled(cache, script);
    });
  }
  const run = script.runInThisContext() as (...parameters: unknown[]) => void;
  const module = { exports: {} };
  run(module.exports, load, module, programBundle, dirname(programBundle));
}

/** The `require` of the program, whose dynamic imports esbuild has replaced: a script of `node:vm` can have none. */
function load(name: string): unknown {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- this file is always part of a CommonJS bundle
  return require(name.startsWith('file:') ? fileURLToPath(name) : name) as unknown;
}

/** What a verb compiles is its own, so each has a file; so has each version of Node. Undefined where none can be. */
function cacheFile(verb: string): string | undefined {
  if (typeof programHash !== 'string') return undefined;
  try {
    const home = resolveHome(process.env);
    const { uid, mode } = statSync(home);
    const isPrivate = process.getuid === undefined || (uid === process.getuid() && (mode & 0o077) === 0);
    const name = /^[a-z_-]{2,12}$/.test(verb) ? verb : 'other';
    return isPrivate ? join(home, 'cache', `${programHash}-${process.version}-${name}`) : undefined;
  } catch {
    return undefined;
  }
}

/** V8 does not check what it reads: the data is there twice, which is compared faster than any checksum is loaded. */
function readCompiled(path: string): Buffer | undefined {
  try {
    const both = readFileSync(path);
    const data = both.subarray(0, both.length / 2);
    return data.equals(both.subarray(data.length)) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** By rename: other processes may be reading or writing it. */
function keepCompiled(path: string, script: Script): void {
  const draft = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const data = script.createCachedData();
    writeFileSync(draft, Buffer.concat([data, data]), { mode: 0o600 });
    renameSync(draft, path);
    removeOld(dirname(path));
  } catch {
    // The disk is full, or the folder cannot be written: the next start compiles again.
  }
}

function removeOld(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (Date.now() - statSync(path).mtimeMs > keptMs) unlinkSync(path);
  }
}
