import { closeSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';
import { arch, cpus, homedir, release, totalmem, type as systemName } from 'node:os';
import { strToU8, zipSync } from 'fflate';
import { BgJobsError } from '../api/errors.ts';
import type { DoctorReport } from '../api/inspection.ts';
import { homeFiles, readHostRecord } from '../dataDir/dataDir.ts';
import { reportText } from '../text/doctorText.ts';
import { reasonOf, type DoctorOptions } from './check.ts';

export interface ReportRequest {
  /** The zip file to write: an absolute path. */
  readonly file: string;
  /** Whether a file that exists is replaced. */
  readonly overwrite: boolean;
  /** Command lines of jobs and processes too, and the texts that the log quotes. */
  readonly commands: boolean;
  /** Versions that only the caller knows. */
  readonly versions: Readonly<Record<string, string>>;
}

/** What is read of the end of each log (bytes). */
const logBytes = 262_144;
const hidden = '(hidden)';

/**
 * Writes what helps to find a fault into a zip file that can be sent: no values of environments, no tokens, and unless that
 * is wanted no command lines.
 * @param found what the doctor has found
 * @returns the names of the files in it
 * @throws BgJobsError `invalid_request` if the file cannot be written
 */
export async function writeReport(
  found: DoctorReport,
  { home, version }: DoctorOptions,
  { file, overwrite, commands, versions }: ReportRequest,
): Promise<string[]> {
  const { log, output, record } = homeFiles(home);
  const host = readHostRecord(record);
  const clean = cleaner(host?.token, commands);
  const processes = commands ? found.processes : found.processes.map((one) => ({ ...one, command: hidden }));
  const store = await storeContent(home, commands);
  const system = { system: systemName(), release: release(), arch: arch(), cpus: cpus().length, memory: totalmem() };
  const files: Record<string, string> = {
    'README.txt': readme(commands),
    'versions.json': json({
      version,
      ...versions,
      node: process.versions.node,
      sqlite: process.versions['sqlite'] ?? null,
      ...system,
      host: host ? { version: host.version, protocol: host.protocol, startedAt: host.startedAt } : null,
    }),
    'doctor.txt': clean(reportText({ ...found, processes }, Date.now())),
    'settings.json': json(store.settings),
    'jobs.json': clean(json(store.jobs)),
    'host.log': clean(endOf(log)),
    'host.out': clean(endOf(output)),
  };
  const packed = zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));
  try {
    writeFileSync(file, packed, { flag: overwrite ? 'w' : 'wx', mode: 0o600 });
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    const text = isThere ? `${file} exists. Give another name, or remove it first.` : reasonOf(error);
    throw new BgJobsError('invalid_request', `The report could not be written: ${text}`);
  }
  return Object.keys(files);
}

function readme(commands: boolean): string {
  return `A report of Background Jobs, to be sent with the description of a fault.

versions.json  versions of this software, Node and the system
doctor.txt     what \`bgjobs doctor\` has found
settings.json  numbers and switches of the job host; of lists and texts only how long they are
jobs.json      how many jobs there are, and of the newest ones which options they have and how they ended
host.log       the end of the log of the job host
host.out       the end of the output of the job host

Not in it: output of jobs, values of their environment, tokens, what follows the name of the server in URLs.
${commands ? 'Command lines are in it.' : 'Command lines and the texts that the log quotes are replaced.'} Your home folder is ~.
Names of files and folders may be in it. Look at it before you send it.
`;
}

/** @returns what takes out of a text what nobody else is to know */
function cleaner(token: string | undefined, commands: boolean): (text: string) => string {
  return (text) => {
    let cleaned = text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/"'@]*@)?([^\s/"'?#]+)[^\s"']*/gi, '$1$2/…');
    // Of a text that a message quotes nobody knows what it is.
    if (!commands) cleaned = cleaned.replace(/^(\d{4}-.*? )"(?:.*)"/gm, `$1"${hidden}"`);
    if (token !== undefined && token !== '') cleaned = cleaned.replaceAll(token, hidden);
    const userHome = homedir();
    return userHome.length > 1 ? cleaned.replaceAll(userHome, '~') : cleaned;
  };
}

/** The end of a file, from the beginning of a line. */
function endOf(path: string): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    return `(${reasonOf(error)})\n`;
  }
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, logBytes));
    const text = bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, size - bytes.length));
    return size > bytes.length ? text.slice(text.indexOf('\n') + 1) : text;
  } finally {
    closeSync(file);
  }
}

async function storeContent(home: string, commands: boolean): Promise<{ settings: unknown; jobs: unknown }> {
  try {
    // It cannot be loaded where Node has no SQLite.
    const { Stores } = await import('./storeChecks.ts');
    using stores = new Stores();
    const store = stores.at(home);
    if (store.type !== 'readable') return { settings: store, jobs: store };
    return { settings: store.reader.settingShapes(), jobs: store.reader.jobShapes(commands) };
  } catch (error) {
    const unreadable = { type: 'unreadable', reason: reasonOf(error) };
    return { settings: unreadable, jobs: unreadable };
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
