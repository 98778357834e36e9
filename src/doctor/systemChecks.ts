import type { Check } from '../api/inspection.ts';
import type { ProcessTable } from '../processes/snapshot.ts';
import { plural } from '../text/grammar.ts';
import { ok, problem, reasonOf, warning } from './check.ts';

/** Whether processes can be seen and told apart: without that nothing can be stopped. */
export async function checkProcesses(table: ProcessTable): Promise<Check> {
  try {
    const processes = await table.snapshot();
    const self = table.identify(process.pid);
    if (!self || !processes.some(({ pid }) => pid === process.pid)) throw new Error('this very process is not in it');
    return ok('processes', `The list of processes can be read (${plural(processes.length, 'process', 'processes')})`);
  } catch (error) {
    return problem(
      'processes',
      `The list of processes cannot be read: ${reasonOf(error)}`,
      'Jobs cannot be stopped. Linux needs /proc, macOS ps and lsof, Windows PowerShell.',
    );
  }
}

/** Linux counts start times from the boot: without its name a process of an earlier boot looks like one of this. */
export function checkBoot(table: ProcessTable, platform: NodeJS.Platform = process.platform): Check {
  const boot = table.bootId();
  if (boot !== '') return ok('boot', `This boot is ${boot}`);
  if (platform !== 'linux') return ok('boot', 'Start times are absolute here, a boot needs no name');
  return warning('boot', 'This boot has no name', 'Mount /proc/sys/kernel/random/boot_id: it tells boots apart.');
}
