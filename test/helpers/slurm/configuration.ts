import { hostname } from 'node:os';
import { join } from 'node:path';
import type { SlurmPrograms } from './programs.ts';

export interface ClusterOptions {
  /** How many nodes, n1, n2 and so on. Default: 1. */
  nodes?: number;
  /** What each node claims to have, whether or not this machine has it. Default: 4. */
  cpus?: number;
  /** Default: 1024. */
  memoryMb?: number;
  /** How Slurm finds the processes of a job. `cgroup` also limits memory. Default: linuxproc. */
  proctrack?: 'linuxproc' | 'cgroup';
  /** Further lines of slurm.conf, which replace others with the same key: `KillWait=5`. */
  extra?: readonly string[];
}

/** Files and folders of a cluster. */
export class ClusterFiles {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  get configuration(): string {
    return join(this.folder, 'slurm.conf');
  }

  get log(): string {
    return join(this.folder, 'log');
  }

  get run(): string {
    return join(this.folder, 'run');
  }

  get state(): string {
    return join(this.folder, 'state');
  }

  get socket(): string {
    return join(this.run, 'munge.sock');
  }
}

/** The text of slurm.conf. @param ports of the controller, and of each node */
export function slurmConf(
  files: ClusterFiles,
  { plugins }: SlurmPrograms,
  names: readonly string[],
  [controllerPort, ...ports]: readonly number[],
  { cpus = 4, memoryMb = 1024, proctrack = 'linuxproc', extra = [] }: ClusterOptions,
): string {
  const isGrouped = proctrack === 'cgroup';
  const lines = [
    'ClusterName=private',
    'SlurmctldHost=localhost(127.0.0.1)',
    `SlurmctldPort=${controllerPort}`,
    'SlurmUser=root',
    'SlurmdUser=root',
    'AuthType=auth/munge',
    `AuthInfo=socket=${files.socket}`,
    'CredType=cred/munge',
    `StateSaveLocation=${join(files.state, 'controller')}`,
    `SlurmdSpoolDir=${join(files.state, '%n')}`,
    `SlurmctldPidFile=${join(files.run, 'slurmctld.pid')}`,
    `SlurmdPidFile=${join(files.run, '%n.pid')}`,
    `SlurmctldLogFile=${join(files.log, 'slurmctld.log')}`,
    `SlurmdLogFile=${join(files.log, '%n.log')}`,
    `PluginDir=${plugins}`,
    `ProctrackType=proctrack/${proctrack}`,
    `TaskPlugin=task/${isGrouped ? 'cgroup' : 'none'}`,
    'JobAcctGatherType=jobacct_gather/linux',
    'SelectType=select/cons_tres',
    `SelectTypeParameters=CR_CPU${isGrouped ? '_Memory' : ''}`,
    'SchedulerType=sched/backfill',
    // Otherwise a job waits a second or more.
    'SchedulerParameters=batch_sched_delay=0,sched_min_interval=0',
    'MpiDefault=none',
    'ReturnToService=2',
    'AccountingStorageType=accounting_storage/none',
    'MinJobAge=300',
    'KillWait=30',
    'InactiveLimit=0',
    // Nobody outside this machine can connect.
    'CommunicationParameters=NoInAddrAny,NoCtldInAddrAny',
    'SlurmdParameters=config_overrides',
    'SlurmctldTimeout=30',
    'SlurmdTimeout=30',
    ...extra,
  ];
  const key = (line: string) => line.split('=', 1)[0]!.toLowerCase();
  // A key that is there twice is an error.
  const byKey = new Map(lines.map((line) => [key(line), line]));
  const machine = hostname().split('.', 1)[0];
  const nodes = names.map(
    (name, index) =>
      `NodeName=${name} NodeHostname=${machine} NodeAddr=127.0.0.1 Port=${ports[index]} CPUs=${cpus} RealMemory=${memoryMb} State=UNKNOWN`,
  );
  const partition = 'PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP';
  return [...byKey.values(), ...nodes, partition, ''].join('\n');
}

/** The text of cgroup.conf. From 23.11 on a node wants control groups, whatever slurm.conf says, unless told not to. */
export function cgroupConf(proctrack: ClusterOptions['proctrack'], version: string): string | undefined {
  if (proctrack === 'cgroup') {
    return 'CgroupMountpoint=/sys/fs/cgroup\nCgroupPlugin=cgroup/v1\nConstrainRAMSpace=yes\n';
  }
  return /\s(2[0-2]\.|23\.02\.)/.test(version) ? undefined : 'CgroupPlugin=disabled\n';
}
