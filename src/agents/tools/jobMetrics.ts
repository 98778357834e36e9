import * as z from 'zod';
import { metrics } from '../../api/host.ts';
import { plural } from '../../text/grammar.ts';
import { duration } from '../../text/timeText.ts';
import { lines } from './sentences.ts';
import { defineTool } from './tool.ts';

export const getJobMetrics = defineTool({
  name: 'get_job_metrics',
  title: 'Background job metrics',
  description:
    'Metrics of all background jobs: counts by state and session, queue size, concurrency, average time, system load.',
  input: z.strictObject({}),
  output: metrics,
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(_input, { service }) {
    const found = await service.getMetrics();
    const { concurrency, averageExecutionTime, systemLoad } = found;
    const states = Object.entries(found.byStatus).filter(([, count]) => count > 0);
    return {
      text: lines(
        `${plural(found.totalJobs, 'job')}${states.map(([status, count]) => `, ${count} ${status}`).join('')}.`,
        `${concurrency.current} of at most ${concurrency.maximum || 'any number'} running, ${found.queueSize} pending.`,
        averageExecutionTime === null ? '' : `They took ${duration(averageExecutionTime)} on average.`,
        `Load ${systemLoad.average.map((each) => each.toFixed(2)).join(' ')} on ${systemLoad.cpus} CPUs.`,
      ),
      data: found,
    };
  },
});
