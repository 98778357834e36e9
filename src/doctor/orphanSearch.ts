import { isAbsolute } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { keyOf, type ProcessEntry, type ProcessIdentity, type Snapshot } from '../processes/processSource.ts';
import { RunTree, type RunTarget, type ProcessTable } from '../processes/runTree.ts';
import { homeFiles, resolveHome, readHostRecord } from '../dataDir/dataDir.ts';
import type { BelongsTo } from '../api/inspection.ts';
import type { JobStatus } from '../api/values.ts';
import { canonical, Stores } from './storeChecks.ts';

/** Between two scans: a supervisor outlives the end of its run for a moment. */
const settleMs = 200;

/** What is known of the run that a process belonged to. */
interface Origin {
  readonly belongsTo: BelongsTo;
  readonly home: string | null;
  readonly jobStatus: JobStatus | null;
}

/** A run that is not under way, and its live processes. */
export interface LeftRun {
  readonly target: RunTarget;
  readonly origin: Origin;
  readonly processes: ProcessEntry[];
  /** Ancestors of this process: a terminal, an editor. */
  readonly ancestors: ReadonlySet<number>;
}

/** Finds live processes of runs that are not under way. A process must appear in two scans to count. */
export async function searchLeftRuns(table: ProcessTable, home: string): Promise<LeftRun[]> {
  const first = await scan(table, home);
  if (first.length === 0) return [];
  await sleep(settleMs);
  const seen = new Set(first.flatMap(({ processes }) => processes.map(keyOf)));
  return (await scan(table, home)).flatMap((run) => {
    const processes = run.processes.filter((entry) => seen.has(keyOf(entry)));
    return processes.length > 0 ? [{ ...run, processes }] : [];
  });
}

async function scan(table: ProcessTable, home: string): Promise<LeftRun[]> {
  const snapshot = await table.scan(0);
  const traces = await tracesIn(table, snapshot, process.getuid?.());
  // After the scan: a run is recorded before it has processes, and an end is recorded forever.
  using stores = new Stores();
  const recorded = recordedOrphans(stores, home);
  const shown = [...traces.values()].flatMap(({ proven, named }) => [...proven, ...named]);
  const homes = new Set([home, resolveHome({}), ...shown]);
  const hosts = new Set([...homes].flatMap((each) => readHostRecord(homeFiles(each).record)?.pid ?? []));
  const ancestors = ancestorsIn(snapshot);
  const taken = new Set<string>();
  return [...new Set([...traces.keys(), ...recorded.keys()])].flatMap((runId) => {
    const trace = traces.get(runId) ?? emptyTrace(runId);
    const origin = originOf(stores, home, trace);
    if (!origin) return [];
    const bootId = table.bootId();
    const seen = [
      ...(recorded.get(runId) ?? []),
      ...trace.processes.map(({ pid, startTime }) => ({ pid, startTime, bootId })),
    ];
    const target: RunTarget = { runId, supervisor: null, logs: [], seen, spares: sparing(runId, hosts) };
    const { members, keepers } = new RunTree(table, target).claim(snapshot);
    const processes = [...members, ...keepers].filter((entry) => !taken.has(keyOf(entry)));
    for (const entry of processes) taken.add(keyOf(entry));
    return processes.length > 0 ? [{ target, origin, processes, ancestors }] : [];
  });
}

/** Spares job hosts, which belong to no run whatever started them, with their descendants, and processes of other runs. */
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

/** Orphans recorded in the store: such a process need not show its run id any more. */
function recordedOrphans(stores: Stores, home: string): Map<string, readonly ProcessIdentity[]> {
  const store = stores.at(home);
  return store.type === 'readable' ? store.reader.orphans() : new Map<string, ProcessIdentity[]>();
}

