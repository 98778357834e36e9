import type { Inspection, LiveProcess } from '../../api/inspection.ts';
import { isActive } from '../../api/values.ts';
import type { Orphans } from '../hooks/orphans.ts';
import type { Runs } from '../runs/runs.ts';
import type { ProcessTable } from '../../processes/snapshot.ts';
import { sampleTree, type SampledProcess } from '../../processes/sampleTree.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { Store } from '../../store/store.ts';

export interface InspectionParts {
  store: Store;
  table: ProcessTable;
  runs: Runs;
  orphans: Orphans;
}

/** What a job's processes use now. Of a job that does not run, that is what it has left. */
export async function inspectJob(
  { store, table, runs, orphans }: InspectionParts,
  job: JobRow,
  signal?: AbortSignal,
): Promise<Inspection> {
  const target = runs.get(job.id)?.target ?? orphans.targetOf(job);
  const sample = target ? await sampleTree(table, target, signal) : { processes: [], durationMs: 0 };
  const processes = sample.processes.map(processView);
  // It may have ended meanwhile.
  const [now = job] = store.read([store.jobs.byRow(job.row)]);
  const live = isActive(now.status);
  return {
    jobId: job.id,
    run: now.run,
    status: now.status,
    sampleMs: Math.round(sample.durationMs),
    processes: live ? processes : [],
    leftovers: live ? [] : processes,
    totals: {
      processes: processes.length,
      cpu: oneDecimal(sum(processes.map(({ cpu }) => cpu))),
      memory: sum(processes.map(({ memory }) => memory)),
      threads: sum(processes.map(({ threads }) => threads)),
      files: sum(processes.map(({ files }) => files)),
    },
  };
}

function processView({ pid, ppid, command, cpu, usage }: SampledProcess): LiveProcess {
  const { state, memory, threads, files, startedAt } = usage;
  return {
    pid,
    ppid,
    command,
    state,
    cpu: oneDecimal(cpu),
    memory,
    threads,
    files,
    startedAt: startedAt === null ? null : new Date(startedAt).toISOString(),
  };
}

function oneDecimal(percent: number | null): number | null {
  return percent === null ? null : Math.round(percent * 10) / 10;
}

/** Of what is known. Null when there are processes, and it is known of none. */
function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 && values.length > 0 ? null : known.reduce((total, value) => total + value, 0);
}
