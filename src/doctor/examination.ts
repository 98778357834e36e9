import type { ProcessTable } from '../processes/runTree.ts';
import { BgJobsError } from '../api/errors.ts';
import type { Check, CheckId, DoctorReport, LeftProcess } from '../api/inspection.ts';
import { plural } from '../text/grammar.ts';
import { ok, problem, reasonOf, warning } from './check.ts';
import { checkBoot, checkFolder, checkHost, checkProcesses, checkSocket } from './systemChecks.ts';
import { treatOrphans } from './orphanChecks.ts';
import type { DoctorOptions } from './check.ts';
import { checkSlurm } from './slurmChecks.ts';
import { checkStore } from './storeChecks.ts';

/** All checks that need SQLite. One that fails does not affect the others. */
export async function examineStore(table: ProcessTable, { home, version, end }: DoctorOptions): Promise<DoctorReport> {
  const checks = [
    await attempt('processes', () => checkProcesses(table)),
    await attempt('boot', () => checkBoot(table)),
    await attempt('home', () => checkFolder(home)),
    await attempt('store', () => checkStore(table, home, Date.now())),
    await attempt('host', () => checkHost(home, version)),
    await attempt('socket', () => checkSocket(home)),
    await attempt('slurm', () => checkSlurm(home)),
  ].flat();
  try {
    const processes = await treatOrphans(table, home, end);
    return { checks: [...checks, checkOrphans(processes)], processes };
  } catch (error) {
    if (error instanceof BgJobsError) throw error;
    const summary = `Could not search for processes of earlier runs: ${reasonOf(error)}`;
    return { checks: [...checks, problem('leftovers', summary, 'No process was ended. Try again.')], processes: [] };
  }
}

async function attempt(id: CheckId, check: () => Check | Check[] | Promise<Check | Check[]>): Promise<Check | Check[]> {
  try {
    return await check();
  } catch (error) {
    return problem(id, `This check failed: ${reasonOf(error)}`, 'Try again.');
  }
}

function checkOrphans(processes: readonly LeftProcess[]): Check {
  const alive = processes.filter(({ outcome }) => outcome !== 'ended');
  const own = alive.filter(({ isOfThisStore, keptBecause }) => isOfThisStore && keptBecause === null);
  const survivors = alive.filter(({ outcome }) => outcome === 'survived');
  const others = alive.length - own.length;
  const note = others === 0 ? '' : ` (${others} more cannot be ended from here or belong to another store)`;
  if (survivors.length > 0) {
    const pids = survivors.map(({ pid }) => pid).join(', ');
    return problem(
      'leftovers',
      `Could not be ended: ${pids}`,
      'The system does not release them, or what they wait for.',
    );
  }
  if (own.length === 0) return ok('leftovers', `No process of an earlier run is alive${note}`);
  const summary = `${plural(own.length, 'process', 'processes')} of earlier runs ${own.length === 1 ? 'is' : 'are'} alive${note}`;
  return warning(
    'leftovers',
    summary,
    'Run bgjobs doctor --end to end all of them, or bgjobs doctor --end PID… to end some.',
  );
}
