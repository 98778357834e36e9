import type { Command } from 'commander';
import type { Metrics } from '../../api/host.ts';
import { answer } from '../base/context.ts';
import type { Context } from '../base/context.ts';
import { table } from '../render/table.ts';
import type { Cell } from '../render/table.ts';
import { painter } from '../render/paint.ts';
import { oneLine } from '../../text/grammar.ts';
import { duration } from '../../text/timeText.ts';

export function addMetrics(program: Command, context: Context): void {
  program
    .command('metrics')
    .summary('show counts, queue and load')
    .description('Show how many jobs there are, in which states, and how busy the machine is.')
    .option('--json', 'print one JSON document')
    .action(async (options: { json?: boolean }) => {
      const metrics = await (await context.connect()).getMetrics();
      await answer(context, options, metrics, () => describe(context, metrics));
    });
}

function describe(context: Context, metrics: Metrics): string {
  const { concurrency, systemLoad } = metrics;
  const average = metrics.averageExecutionTime;
  const rows: [string, string][] = [
    ['Jobs', `${metrics.totalJobs}${list(metrics.byStatus)}`],
    ['Running', `${concurrency.current} of ${concurrency.maximum || 'any number'}`],
    ['Queue', String(metrics.queueSize)],
    ['Average', average === null ? 'none has finished' : duration(average)],
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
