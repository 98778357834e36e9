import type { Metrics } from '../api/host.ts';

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [Labels, number];

/** The text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). All are gauges, because the number of jobs can also decrease. */
export function prometheus(metrics: Metrics): string {
  const { byStatus, bySession, concurrency, averageExecutionTime: average, systemLoad } = metrics;
  const sessions = Object.entries(bySession).flatMap(([session, { running, waiting, finished }]) =>
    Object.entries({ running, waiting, finished }).map(([state, count]): Sample => [{ session, state }, count]),
  );
  const loads = systemLoad.average.map((load, index): Sample => [{ minutes: ['1', '5', '15'][index] ?? '' }, load]);
  return [
    gauge(
      'jobs',
      'Jobs in the store.',
      Object.entries(byStatus).map(([status, count]) => [{ status }, count]),
    ),
    gauge('session_jobs', 'Jobs in the store, of a session.', sessions),
    gauge('queued_jobs', 'Jobs that wait for a slot.', metrics.queueSize),
    gauge('concurrent_jobs', 'Jobs that hold a slot.', concurrency.current),
    gauge('concurrent_jobs_limit', 'Slots; 0 means no limit.', concurrency.maximum),
    gauge('execution_time_average_seconds', 'How long the finished jobs ran.', average === null ? [] : average / 1000),
    gauge('system_load_average', 'Load of the machine.', loads),
    gauge('system_cpus', 'CPUs of the machine.', systemLoad.cpus),
    gauge('system_memory_free_bytes', 'Free memory of the machine.', systemLoad.freeMemoryBytes),
    gauge('system_memory_total_bytes', 'Memory of the machine.', systemLoad.totalMemoryBytes),
  ].join('');
}

/** @param samples a number: the only one, without labels */
function gauge(name: string, help: string, samples: number | readonly Sample[]): string {
  const all = typeof samples === 'number' ? [[{}, samples] as const] : samples;
  const lines = all.map(([labels, value]) => `bgjobs_${name}${labelled(labels)} ${value}\n`);
  return `# HELP bgjobs_${name} ${help}\n# TYPE bgjobs_${name} gauge\n${lines.join('')}`;
}

function labelled(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
