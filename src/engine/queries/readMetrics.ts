import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import type { Metrics } from '../../api/host.ts';
import { isActive, isEnded, type JobStatus, jobStatuses } from '../../api/values.ts';
import type { Store } from '../../store/store.ts';

/** @param running how many hold a place. @param maximum 0: no limit */
export function readMetrics(store: Store, running: number, maximum: number): Metrics {
  const byStatus = Object.fromEntries(jobStatuses.map((status) => [status, 0])) as Record<JobStatus, number>;
  // A map, because a session may be called "constructor".
  const bySession = new Map<string, Metrics['bySession'][string]>();
  let totalJobs = 0;
  for (const { status, session, total } of store.jobs.countByStatusAndSession()) {
    byStatus[status] += total;
    totalJobs += total;
    const counts = bySession.get(session) ?? { total: 0, running: 0, waiting: 0, finished: 0 };
    bySession.set(session, counts);
    counts.total += total;
    counts[isActive(status) ? 'running' : isEnded(status) ? 'finished' : 'waiting'] += total;
  }
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  return {
    totalJobs,
    runningJobs: byStatus.starting + byStatus.running + byStatus.paused + byStatus.stopping,
    completedJobs: byStatus.completed,
    failedJobs: byStatus.failed + byStatus.timed_out + byStatus.lost,
    cancelledJobs: byStatus.cancelled + byStatus.killed,
    queueSize: byStatus.pending,
    concurrency: { current: running, maximum },
    averageExecutionTime: store.runs.averageDuration(),
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
