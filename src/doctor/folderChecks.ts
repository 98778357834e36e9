import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statfsSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { punchHole } from '../engine/output/punchHole.ts';
import { isPrivateFolder } from '../dataDir/privateFolder.ts';
import type { Check } from '../api/inspection.ts';
import { bytes } from '../text/grammar.ts';
import { ok, problem, reasonOf, warning } from './check.ts';

const littleSpace = 1024 ** 3;
const noSpace = 50 * 1024 ** 2;
/** Larger than the blocks of all file systems. */
const hole = 1024 ** 2;

/** The folder of the store, and what its file system can do. One that does not exist yet is not made. */
export async function checkFolder(home: string): Promise<Check[]> {
  if (!existsSync(home)) return [checkParent(home), checkSpace(nearest(home, existsSync))];
  const folder = checkAccess(home);
  if (folder.status === 'problem') return [folder, checkSpace(home)];
  return [folder, checkSpace(home), await checkHoles(home), checkWatch(home)];
}

function checkParent(home: string): Check {
  const parent = nearest(home, isEntry);
  try {
    if (!statSync(parent).isDirectory()) throw new Error(`${parent} is no folder`);
    accessSync(parent, constants.W_OK);
    return ok('home', `${home} does not exist yet: the first job makes it`);
  } catch (error) {
    return problem(
      'home',
      `${home} cannot be made: ${reasonOf(error)}`,
      `Make ${parent} a writable folder, ${elsewhere}`,
    );
  }
}

const elsewhere = 'or set BGJOBS_HOME to another folder.';

function checkAccess(home: string): Check {
  const uid = process.getuid?.();
  try {
    const folder = statSync(home);
    if (!folder.isDirectory()) throw new Error('it is no folder');
    if (uid !== undefined && folder.uid !== uid) throw new Error(`it belongs to another user (uid ${folder.uid})`);
    accessSync(home, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    return problem('home', `${home} cannot be used: ${reasonOf(error)}`, `Make it a writable folder, ${elsewhere}`);
  }
  // As the host does, which works with a link too.
  if (isPrivateFolder(realpathSync(home), uid)) return ok('home', `${home} is writable and private`);
  return warning('home', `${home} is open to other users`, `Close it: chmod 700 '${home}'.`);
}

function checkSpace(folder: string): Check {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const summary = `${bytes(free)} are free on the disk of the store`;
  if (free >= littleSpace) return ok('disk', summary);
  const advice = 'Make room: bgjobs cleanup removes finished jobs and their logs.';
  return free >= noSpace ? warning('disk', summary, advice) : problem('disk', summary, advice);
}

/** By trying it on a file. */
async function checkHoles(home: string): Promise<Check> {
  const folder = mkdtempSync(join(home, 'doctor-'));
  const file = join(folder, 'hole');
  try {
    writeFileSync(file, Buffer.alloc(2 * hole, 1), { flush: true });
    const before = statSync(file).blocks;
    await punchHole(process.platform)(file, hole);
    if (statSync(file).blocks >= before && process.platform !== 'win32') throw new Error('no block was given back');
    return ok('holes', 'Long logs can be shortened at their beginning');
  } catch (error) {
    const summary = `Long logs cannot be shortened at their beginning: ${reasonOf(error).trim()}`;
    return warning('holes', summary, 'maxLogBytes is not kept here. Watch the disk, or move the store: BGJOBS_HOME.');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** By trying it: on Linux watches are counted for each user (inotify). */
function checkWatch(home: string): Check {
  try {
    watch(home, { persistent: false }).close();
    return ok('watch', 'Changes of files are told at once');
  } catch (error) {
    return warning(
      'watch',
      `No file can be watched any more: ${reasonOf(error)}`,
      'Logs are looked at from time to time instead. On Linux raise fs.inotify.max_user_watches and max_user_instances.',
    );
  }
}

function nearest(folder: string, isThere: (path: string) => boolean): string {
  return isThere(folder) ? folder : nearest(dirname(folder), isThere);
}

/** Also of a link that leads nowhere: it is in the way of a folder. */
function isEntry(path: string): boolean {
  try {
    return Boolean(lstatSync(path));
  } catch {
    return false;
  }
}
