import { keyOf, type ProcessEntry } from '../processes/processSource.ts';
import type { RunTarget, ProcessTable } from '../processes/runTree.ts';
import { BgJobsError } from '../api/errors.ts';
import type { LeftProcess } from '../api/inspection.ts';
import { killTree } from '../processes/killTree.ts';
import { searchLeftRuns, type LeftRun } from './orphanSearch.ts';
import { canonical } from './storeChecks.ts';

/** The default grace time of a job. */
const graceMs = 5000;

interface Found {
  readonly run: LeftRun;
  readonly entry: ProcessEntry;
  readonly shown: LeftProcess;
}

/**
 * Finds the processes that earlier runs have left, and ends the chosen ones.
 * @param end all of this store that can be ended, or these pids
 * @throws BgJobsError `invalid_request`, `invalid_state` before anything is ended
 */
export async function treatOrphans(
  table: ProcessTable,
  home: string,
  end: 'all' | readonly number[] | undefined,
): Promise<LeftProcess[]> {
  const runs = await searchLeftRuns(table, home);
  const found = await Promise.all(runs.map((run) => described(table, canonical(home), run)));
  const chosen = choose(found.flat(), end);
  const ended = await endChosen(table, found.flat(), chosen);
  return found.flat().map(({ entry, shown }) => ({ ...shown, outcome: ended.get(keyOf(entry)) ?? 'kept' }));
}

async function described(table: ProcessTable, home: string, run: LeftRun): Promise<Found[]> {
  const { target, origin, processes } = run;
  const usages = await table.usageOf(processes);
  return processes.map((entry) => {
    const { memory = null, startedAt = null } = usages.get(entry.pid) ?? {};
    const shown: LeftProcess = {
      pid: entry.pid,
      command: table.commandOf(entry),
      memory,
      startedAt: startedAt === null ? null : new Date(startedAt).toISOString(),
      runId: target.runId,
      jobId: target.runId.split('.')[0] ?? '',
      ...origin,
      isOfThisStore: origin.home === home,
      keptBecause: keptBecause(table, run, entry),
      outcome: 'kept',
    };
    return { run, entry, shown };
  });
}

function keptBecause(table: ProcessTable, { origin, ancestors }: LeftRun, { pid }: ProcessEntry): string | null {
  const [own, owner] = [process.getuid?.(), table.ownerOf(pid)];
  if (owner !== own) return `it is another user's (uid ${owner ?? 'unknown'})`;
  if (ancestors.has(pid)) return 'this command is running inside it';
  if (origin.belongsTo === 'unreadable_store') return 'a store cannot be read, so the run may still be under way';
  return null;
}

function choose(found: readonly Found[], end: 'all' | readonly number[] | undefined): Found[] {
  if (end === undefined) return [];
  if (end === 'all') return found.filter(({ shown }) => shown.isOfThisStore && shown.keptBecause === null);
  return [...new Set(end)].map((pid) => {
    const one = found.find(({ entry }) => entry.pid === pid);
    if (!one) {
      throw new BgJobsError(
        'invalid_request',
        `Process ${pid} is not left over from a run: it has ended, belongs to a run that is under way, or is not part of a job. ` +
          'No process was ended; `bgjobs doctor` lists those that can be.',
        { pid },
      );
    }
    if (one.shown.keptBecause !== null) {
      throw new BgJobsError(
        'invalid_state',
        `Process ${pid} cannot be ended from here: ${one.shown.keptBecause}. No process was ended.`,
        { pid },
      );
    }
    return one;
  });
}

/** Keyed by {@link keyOf}. Before each signal pid, start time and boot are compared again. */
async function endChosen(
  table: ProcessTable,
  found: readonly Found[],
  chosen: readonly Found[],
): Promise<Map<string, 'ended' | 'survived'>> {
  const isChosen = new Map(found.map((each) => [keyOf(each.entry), chosen.includes(each)]));
  const outcomes = new Map<string, 'ended' | 'survived'>();
  const byRun = Map.groupBy(chosen, ({ run }) => run);
  await Promise.all(
    [...byRun].map(async ([{ target }, processes]) => {
      const only = { ...target, spares: sparingOthers(target, isChosen) };
      const { survivors } = await killTree(table, only, { signal: 'SIGTERM', graceMs });
      for (const { entry } of processes) {
        const survived = survivors.some(({ pid }) => pid === entry.pid);
        outcomes.set(keyOf(entry), survived ? 'survived' : 'ended');
      }
    }),
  );
  return outcomes;
}

/** Spares processes that are not chosen and their new descendants: the nearest ancestor that was found decides. */
function sparingOthers(target: RunTarget, isChosen: ReadonlyMap<string, boolean>): NonNullable<RunTarget['spares']> {
  return (entry, snapshot) => {
    if (target.spares?.(entry, snapshot)) return true;
    const chosen = snapshot.ancestors(entry).map((each) => isChosen.get(keyOf(each)));
    return chosen.find((each) => each !== undefined) === false;
  };
}
