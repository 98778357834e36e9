import { setTimeout as sleep } from 'node:timers/promises';
import { keyOf, type ProcessEntry, type ProcessIdentity } from '../processes/processSource.ts';
import type { ProcessTable, Snapshot } from '../processes/snapshot.ts';
import { RunTree, type RunTarget } from '../processes/runTree.ts';
import { homeFiles, resolveHome } from '../dataDir/dataDir.ts';
import { readHostRecord } from '../dataDir/hostRecord.ts';
import type { BelongsTo } from '../api/inspection.ts';
import type { JobStatus } from '../api/values.ts';
import { canonical, Stores } from './storeReader.ts';
import { nothingShown, tracesIn, type Trace } from './traces.ts';

/** Between two looks: a supervisor outlives the end of its run for a moment. */
const settleMs = 200;

/** What is known of the run that a process was of. */
export interface Origin {
  readonly belongsTo: BelongsTo;
  readonly home: string | null;
  readonly jobStatus: JobStatus | null;
}

/** A run that is not under way, and what is alive of it. */
export interface LeftRun {
  readonly target: RunTarget;
  readonly origin: Origin;
  readonly processes: ProcessEntry[];
  /** Processes above this one: a terminal, an editor. */
  readonly ancestors: ReadonlySet<number>;
}

/** Finds what is alive of runs that are not under way. What one look alone has seen does not count. */
export async function searchLeftRuns(table: ProcessTable, home: string): Promise<LeftRun[]> {
  const first = await look(table, home);
  if (first.length === 0) return [];
  await sleep(settleMs);
  const seen = new Set(first.flatMap(({ processes }) => processes.map(keyOf)));
  return (await look(table, home)).flatMap((run) => {
    const processes = run.processes.filter((entry) => seen.has(keyOf(entry)));
    return processes.length > 0 ? [{ ...run, processes }] : [];
  });
}

async function look(table: ProcessTable, home: string): Promise<LeftRun[]> {
  const snapshot = await table.scan(0);
  const traces = await tracesIn(table, snapshot, process.getuid?.());
  // Afterwards: a run is recorded before it has processes, and an end is recorded for ever.
  using stores = new Stores();
  const remembered = rememberedIn(stores, home);
  const shown = [...traces.values()].flatMap(({ proven, named }) => [...proven, ...named]);
  const homes = new Set([home, resolveHome({}), ...shown]);
  const hosts = new Set([...homes].flatMap((each) => readHostRecord(homeFiles(each).record)?.pid ?? []));
  const ancestors = ancestorsIn(snapshot);
  const taken = new Set<string>();
  return [...new Set([...traces.keys(), ...remembered.keys()])].flatMap((runId) => {
    const trace = traces.get(runId) ?? nothingShown(runId);
    const origin = originOf(stores, home, trace);
    if (!origin) return [];
    const bootId = table.bootId();
    const seen = [
      ...(remembered.get(runId) ?? []),
      ...trace.processes.map(({ pid, startTime }) => ({ pid, startTime, bootId })),
    ];
    const target: RunTarget = { runId, supervisor: null, logs: [], seen, spares: sparing(runId, hosts) };
    const { members, keepers } = new RunTree(table, target).claim(snapshot);
    const processes = [...members, ...keepers].filter((entry) => !taken.has(keyOf(entry)));
    for (const entry of processes) taken.add(keyOf(entry));
    return processes.length > 0 ? [{ target, origin, processes, ancestors }] : [];
  });
}

/** Leaves job hosts alone, which are nobody's whoever has started them, what is below them, and what is another run's. */
function sparing(runId: string, hosts: ReadonlySet<number>): NonNullable<RunTarget['spares']> {
  return (entry, snapshot) => {
    const shown = snapshot.evidenceOf(entry)?.runId;
    if (shown !== undefined) return shown !== runId;
    return snapshot.ancestors(entry).some(({ pid }) => hosts.has(pid));
  };
}

function ancestorsIn(snapshot: Snapshot): Set<number> {
  const self = snapshot.at(process.pid);
  return new Set(self ? [...snapshot.ancestors(self)].map(({ pid }) => pid) : []);
}

/** What the store knows of runs to have left: such a process need not show its mark any more. */
function rememberedIn(stores: Stores, home: string): Map<string, ProcessIdentity[]> {
  const store = stores.at(home);
  if (store.type !== 'readable') return new Map();
  return new Map(store.reader.leftovers.map(({ runId, processes }) => [runId, processes]));
}

/** Where the run was recorded, and how it stands there. Undefined: it is under way. */
function originOf(stores: Stores, home: string, { runId, proven, named, isElsewhere }: Trace): Origin | undefined {
  // This store first: what a job starts may use another one itself.
  for (const each of new Set([canonical(home), ...proven, ...named])) {
    const store = stores.at(each);
    const run = store.type === 'readable' ? store.reader.run(runId) : undefined;
    if (run?.isLive) return undefined;
    if (run) return { belongsTo: 'ended_run', home: canonical(each), jobStatus: run.jobStatus };
  }
  const own = stores.at(home);
  const known = own.type === 'readable' && own.reader.hasRemoved(runId) ? [home] : [];
  const [origin = nobodyKnows] = [...known, ...(proven.size > 0 ? proven : named)].map((each) =>
    unrecorded(stores, each),
  );
  return { ...(own.type === 'unreadable' || isElsewhere ? unreadable : origin), jobStatus: null };
}

function unrecorded(stores: Stores, home: string): Omit<Origin, 'jobStatus'> {
  const { type } = stores.at(home);
  if (type === 'unreadable') return { ...unreadable, home: canonical(home) };
  return { belongsTo: type === 'readable' ? 'removed_job' : 'lost_store', home: canonical(home) };
}

/** With a supervisor that lives the store would be known: it is none that is under way. */
const nobodyKnows = { belongsTo: 'unknown_store', home: null } as const;
const unreadable = { belongsTo: 'unreadable_store', home: null } as const;
