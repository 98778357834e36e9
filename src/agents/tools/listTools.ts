import * as z from 'zod';
import type { JobEvent } from '../../api/events.ts';
import { type Job, listQuery } from '../../api/job.ts';
import { agentResultText, spentText } from '../../text/agentEvent.ts';
import { agentOutcome } from '../../text/agentOutcome.ts';
import { commandLine, joined, oneLine, plural, shorten } from '../../text/grammar.ts';
import { shownText } from '../../text/shownOutput.ts';
import { agentWording, stateText, shortId } from '../../text/stateText.ts';
import { statusPage } from '../../text/statusPage.ts';
import { duration } from '../../text/timeText.ts';
import { jobSentence, nextSentence, quotedEnd } from './answer.ts';
import { fitting, usualLook } from './bounded.ts';
import { defineTool, int, jobId, type ToolContext } from './tool.ts';

const hints = { readOnly: true, destructive: false, idempotent: true };

export const listTools = {
  list_jobs: defineTool({
    title: 'List background jobs',
    description:
      'List background jobs, also those of earlier conversations and other agents: id, state, exit code, why they wait, ' +
      'command. Use it to find a job id or to see what is already running.',
    input: z.strictObject({
      session: listQuery.shape.session.describe('Only jobs of this session (default: all)'),
      status: listQuery.shape.status.describe(
        'running, waiting, finished, or exact states such as failed,killed (default: all)',
      ),
      tag: listQuery.shape.tag.describe('key=value, or key for any value'),
      schedule: listQuery.shape.schedule.describe('Only jobs created by the cron schedule with this id'),
      array: listQuery.shape.array.describe('The tasks of the array with this id, in their order, instead of jobs'),
      limit: int(1, 200).default(20).describe('Maximum number of jobs, newest first'),
      cursor: listQuery.shape.cursor.describe('`cursor` of the previous answer, for older jobs'),
    }),
    hints,
    async run(query, { service, session, toolName }) {
      const [list, counts, host] = await Promise.all([
        service.listJobs(query),
        service.getMetrics(),
        service.getHost(),
      ]);
      const { concurrency, queueSize, systemLoad } = counts;
      const { queuePaused: paused, pausedSessions } = host.settings;
      const says = async (room: number): Promise<string[]> => {
        const limit = fitting(
          list.jobs.map((one) => row(one, session)),
          room,
        );
        const page = limit < list.jobs.length ? await service.listJobs({ ...query, limit }) : list;
        return [
          page.total === 0 ? 'No job matches.' : headline(page.total, query.array),
          ...page.jobs.map((one) => row(one, session)),
          page.cursor === null ? '' : `More: ${toolName('list_jobs')} with cursor "${page.cursor}".`,
          `${runningText(concurrency)}, ${queueSize} pending; ` +
            `load ${systemLoad.average[0].toFixed(1)} on ${systemLoad.cpus} CPUs.`,
          paused ? 'A person has paused the queue: no job starts until it is resumed.' : '',
          ...pausedSessions.map((name) => `The queue of session ${oneLine(name)} is paused.`),
        ];
      };
      return { says };
    },
  }),

  get_job_metrics: defineTool({
    title: 'Background job metrics',
    description:
      'Get metrics of all background jobs: counts by state and session, queue size, concurrency, average run time, and system load.',
    input: z.strictObject({}),
    hints,
    async run(_input, { service }) {
      const found = await service.getMetrics();
      const { concurrency, averageExecutionTime, systemLoad } = found;
      const states = Object.entries(found.byStatus).filter(([, count]) => count > 0);
      return {
        says: [
          `${joined(plural(found.totalJobs, 'job'), ...states.map(([status, count]) => `${count} ${status}`))}.`,
          `${runningText(concurrency)}, ${found.queueSize} pending.`,
          averageExecutionTime === null ? '' : `Average run time: ${duration(averageExecutionTime)}.`,
          ...Object.entries(found.bySession).map(
            ([name, of]) => `Session ${oneLine(name)}: ${plural(of.total, 'job')}, ${of.running} running.`,
          ),
          `Load ${systemLoad.average.map((each) => each.toFixed(2)).join(' ')} on ${systemLoad.cpus} CPUs.`,
        ],
      };
    },
  }),

  get_job_status: defineTool({
    title: 'Get background job status',
    description:
      'Get the status of a background job: state, exit code or signal, pid, times, why it waits, readiness, and its runs. ' +
      'To wait for a change, use wait_for_job instead of calling this repeatedly.',
    input: z.strictObject({ id: jobId }),
    hints,
    async run({ id }, context) {
      const found = await context.service.getJob(id);
      const page = statusPage(found, agentWording(Date.now()), { runs: 5 });
      return {
        says: async (room) => [
          jobSentence(found),
          `Command: ${shorten(commandLine(found), 500)}`,
          ...page.filter(([label]) => label !== 'Status').map(([label, text]) => `${label}: ${shorten(text, 500)}`),
          ...(await agentResult(found, context, Math.min(room, usualLook))),
          nextSentence(found, context),
        ],
        job: found,
      };
    },
  }),

  poll_events: defineTool({
    title: 'Poll background job events',
    description:
      'Poll the events of background jobs after a number: created, started, ended, removed, in order. ' +
      'A first call without since returns the number to start with; waitMs waits for an event.',
    input: z.strictObject({
      since: z.int().min(0).optional().describe('`next` of the previous answer (default: only events from now on)'),
      id: jobId.optional(),
      limit: int(1, 1000).default(50),
      waitMs: int(0, 3_600_000).default(0).describe('How long to wait for an event when there is none yet'),
    }),
    hints,
    async run({ since, id, limit, waitMs }, { service, signal, maxWaitMs, toolName }) {
      const query = { limit, ...(id !== undefined && { job: id }) };
      let from = { ...query, ...(since !== undefined && { since }) };
      let page = await service.getEvents(from);
      if (page.events.length === 0 && waitMs > 0) {
        from = { ...query, since: page.next };
        const ended = AbortSignal.any([signal, AbortSignal.timeout(Math.min(waitMs, maxWaitMs))]);
        await firstOf(service.events(from, ended));
        page = await service.getEvents(from);
      }
      const says = async (room: number): Promise<string[]> => {
        const fit = fitting(page.events.map(eventSentence), room);
        const shown = fit < page.events.length ? await service.getEvents({ ...from, limit: fit }) : page;
        const next = `Next: ${toolName('poll_events')} with since ${shown.next}.`;
        return [
          shown.events.length === 0 ? 'No new events.' : '',
          ...shown.events.map(eventSentence),
          shown.more ? `More events are available. ${next}` : next,
        ];
      };
      return { says };
    },
  }),
};

