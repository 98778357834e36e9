import * as z from 'zod';
import { eventPage, type EventPage, type JobEvent } from '../../api/events.ts';
import * as field from './fields.ts';
import { lines } from './sentences.ts';
import { defineTool, type ToolContext } from './tool.ts';

export const pollEvents = defineTool({
  name: 'poll_events',
  title: 'Poll background job events',
  description:
    'Poll the events of background jobs after a number: created, started, ended, removed, in order. ' +
    'A first call without since returns the number to start with; waitMs waits for an event.',
  input: z.strictObject({
    since: z
      .int()
      .min(0)
      .optional()
      .meta({ description: '`next` of the previous answer (default: only events from now on)' }),
    id: field.id.optional(),
    limit: z.int().min(1).max(1000).default(50),
    waitMs: z
      .int()
      .min(0)
      .max(3_600_000)
      .default(0)
      .meta({ description: 'How long to wait for an event when there is none yet' }),
  }),
  output: eventPage,
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run({ since, id, limit, waitMs }, context) {
    const query = { limit, ...(id !== undefined && { job: id }) };
    const read = (from: number | undefined): Promise<EventPage> =>
      context.service.getEvents({ ...query, ...(from !== undefined && { since: from }) });
    let page = await read(since);
    if (page.events.length === 0 && waitMs > 0) {
      await untilEvent(context, { ...query, since: page.next }, Math.min(waitMs, context.maxWaitMs));
      page = await read(page.next);
    }
    return {
      text: lines(
        page.events.length === 0 ? 'No new events.' : '',
        ...page.events.map(sentence),
        `${page.more ? 'More events are available. ' : ''}Next: ${context.toolName('poll_events')} with since ${page.next}.`,
      ),
      data: page,
    };
  },
});

async function untilEvent(context: ToolContext, query: { since: number; job?: string }, waitMs: number): Promise<void> {
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(waitMs)]);
  for await (const _event of context.service.events(query, signal)) return;
}

function sentence({ seq, time, type, jobId, run, from, to, reason, text }: JobEvent): string {
  const what = type === 'status' ? `${from ?? 'new'} → ${to ?? 'gone'}` : type;
  const why = [reason, text].filter((part) => part !== null).join(', ');
  return `${seq} ${time} ${jobId.slice(0, 8)}${run === null ? '' : `.${run}`} ${what}${why === '' ? '' : ` (${why})`}`;
}
