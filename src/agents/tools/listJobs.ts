import * as z from 'zod';
import { queue } from '../../api/control.ts';
import { hostInfo, metrics } from '../../api/host.ts';
import { jobList, listQuery, type Job } from '../../api/job.ts';
import { commandLine, oneLine, plural, shorten } from '../../text/grammar.ts';
import { duration } from '../../text/timeText.ts';
import { stateText } from '../../text/waitingText.ts';
import { agentWording, type Wording } from '../../text/wording.ts';
import { lines } from './sentences.ts';
import { defineTool } from './tool.ts';

const longestCommand = 120;

export const listJobs = defineTool({
  name: 'list_jobs',
  title: 'List background jobs',
  description:
    'List background jobs: running, waiting, and finished commands with id, state, exit code, and command. ' +
    'Also returns counts, limits, the queue, and the system load. Use it to find a job id or to see what is already running.',
  input: z.strictObject({
    session: listQuery.shape.session.meta({ description: 'Only jobs of this session (default: all)' }),
    status: listQuery.shape.status.meta({
      description: 'running, waiting, finished, or exact states such as failed,killed (default: all)',
    }),
    tag: listQuery.shape.tag.meta({ description: 'key=value, or key for any value' }),
    schedule: listQuery.shape.schedule.meta({ description: 'Only jobs created by the cron schedule with this id' }),
    limit: z.int().min(1).max(200).default(20).meta({ description: 'Maximum number of jobs, newest first' }),
    cursor: listQuery.shape.cursor.meta({ description: '`cursor` of the previous answer, for older jobs' }),
  }),
  output: jobList.extend({ metrics, limits: hostInfo.shape.limits, queue: queue.omit({ jobs: true }) }),
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run({ limit, ...filter }, { service, session, toolName }) {
    const [list, counts, host] = await Promise.all([
      service.listJobs({ ...filter, limit }),
      service.getMetrics(),
      service.getHost(),
    ]);
    const wording = agentWording(Date.now());
    const { concurrency, queueSize, systemLoad } = counts;
    const { queuePaused: paused, pausedSessions } = host.settings;
    const more = list.cursor === null ? '' : `More: ${toolName('list_jobs')} with cursor "${list.cursor}".`;
    return {
      text: lines(
        list.total === 0 ? 'No job matches.' : `${plural(list.total, 'job')}, newest first:`,
        ...list.jobs.map((job) => row(job, session, wording)),
        more,
        `${runningText(concurrency)}, ${queueSize} pending; ` +
          `load ${systemLoad.average[0].toFixed(1)} on ${systemLoad.cpus} CPUs.`,
        paused ? 'A person has paused the queue: no job starts until it is resumed.' : '',
        ...pausedSessions.map((name) => `The queue of session ${oneLine(name)} is paused.`),
      ),
      data: { ...list, metrics: counts, limits: host.limits, queue: { paused, pausedSessions } },
    };
  },
});

function row(job: Job, session: string, wording: Wording): string {
  const where = job.session === session ? '' : ` [session ${oneLine(job.session)}]`;
  const name = job.name === null ? '' : ` "${oneLine(job.name)}"`;
  return `${job.shortId}${name}${where} ${stateText(job, wording)}: ${shorten(commandLine(job), longestCommand)}`;
}

export const getJobMetrics = defineTool({
  name: 'get_job_metrics',
  title: 'Background job metrics',
  description:
    'Get metrics of all background jobs: counts by state and session, queue size, concurrency, average run time, and system load.',
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
        `${runningText(concurrency)}, ${found.queueSize} pending.`,
        averageExecutionTime === null ? '' : `Average run time: ${duration(averageExecutionTime)}.`,
        `Load ${systemLoad.average.map((each) => each.toFixed(2)).join(' ')} on ${systemLoad.cpus} CPUs.`,
      ),
      data: found,
    };
  },
});

function runningText({ current, maximum }: { current: number; maximum: number }): string {
  return maximum === 0 ? `${current} running (no limit)` : `${current} of at most ${maximum} running`;
}
