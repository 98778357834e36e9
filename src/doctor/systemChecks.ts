import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  statfsSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Check } from '../api/inspection.ts';
import { createClient } from '../client/apiClient.ts';
import { probeHost } from '../client/findHost.ts';
import { homeFiles, readHostRecord } from '../dataDir/dataDir.ts';
import { isPrivateFolder } from '../dataDir/privateFolder.ts';
import { punchHole } from '../disk/punchHole.ts';
import { endpointCandidates } from '../host/endpoint.ts';
import type { ProcessTable } from '../processes/runTree.ts';
import { bytes, plural } from '../text/grammar.ts';
import { ok, problem, reasonOf, warning } from './check.ts';
import { canonical, isLocked } from './storeChecks.ts';

/** Whether processes can be listed and told apart: without that nothing can be killed. */
export async function checkProcesses(
  table: ProcessTable,
  platform: NodeJS.Platform = process.platform,
): Promise<Check> {
  try {
    const processes = await table.snapshot();
    const self = table.identify(process.pid);
    if (!self || !processes.some(({ pid }) => pid === process.pid)) throw new Error('this process is not in it');
    const summary = `The list of processes can be read (${plural(processes.length, 'process', 'processes')})`;
    if (platform !== 'win32' || table.job) return ok('processes', summary);
    return warning('processes', `${summary}, but only by PowerShell, and runs have no Job Objects`, withoutLibrary);
  } catch (error) {
    return problem(
      'processes',
      `The list of processes cannot be read: ${reasonOf(error)}`,
      'Jobs cannot be killed. Linux needs /proc, macOS ps and lsof, Windows PowerShell.',
    );
  }
}

const withoutLibrary =
  'The library that calls functions of Windows is missing for this processor, so every look takes longer, and a kill can overlook processes whose parents have ended.';

/** Linux counts start times from the boot: without a boot id, processes of an earlier boot look like current ones. */
export function checkBoot(table: ProcessTable, platform: NodeJS.Platform = process.platform): Check {
  const boot = table.bootId();
  if (boot !== '') return ok('boot', `The boot id is ${boot}`);
  if (platform !== 'linux') return ok('boot', 'Start times are absolute on this platform, so no boot id is needed');
  return warning('boot', 'This boot has no id', 'Mount /proc/sys/kernel/random/boot_id: it distinguishes boots.');
}

const littleSpace = 1024 ** 3;
const noSpace = 50 * 1024 ** 2;
/** Larger than the blocks of any file system. */
const hole = 1024 ** 2;

/** The data directory, and what its file system supports. A missing one is not created. */
export async function checkFolder(home: string): Promise<Check[]> {
  if (!existsSync(home)) return [checkParent(home), checkSpace(nearest(home, existsSync))];
  const folder = checkAccess(home);
  if (folder.status === 'problem') return [folder, checkSpace(home)];
  return [folder, checkSpace(home), await checkHoles(home), checkWatch(home)];
}

function checkParent(home: string): Check {
  const parent = nearest(home, isEntry);
  try {
    if (!statSync(parent).isDirectory()) throw new Error(`${parent} is not a folder`);
    accessSync(parent, constants.W_OK);
    return ok('home', `${home} does not exist yet: the first job creates it`);
  } catch (error) {
    return problem(
      'home',
      `${home} cannot be created: ${reasonOf(error)}`,
      `Make ${parent} a writable folder, ${elsewhere}`,
    );
  }
}

const elsewhere = 'or set BGJOBS_HOME to another folder.';

