import * as z from 'zod';
import { queue } from '../../api/control.ts';
import { hostInfo, metrics } from '../../api/host.ts';
import { jobList, listQuery, type Job } from '../../api/job.ts';
import { stateText } from '../../text/waitingText.ts';
import { agentWording, type Wording } from '../../text/wording.ts';
import { commandLine, oneLine, plural } from '../../text/grammar.ts';
import { lines } from './sentences.ts';
import { defineTool } from './tool.ts';

const longestCommand = 120;

export const listJobs = defineTool({
  name: 'list_jobs',
  title: 'List background jobs',
  description:
    'List background jobs: running, waiting and finished commands with id, state, exit code and command. ' +
    'Also counts, limits, the queue and the system load. Use it to find a job id or to see what runs already.',
  input: z.strictObject({
    session: listQuery.shape.session.meta({ description: 'Only of this group (all)' }),
    status: listQuery.shape.status.meta({
      description: 'running, waiting, finished, or exact states such as failed,killed (all)',
    }),
    tag: listQuery.shape.tag.meta({ description: 'key=value, or key for any value' }),
    schedule: listQuery.shape.schedule.meta({ description: 'Only what the job with this id has made by its cron' }),
    limit: z.int().min(1).max(200).default(20).meta({ description: 'How many, newest first' }),
    cursor: listQuery.shape.cursor.meta({ description: '`cursor` of the answer before, for older ones' }),
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
        `${concurrency.current} of at most ${concurrency.maximum || 'any number'} running, ${queueSize} pending; ` +
          `load ${systemLoad.average[0].toFixed(1)} on ${systemLoad.cpus} CPUs.`,
        paused ? 'The queue is paused by a person: nothing starts until it is resumed.' : '',
        ...pausedSessions.map((name) => `The queue of session ${oneLine(name)} is paused.`),
      ),
      data: { ...list, metrics: counts, limits: host.limits, queue: { paused, pausedSessions } },
    };
  },
});

function row(job: Job, session: string, wording: Wording): string {
  const command = commandLine(job);
  const shown = command.length <= longestCommand ? command : `${command.slice(0, longestCommand - 1)}…`;
  const where = job.session === session ? '' : ` [session ${oneLine(job.session)}]`;
  const name = job.name === null ? '' : ` "${oneLine(job.name)}"`;
  return `${job.shortId}${name}${where} ${stateText(job, wording)}: ${shown}`;
}
