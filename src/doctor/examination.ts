import type { ProcessTable } from '../processes/snapshot.ts';
import { BgJobsError } from '../api/errors.ts';
import type { Check, CheckId, DoctorReport, LeftProcess } from '../api/inspection.ts';
import { plural } from '../text/grammar.ts';
import { ok, problem, reasonOf, warning } from './check.ts';
import { checkFolder } from './folderChecks.ts';
import { checkHost, checkSocket } from './hostChecks.ts';
import { treatLeftovers } from './orphanChecks.ts';
import type { DoctorOptions } from './main.ts';
import { checkStore } from './storeChecks.ts';
import { checkBoot, checkProcesses } from './systemChecks.ts';

/** All that needs SQLite. One check that breaks off costs no other. */
export async function examineStore(table: ProcessTable, { home, version, end }: DoctorOptions): Promise<DoctorReport> {
  const checks = [
    await attempt('processes', () => checkProcesses(table)),
    await attempt('boot', () => checkBoot(table)),
    await attempt('home', () => checkFolder(home)),
    await attempt('store', () => checkStore(table, home, Date.now())),
    await attempt('host', () => checkHost(home, version)),
    await attempt('socket', () => checkSocket(home)),
  ].flat();
  try {
    const processes = await treatLeftovers(table, home, end);
    return { checks: [...checks, checkLeftovers(processes)], processes };
  } catch (error) {
    if (error instanceof BgJobsError) throw error;
    const summary = `What earlier runs have left could not be looked for: ${reasonOf(error)}`;
    return { checks: [...checks, problem('leftovers', summary, 'Nothing was ended. Try again.')], processes: [] };
  }
}

async function attempt(id: CheckId, look: () => Check | Check[] | Promise<Check | Check[]>): Promise<Check | Check[]> {
  try {
    return await look();
  } catch (error) {
    return problem(id, `This could not be looked at: ${reasonOf(error)}`, 'Try again.');
  }
}

function checkLeftovers(processes: readonly LeftProcess[]): Check {
  const alive = processes.filter(({ outcome }) => outcome !== 'ended');
  const own = alive.filter(({ isOfThisStore, keptBecause }) => isOfThisStore && keptBecause === null);
  const survivors = alive.filter(({ outcome }) => outcome === 'survived');
  const others = alive.length - own.length;
  const beside = others === 0 ? '' : ` (${others} more cannot be ended from here, or are of another store)`;
  if (survivors.length > 0) {
    const pids = survivors.map(({ pid }) => pid).join(', ');
    return problem(
      'leftovers',
      `Could not be ended: ${pids}`,
      'The system does not let go of them, or of what they wait for.',
    );
  }
  if (own.length === 0) return ok('leftovers', `Nothing is left of earlier runs${beside}`);
  const summary = `${plural(own.length, 'process', 'processes')} of earlier runs ${own.length === 1 ? 'is' : 'are'} alive${beside}`;
  return warning(
    'leftovers',
    summary,
    'bgjobs doctor --end ends them all, bgjobs doctor --end PID… those that you name.',
  );
}