function headline(total: number, array: string | undefined): string {
  return array === undefined ? `${plural(total, 'job')}, newest first:` : `${plural(total, 'task')}:`;
}

/** A page of 20 jobs stays below 4000 characters. */
const rowChars = 170;

function row(one: Job, session: string): string {
  const where = one.session === session ? '' : ` [session ${shorten(oneLine(one.session), 24)}]`;
  const name = one.name === null ? '' : ` "${shorten(oneLine(one.name), 30)}"`;
  const state = shorten(stateText(one, agentWording(Date.now())), 100);
  return shorten(`${one.shortId}${name}${where} ${state}: ${commandLine(one)}`, rowChars);
}

function runningText({ current, maximum }: { current: number; maximum: number }): string {
  return maximum === 0 ? `${current} running (no limit)` : `${current} of at most ${maximum} running`;
}

/** What a coding agent has come to. */
async function agentResult(found: Job, { service }: ToolContext, room: number): Promise<string[]> {
  if (!found.codingAgent || found.run === null) return [];
  const outcome = await agentOutcome(service, found);
  if (!outcome) return ['The coding agent has no result yet.'];
  const { result, session } = outcome;
  return [
    `Result of the coding agent: ${agentResultText(result)}.`,
    session ? `Spent in its session: ${spentText(session)}.` : '',
    result.status === 'killed' ? '' : quotedEnd(found, shownText(result.text), room),
  ];
}

async function firstOf(events: AsyncIterable<JobEvent>): Promise<void> {
  for await (const _event of events) return;
}

function eventSentence({ seq, time, type, jobId: id, run, from, to, reason, text }: JobEvent): string {
  const what = type === 'status' ? `${from ?? 'new'} → ${to ?? 'gone'}` : type;
  const why = shorten([reason, text].filter((part) => part !== null).join(', '), 200);
  return `${seq} ${time} ${shortId(id)}${run === null ? '' : `.${run}`} ${what}${why === '' ? '' : ` (${why})`}`;
}
