import type { Command } from 'commander';
import type { Metrics } from '../../api/host.ts';
import type { HostStatus } from '../../client/hostControl.ts';
import { oneLine } from '../../text/grammar.ts';
import { duration } from '../../text/timeText.ts';
import { answer, type Context } from '../base/context.ts';
import { painter } from '../render/paint.ts';
import { table, type Cell } from '../render/table.ts';

export function addHost(program: Command, context: Context): void {
  const host = program
    .command('host')
    .summary('show, start or stop the job host')
    .description(
      'Manage the job host, the background process that owns all jobs of a user. It starts when it is needed and exits ' +
        'when it is idle. Running jobs outlive it.',
    );
  addHostVerb('status', 'Show whether the job host is running. Does not start it; exits with 0 either way.');
  addHostVerb('start', 'Start the job host unless it is running.', () => context.connect());
  addHostVerb(
    'stop',
    'Stop the job host and wait until it has exited. Running jobs continue; the next host takes them over.',
    () => context.stopHost(),
  );

  function addHostVerb(name: string, description: string, act?: () => Promise<unknown>): void {
    host
      .command(name)
      .description(description)
      .option('--json', 'print {running, pid, version, protocol, endpoint, uptimeMs}')
      .action(async (options: { json?: boolean }) => {
        await act?.();
        const status = await context.hostStatus();
        await answer(context, options, status, () => describeHost(status));
      });
  }
}

function describeHost(status: HostStatus): string {
  if (!status.running) return 'not running';
  const { uptimeMs, pid, version, endpoint } = status;
  return `running for ${duration(uptimeMs)}: process ${pid}, version ${version}, ${endpoint}`;
}

export function addMetrics(program: Command, context: Context): void {
  program
    .command('metrics')
    .summary('show job counts, queue size and system load')
    .description('Show the number of jobs in each state, the size of the queue and the load of the machine.')
    .option('--json', 'print the metrics as JSON')
    .action(async (options: { json?: boolean }) => {
      const metrics = await (await context.connect()).getMetrics();
      await answer(context, options, metrics, () => describeMetrics(context, metrics));
    });
}

function describeMetrics(context: Context, metrics: Metrics): string {
  const { concurrency, systemLoad, averageExecutionTime: average } = metrics;
  const rows: [string, string][] = [
    ['Jobs', `${metrics.totalJobs}${list(metrics.byStatus)}`],
    [
      'Running',
      concurrency.maximum === 0
        ? `${concurrency.current} (no limit)`
        : `${concurrency.current} of ${concurrency.maximum}`,
    ],
    ['Queue', String(metrics.queueSize)],
    ['Average', average === null ? 'no job has finished' : duration(average)],
    ...Object.entries(metrics.bySession).map(([session, counts]): [string, string] => [
      'Session',
      `${oneLine(session)}: ${counts.running} running, ${counts.waiting} waiting, ${counts.finished} finished`,
    ]),
    ['Load', `${systemLoad.average.map((each) => each.toFixed(2)).join(' ')} on ${systemLoad.cpus} CPUs`],
    ['Memory', `${gib(systemLoad.freeMemoryBytes)} of ${gib(systemLoad.totalMemoryBytes)} GiB free`],
  ];
  return table(
    rows.map(([label, text]): Cell[] => [{ text: label, style: 'dim' }, { text }]),
    painter(context.stdout, context.env),
  );
}

function list(counts: Metrics['byStatus']): string {
  const parts = Object.entries(counts).flatMap(([status, count]) => (count === 0 ? [] : [`${count} ${status}`]));
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function gib(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}
