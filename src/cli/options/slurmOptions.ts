import type { Command } from 'commander';
import type { StartRequest } from '../../api/options.ts';
import { definedOnly, usageError } from '../base/context.ts';
import { field, parseCount } from './parse.ts';

export interface SlurmVerbOptions {
  runner?: StartRequest['runner'];
  slurm?: StartRequest['slurm'];
  extra?: string;
}

/** Where the job runs, and what it asks of Slurm. */
export function addSlurmOptions(verb: Command): void {
  const time = 'time limit in Slurm: minutes, hours:minutes:seconds or days-hours';
  const extra = "more options of sbatch, separated by spaces, for example '--exclusive --licenses=matlab'";
  verb
    .optionsGroup('Cluster:')
    .addOption(field('runner', '--runner <where>', 'where the job runs (default local)', ['local', 'slurm']))
    .addOption(field('slurm.partition', '--partition <name>', 'partition of Slurm', String))
    .addOption(field('slurm.account', '--account <name>', 'account that is charged', String))
    .addOption(field('slurm.qos', '--qos <name>', 'quality of service', String))
    .addOption(field('slurm.timeLimit', '--time <limit>', time, String))
    .addOption(field('slurm.nodes', '--nodes <n>', 'number of nodes', parseCount))
    .addOption(field('slurm.ntasks', '--ntasks <n>', 'number of tasks for srun in the command', parseCount))
    .addOption(field('slurm.cpus', '--cpus <n>', 'CPUs for each task', parseCount))
    .addOption(field('slurm.memory', '--mem <size>', 'memory for each node, for example 4G (default --memory)', String))
    .addOption(field('slurm.gpus', '--gpus <n>', 'GPUs: a number, or type:number', String))
    .addOption(field('slurm.constraint', '--constraint <features>', 'features that the nodes must have', String))
    .addOption(field('slurm.reservation', '--reservation <name>', 'reservation to use', String))
    .option('--extra <options>', extra);
}

/** @throws BgJobsError `invalid_request` when something is asked of Slurm for a job that does not run there */
export function slurmRequest({ runner, slurm, extra }: SlurmVerbOptions): Pick<StartRequest, 'runner' | 'slurm'> {
  const words = extra?.split(/\s+/).filter((word) => word !== '');
  if (runner !== 'slurm' && (slurm !== undefined || words !== undefined)) {
    throw usageError('--partition, --account, --time and the other options of a cluster require --runner slurm');
  }
  const asked = (slurm ?? words) ? { ...slurm, ...definedOnly({ extra: words }) } : undefined;
  return definedOnly({ runner, slurm: asked });
}
