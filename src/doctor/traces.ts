import { isAbsolute } from 'node:path';
import type { ProcessEntry } from '../processes/processSource.ts';
import type { ProcessTable, Snapshot } from '../processes/snapshot.ts';

const runIdPattern = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.[1-9][0-9]*';
const mark = new RegExp(`^${runIdPattern}$`);
/** Linux says behind the path of a file that is no more that it is. */
const log = new RegExp(
  `^(.*)[\\\\/]runs[\\\\/](${runIdPattern})[\\\\/](?:stdout|stderr|output)\\.log(?: \\(deleted\\))?$`,
);

/** What processes show of one run. */
export interface Trace {
  readonly runId: string;
  readonly processes: ProcessEntry[];
  /** Where the logs lie that its processes have open: each supervisor has one open as long as it lives. */
  readonly proven: Set<string>;
  /** What BGJOBS_HOME says in their environment. A command may have set it. */
  readonly named: Set<string>;
  /** A process of it is in a container, whose paths mean nothing here. */
  isElsewhere: boolean;
}

/**
 * By run id: the processes that bear a run's mark, or write into its log.
 * @param uid ours: what others' processes say of their stores is not believed
 */
export async function tracesIn(
  table: ProcessTable,
  snapshot: Snapshot,
  uid: number | undefined,
): Promise<Map<string, Trace>> {
  const traces = new Map<string, Trace>();
  const marked = snapshot.live.filter((entry) => mark.test(snapshot.evidenceOf(entry)?.runId ?? ''));
  const outputs = await table.outputsOf(marked);
  for (const entry of snapshot.live) {
    const evidence = snapshot.evidenceOf(entry);
    const logs = (outputs.get(entry.pid) ?? evidence?.outputs ?? []).flatMap(parseLog);
    const runId = evidence?.runId ?? logs[0]?.runId;
    if (runId === undefined || !mark.test(runId)) continue;
    const trace = traces.get(runId) ?? nothingShown(runId);
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

export function nothingShown(runId: string): Trace {
  return { runId, processes: [], proven: new Set(), named: new Set(), isElsewhere: false };
}

function parseLog(path: string): { home: string; runId: string }[] {
  const [, home, runId] = log.exec(path) ?? [];
  return home !== undefined && runId !== undefined ? [{ home, runId }] : [];
}
