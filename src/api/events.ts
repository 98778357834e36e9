import * as z from 'zod';
import { job } from './job.ts';
import { endReason, jobStatus, time } from './options.ts';

export const eventType = z
  .enum(['created', 'status', 'signalled', 'leftovers', 'ready', 'not_ready', 'gave_up', 'fired', 'updated', 'removed'])
  .meta({
    description:
      'signalled: a signal was delivered and no end was asked for; leftovers: processes that outlive the main one were ' +
      'found, or are gone; ready, not_ready: readyWhen has come true, or not in time; gave_up: it failed, and no ' +
      'attempt is left; fired: a schedule has made a job, whose id is the text, or has left a time out',
  });
export type EventType = z.infer<typeof eventType>;

/** A change of a job. Events are numbered without gaps in the order in which they happened. */
export const jobEvent = z.object({
  seq: z.int().meta({ description: 'Grows by one from event to event' }),
  time,
  type: eventType,
  jobId: z.uuid(),
  run: z.int().nullable().meta({ description: 'The number of the run; null where it is about none' }),
  session: z.string(),
  from: jobStatus.nullable().meta({ description: 'For status: the one before' }),
  to: jobStatus.nullable().meta({ description: 'For created and status: the new one' }),
  reason: endReason.nullable().meta({ description: 'Who or what ended it' }),
  text: z.string().nullable().meta({ description: "For people, for example the signal's name" }),
  job: job.nullable().meta({ description: 'The job as it is when the event is sent; null when it is no more' }),
});
export type JobEvent = z.infer<typeof jobEvent>;

export const eventsQuery = z.strictObject({
  since: z.coerce
    .number()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .meta({ description: 'What happened behind this number comes first (only what happens from now on)' }),
  job: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Only of this job, which may be removed already: its id or any unique prefix of it' }),
  format: z
    .enum(['stream', 'json'])
    .default('stream')
    .meta({ description: 'stream: server-sent events, live; json: one page of what there is, at once' }),
  limit: z.coerce.number().int().min(1).max(1000).default(100).meta({ description: 'Events on a page' }),
});
export type EventsQuery = z.input<typeof eventsQuery>;

export const eventPage = z.object({
  events: z.array(jobEvent).meta({
    description: 'Oldest first. Missing numbers belong to jobs not asked for, or to jobs that were removed long ago',
  }),
  next: z.int().meta({
    description:
      'What to ask for as `since` next. Without `since` the page is empty, and this is the number of the newest event',
  }),
  more: z.boolean().meta({ description: 'More is there already' }),
});
export type EventPage = z.infer<typeof eventPage>;
