import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import type { Metrics } from '../../api/host.ts';
import type { Inspection, LiveProcess } from '../../api/inspection.ts';
import { isActive, isEnded, isFailure, jobStatuses, type JobStatus } from '../../api/values.ts';
import { sampleTree, type SampledProcess } from '../../processes/sampleTree.ts';
import type { ProcessTable } from '../../processes/runTree.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { Store } from '../../store/store.ts';
import type { Orphans } from '../hooks/orphans.ts';
import type { Runs } from '../runs/runs.ts';

/** What a job's processes use now. Of a job that does not run, that is what it has left. */
export async function inspectJob(
  { store, table, runs, orphans }: { store: Store; table: ProcessTable; runs: Runs; orphans: Orphans },
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
  const { state, memory, threads, files, startedAt: at } = usage;
  const startedAt = at === null ? null : new Date(at).toISOString();
  return { pid, ppid, command, state, cpu: oneDecimal(cpu), memory, threads, files, startedAt };
}

function oneDecimal(percent: number | null): number | null {
  return percent === null ? null : Math.round(percent * 10) / 10;
}

/** Of what is known. Null when there are processes, and it is known of none. */
function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 && values.length > 0 ? null : known.reduce((total, value) => total + value, 0);
}

/** @param running how many hold a place. @param maximum 0: no limit */
export function readMetrics(store: Store, running: number, maximum: number): Metrics {
  const byStatus = Object.fromEntries(jobStatuses.map((status) => [status, 0])) as Record<JobStatus, number>;
  // A map, because a session may be called "constructor".
  const bySession = new Map<string, Metrics['bySession'][string]>();
  let totalJobs = 0;
  for (const { status, session, total } of store.jobs.countByStatusAndSession()) {
    byStatus[status] += total;
    totalJobs += total;
    const counts = bySession.get(session) ?? { total: 0, running: 0, waiting: 0, finished: 0, failed: 0 };
    bySession.set(session, counts);
    counts.total += total;
    counts[isActive(status) ? 'running' : isEnded(status) ? 'finished' : 'waiting'] += total;
    if (isFailure(status)) counts.failed += total;
  }
  const runs = store.runs.ended();
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  return {
    totalJobs,
    runningJobs: byStatus.starting + byStatus.running + byStatus.paused + byStatus.stopping,
    completedJobs: byStatus.completed,
    failedJobs: byStatus.failed + byStatus.timed_out + byStatus.lost,
    cancelledJobs: byStatus.cancelled + byStatus.killed,
    queueSize: byStatus.pending,
    concurrency: { current: running, maximum },
    averageExecutionTime: runs.total === 0 ? null : runs.durationMs / runs.total,
    systemLoad: {
      average: [one, five, fifteen],
      cpus: availableParallelism(),
      freeMemoryBytes: freemem(),
      totalMemoryBytes: totalmem(),
    },
    bySession: Object.fromEntries(bySession),
    byStatus,
  };
}
