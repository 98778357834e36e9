import { keyOf, type ProcessEntry } from '../processes/processSource.ts';
import type { ProcessTable } from '../processes/snapshot.ts';
import type { RunTarget } from '../processes/runTree.ts';
import { BgJobsError } from '../api/errors.ts';
import type { LeftProcess } from '../api/inspection.ts';
import { killTree } from '../processes/killTree.ts';
import { searchLeftRuns, type LeftRun } from './orphanSearch.ts';
import { canonical } from './storeReader.ts';

/** As a job's own grace time is, unless it says otherwise. */
const graceMs = 5000;

interface Found {
  readonly run: LeftRun;
  readonly entry: ProcessEntry;
  readonly shown: LeftProcess;
}

/**
 * The processes that earlier runs have left, and what became of those that were to be ended.
 * @param end all that can be ended of this store, or these pids
 * @throws BgJobsError `invalid_request`, `invalid_state` before anything is ended
 */
export async function treatLeftovers(
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
  if (ancestors.has(pid)) return 'this very command runs in it';
  if (origin.belongsTo === 'unreadable_store') return 'a store cannot be read, so its run may be under way';
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
        `Process ${pid} is none that a run has left: it has ended, belongs to a run that is under way, or is no job's. ` +
          'Nothing was ended; `bgjobs doctor` lists what can be.',
        { pid },
      );
    }
    if (one.shown.keptBecause !== null) {
      throw new BgJobsError(
        'invalid_state',
        `Process ${pid} cannot be ended from here: ${one.shown.keptBecause}. Nothing was ended.`,
        { pid },
      );
    }
    return one;
  });
}

/** By {@link keyOf}. Each is looked at again before each signal: pid, start time and boot must be the same. */
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

/** Also what those who stay start meanwhile: the nearest of those found decides. */
function sparingOthers(target: RunTarget, isChosen: ReadonlyMap<string, boolean>): NonNullable<RunTarget['spares']> {
  return (entry, snapshot) => {
    if (target.spares?.(entry, snapshot)) return true;
    const decided = snapshot.ancestors(entry).map((each) => isChosen.get(keyOf(each)));
    return decided.find((each) => each !== undefined) === false;
  };
}
