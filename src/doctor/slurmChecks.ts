import { execFile } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { delimiter, dirname, join, sep } from 'node:path';
import type { Check } from '../api/inspection.ts';
import { oneLine, plural } from '../text/grammar.ts';
import { ok, problem, warning } from './check.ts';

/** With a controller that does not answer, some programs of Slurm take 18 seconds to say so. */
const timeoutMs = 20_000;

/** The programs that the runner calls, and what the checks call. */
const programs = ['sbatch', 'squeue', 'scancel', 'scontrol', 'sinfo', 'srun'];

/**
 * The cluster, where Slurm is installed and has one; no check otherwise.
 * @param home the data directory, which nodes have to see
 */
export async function checkSlurm(home: string): Promise<Check[]> {
  const missing = programs.filter((name) => !isOnPath(name));
  if (missing.length === programs.length) return [];
  if (missing.length > 0) {
    const summary = `Slurm is installed, but not on the path: ${missing.join(', ')}`;
    return [problem('slurm', summary, 'Add the folder of these programs to PATH and restart the job host.')];
  }
  const conf = process.env['SLURM_CONF'];
  if (conf !== undefined && conf !== '' && !existsSync(conf)) {
    // Every program of Slurm would wait a minute for it.
    const summary = `SLURM_CONF names a file that does not exist: ${conf}`;
    return [problem('slurm', summary, 'Correct or remove the variable and restart the job host.')];
  }

  const ping = await run('scontrol', 'ping');
  // The package alone is no cluster.
  if (/configuration source/.test(ping.stderr)) return [];
  if (ping.code !== 0) return [silent(ping.stdout || ping.stderr)];
  const [config, nodes] = await Promise.all([
    run('scontrol', 'show', 'config'),
    run('sinfo', '-h', '-N', '-o', '%N|%n|%o'),
  ]);
  if (config.code !== 0 || nodes.code !== 0) return [silent(config.stderr || nodes.stderr)];
  const all = [...new Set(nodes.stdout.trim().split('\n'))].map((line) => line.split('|').slice(1));
  const [cluster, version] = ['ClusterName', 'SLURM_VERSION'].map((name) => setting(config.stdout, name) ?? '');
  const summary = `The controller of Slurm ${version} answers: cluster ${cluster} with ${plural(all.length, 'node')}`;
  return [
    ok('slurm', summary),
    checkProctrack(config.stdout),
    checkArrays(config.stdout),
    checkFiles(home, all),
  ].flat();
}

function silent(answer: string): Check {
  return warning(
    'slurm',
    `The controller of Slurm does not answer: ${oneLine(answer.trim())}`,
    'Jobs on the cluster go on, and their ends are recorded. Ask its administrators if this lasts.',
  );
}

/** What Slurm itself ends of a job. It is as it is: an administrator decides. */
function checkProctrack(config: string): Check[] {
  const type = setting(config, 'ProctrackType');
  if (type === undefined) return [];
  const summary = /cgroup/.test(type)
    ? 'Slurm ends every process of a job with the job'
    : 'Slurm does not see processes that have left a job, and ends nothing that a finished job leaves. Kill looks for both';
  return [ok('slurm_processes', `${summary} (${type})`)];
}

function checkArrays(config: string): Check[] {
  const size = Number(setting(config, 'MaxArraySize'));
  if (!(size > 0)) return [];
  return [ok('slurm_arrays', `An array on the cluster can have numbers up to ${size - 1} (MaxArraySize)`)];
}

/** Output and exit codes are read from files, so the nodes have to see the data directory. */
function checkFiles(home: string, nodes: readonly string[][]): Check {
  const { type, at } = fileSystemOf(home);
  if (networkTypes.test(type)) return ok('slurm_files', `${home} is on a network file system (${type}, ${at})`);
  const own = ownAddresses();
  if (nodes.every((names) => names.some((name) => own.has(name)))) {
    return ok('slurm_files', 'All nodes of the cluster are this machine, so they see the data directory');
  }
  return warning(
    'slurm_files',
    `${home} is on a file system of this machine (${type}, ${at}), which other nodes probably do not see`,
    'Jobs on the cluster need a data directory that its nodes see under the same path: set BGJOBS_HOME to a folder on the shared file system, often in the home directory.',
  );
}

const networkTypes =
  /^(nfs\d?|lustre|gpfs|beegfs|cifs|smb3|smbfs|ceph|afs|pvfs2|panfs|wekafs|glusterfs|9p|virtiofs|fuse\..+|ocfs2|gfs2)$/;

/** The type and mount point of the file system that holds a folder, or that will hold it (proc_pid_mountinfo(5)). */
function fileSystemOf(folder: string): { type: string; at: string } {
  let there = folder;
  while (!existsSync(there)) there = dirname(there);
  const path = realpathSync(there);
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n');
  const found = mounts.flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const at = unescaped(before.split(' ')[4] ?? '');
    const isAbove = path === at || path.startsWith(at.endsWith(sep) ? at : at + sep);
    return isAbove ? [{ type: after.split(' ')[0] ?? '', at }] : [];
  });
  // Of two at one place the later one counts.
  return found.reduce((a, b) => (b.at.length >= a.at.length ? b : a), { type: 'unknown', at: sep });
}

/** Blanks and the like are written as octal numbers. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
}

function ownAddresses(): Set<string> {
  const name = hostname();
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return new Set([name, name.split('.', 1)[0]!, 'localhost', ...addresses.map(({ address }) => address)]);
}

function setting(config: string, name: string): string | undefined {
  return new RegExp(`^${name}\\s*=\\s*(.+?)\\s*$`, 'm').exec(config)?.[1];
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

interface Answer {
  code: number;
  stdout: string;
  stderr: string;
}

function run(program: string, ...args: string[]): Promise<Answer> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: timeoutMs, maxBuffer: 64 * 1024 ** 2 }, (error, stdout, stderr) => {
      const { code } = (error ?? { code: 0 }) as { code?: number | string };
      resolve({ code: typeof code === 'number' ? code : 1, stdout, stderr });
    });
  });
}