function checkAccess(home: string): Check {
  const uid = process.getuid?.();
  try {
    const folder = statSync(home);
    if (!folder.isDirectory()) throw new Error('it is not a folder');
    if (uid !== undefined && folder.uid !== uid) throw new Error(`it belongs to another user (uid ${folder.uid})`);
    accessSync(home, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    return problem('home', `${home} cannot be used: ${reasonOf(error)}`, `Make it a writable folder, ${elsewhere}`);
  }
  // Like the host, which accepts a link too.
  if (isPrivateFolder(realpathSync(home), uid)) return ok('home', `${home} is writable and private`);
  return warning('home', `${home} is accessible to other users`, `Restrict it: chmod 700 '${home}'.`);
}

function checkSpace(folder: string): Check {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const summary = `${bytes(free)} are free on the disk of the store`;
  if (free >= littleSpace) return ok('disk', summary);
  const advice = 'Free some space: bgjobs cleanup removes finished jobs and their logs.';
  return free >= noSpace ? warning('disk', summary, advice) : problem('disk', summary, advice);
}

/** Tries it on a file. */
async function checkHoles(home: string): Promise<Check> {
  const folder = mkdtempSync(join(home, 'doctor-'));
  const file = join(folder, 'hole');
  try {
    writeFileSync(file, Buffer.alloc(2 * hole, 1), { flush: true });
    const before = statSync(file).blocks;
    await punchHole(process.platform)(file, 0, hole);
    if (statSync(file).blocks >= before && process.platform !== 'win32') throw new Error('no block was freed');
    return ok('holes', 'The oldest part of a long log can be deleted');
  } catch (error) {
    const summary = `The oldest part of a long log cannot be deleted: ${reasonOf(error).trim()}`;
    return warning(
      'holes',
      summary,
      'maxLogBytes has no effect here. Watch the disk, or set BGJOBS_HOME to move the store.',
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Tries it: Linux limits the watches of each user (inotify). */
function checkWatch(home: string): Check {
  try {
    watch(home, { persistent: false }).close();
    return ok('watch', 'Changes of files are noticed at once');
  } catch (error) {
    return warning(
      'watch',
      `Files cannot be watched: ${reasonOf(error)}`,
      'Logs are polled instead. On Linux raise fs.inotify.max_user_watches and max_user_instances.',
    );
  }
}

function nearest(folder: string, isThere: (path: string) => boolean): string {
  return isThere(folder) ? folder : nearest(dirname(folder), isThere);
}

/** Whether the path exists. A broken link counts: no folder can be created there. */
function isEntry(path: string): boolean {
  try {
    return Boolean(lstatSync(path));
  } catch {
    return false;
  }
}

/** Checks the job host without starting it. @param version of this software */
export async function checkHost(home: string, version: string): Promise<Check[]> {
  const agent = new Agent();
  const { record: path, log } = homeFiles(home);
  try {
    const probe = await probeHost(path, version, agent);
    if (probe.state === 'absent') return [checkLock(home)];
    const summary = `The job host is running: process ${probe.host.pid}, version ${probe.host.version}`;
    if (probe.state === 'ready') return [ok('host', summary), ...(await checkWarnings(home, version))];
    return [warning('host', `${summary}, older than this software (${version})`, 'The next command replaces it.')];
  } catch (error) {
    return [problem('host', `The job host cannot be reached: ${reasonOf(error)}`, `Its log is ${log}.`)];
  } finally {
    agent.destroy();
  }
}

function checkLock(home: string): Check {
  if (!isLocked(home)) return ok('host', 'No job host is running: it is started when needed');
  const { record, log } = homeFiles(home);
  const pid = readHostRecord(record)?.pid;
  return problem(
    'host',
    'A process holds the lock of the store but does not respond',
    `End it${pid === undefined ? '' : ` (maybe process ${pid})`} and try again: running jobs continue. Its log is ${log}.`,
  );
}

async function checkWarnings(home: string, version: string): Promise<Check[]> {
  const client = createClient({ start: false, home, version });
  try {
    const { warnings } = await client.getHost();
    if (warnings.length === 0) return [ok('host_warnings', 'The job host reports no warnings')];
    const summary = `The job host reports ${plural(warnings.length, 'warning')}: ${warnings.join(' ')}`;
    return [warning('host_warnings', summary, 'Restart the host to clear them: bgjobs host stop.')];
  } finally {
    client.dispose();
  }
}

/** Checks where the host can listen. */
export function checkSocket(home: string, platform: NodeJS.Platform = process.platform): Check {
  if (platform === 'win32') return ok('socket', 'Named pipes need no path');
  const place = { platform, home: canonical(home), uid: process.getuid?.(), temporary: tmpdir() };
  const [first] = endpointCandidates(place);
  if (first === undefined) {
    const summary = 'No path is short enough for a socket: each host creates a folder for it in /tmp';
    return warning('socket', summary, 'Set BGJOBS_HOME to a shorter path.');
  }
  if (dirname(first) === place.home) return ok('socket', `${first} is short enough for a socket`);
  return ok('socket', `The path of the store is too long for a socket, so the socket is ${first}`);
}
