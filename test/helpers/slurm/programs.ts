import { execaSync } from 'execa';
import { existsSync, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installFromDebian } from '../../../scripts/editor/packages.ts';

/** Where the daemons of Slurm are, and its plugins. */
export interface SlurmPrograms {
  slurmctld: string;
  slurmd: string;
  slurmstepd: string;
  munged: string;
  plugins: string;
}

/** Slurm and munge, which are installed where that is possible. Undefined, with a reason that was printed, otherwise. */
export async function provideSlurm(): Promise<SlurmPrograms | undefined> {
  const missing = whatIsMissing();
  if (missing !== undefined) return skipped(missing);
  // Where there is an init, the installation would start a munged of the system, and enable services.
  const found = find() ?? (existsSync('/run/systemd/system') ? undefined : await install());
  return found ?? skipped('Slurm is not installed: apt-get install --no-install-recommends slurm-wlm munge');
}

async function install(): Promise<SlurmPrograms | undefined> {
  return (await installFromDebian('slurm-wlm', 'munge')) ? find() : undefined;
}

function whatIsMissing(): string | undefined {
  if (process.platform !== 'linux') return 'Slurm is for Linux.';
  return process.getuid?.() === 0 ? undefined : 'A private cluster needs root.';
}

function skipped(reason: string): undefined {
  console.error(`\nSKIPPED: the tests of Slurm did not run. ${reason}\n`);
  return undefined;
}

function find(): SlurmPrograms | undefined {
  // Debian's package of the emulator takes the plain names over, so the real name comes first.
  const [slurmctld, slurmd, slurmstepd] = ['slurmctld', 'slurmd', 'slurmstepd'].map(
    (name) => which(`${name}-wlm`) ?? which(name),
  );
  const munged = which('munged');
  const plugins = globSync('/usr/lib{,64,/*}/{slurm,slurm-wlm}/proctrack_linuxproc.so')[0];
  if (!slurmctld || !slurmd || !slurmstepd || !munged || !plugins || !which('sbatch')) return undefined;
  return { slurmctld, slurmd, slurmstepd, munged, plugins: join(plugins, '..') };
}

function which(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Whether this machine has the version 1 of control groups, writable, with which Slurm can limit memory. */
export function canLimitMemory(): boolean {
  const groups = ['memory', 'freezer', 'cpuset', 'devices'];
  return groups.every((name) => {
    const folder = `/sys/fs/cgroup/${name}`;
    return existsSync(folder) && !execaSync('test', ['-w', folder], { reject: false }).failed;
  });
}