/** Where the run was recorded, and its status there. Undefined if it is under way. */
function originOf(stores: Stores, home: string, { runId, proven, named, isElsewhere }: Trace): Origin | undefined {
  // This store first: a job may start processes that use another one.
  for (const each of new Set([canonical(home), ...proven, ...named])) {
    const store = stores.at(each);
    const run = store.type === 'readable' ? store.reader.run(runId) : undefined;
    if (run?.isLive) return undefined;
    if (run) return { belongsTo: 'ended_run', home: canonical(each), jobStatus: run.jobStatus };
  }
  const own = stores.at(home);
  const known = own.type === 'readable' && own.reader.hasRemoved(runId) ? [home] : [];
  const [origin = unknown] = [...known, ...(proven.size > 0 ? proven : named)].map((each) => unrecorded(stores, each));
  return { ...(own.type === 'unreadable' || isElsewhere ? unreadable : origin), jobStatus: null };
}

function unrecorded(stores: Stores, home: string): Omit<Origin, 'jobStatus'> {
  const { type } = stores.at(home);
  if (type === 'unreadable') return { ...unreadable, home: canonical(home) };
  return { belongsTo: type === 'readable' ? 'removed_job' : 'lost_store', home: canonical(home) };
}

/** A live supervisor would show its store, so this run is not under way. */
const unknown = { belongsTo: 'unknown_store', home: null } as const;
const unreadable = { belongsTo: 'unreadable_store', home: null } as const;

const runIdPattern = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.[1-9][0-9]*';
const fullRunId = new RegExp(`^${runIdPattern}$`);
/** Linux appends to the path of a removed file that it was deleted. */
const log = new RegExp(
  `^(.*)[\\\\/]runs[\\\\/](${runIdPattern})[\\\\/](?:stdout|stderr|output)\\.log(?: \\(deleted\\))?$`,
);

/** What processes show of one run. */
interface Trace {
  readonly runId: string;
  readonly processes: ProcessEntry[];
  /** The data directories of the logs that its processes have open: a supervisor keeps one open as long as it lives. */
  readonly proven: Set<string>;
  /** BGJOBS_HOME in their environment. A command may have set it. */
  readonly named: Set<string>;
  /** One of its processes is in a container, whose paths mean nothing here. */
  isElsewhere: boolean;
}

/**
 * Keyed by run id: the processes that show the id of a run or write to its log.
 * @param uid our own: processes of other users are not trusted about their stores
 */
async function tracesIn(table: ProcessTable, snapshot: Snapshot, uid: number | undefined): Promise<Map<string, Trace>> {
  const traces = new Map<string, Trace>();
  const showing = snapshot.live.filter((entry) => fullRunId.test(snapshot.evidenceOf(entry)?.runId ?? ''));
  const outputs = await table.outputsOf(showing);
  for (const entry of snapshot.live) {
    const evidence = snapshot.evidenceOf(entry);
    const logs = (outputs.get(entry.pid) ?? evidence?.outputs ?? []).flatMap(parseLog);
    const runId = evidence?.runId ?? logs[0]?.runId;
    if (runId === undefined || !fullRunId.test(runId)) continue;
    const trace = traces.get(runId) ?? emptyTrace(runId);
    traces.set(runId, trace);
    trace.processes.push(entry);
    if (table.ownerOf(entry.pid) !== uid) continue;
    if (!table.sharesFiles(entry.pid)) {
      trace.isElsewhere = true;
      continue;
    }
    for (const each of logs) if (each.runId === runId) trace.proven.add(each.home);
    if (evidence?.dataDir !== undefined && isAbsolute(evidence.dataDir)) trace.named.add(evidence.dataDir);
  }
  return traces;
}

function emptyTrace(runId: string): Trace {
  return { runId, processes: [], proven: new Set(), named: new Set(), isElsewhere: false };
}

function parseLog(path: string): { home: string; runId: string }[] {
  const [, home, runId] = log.exec(path) ?? [];
  return home !== undefined && runId !== undefined ? [{ home, runId }] : [];
}
