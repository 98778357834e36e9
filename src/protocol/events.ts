import * as z from 'zod';
import { job } from './job.ts';
import { endReason, jobStatus } from './states.ts';
import { time } from './time.ts';

export const eventType = z.enum([
  'created',
  'status',
  /** A signal was delivered and no end was asked for. */
  'signalled',
  /** Processes that outlive the main one were found, or are gone. */
  'leftovers',
  'updated',
  'removed',
]);
export type EventType = z.infer<typeof eventType>;

/** A change of a job. Events are numbered without gaps in the order in which they happened. */
export const jobEvent = z.object({
  seq: z.int(),
  time,
  type: eventType,
  jobId: z.uuid(),
  run: z.int().nullable(),
  session: z.string(),
  /** For `status`: from what to what, and why. */
  from: jobStatus.nullable(),
  to: jobStatus.nullable(),
  reason: endReason.nullable(),
  /** For people, for example the signal's name. */
  text: z.string().nullable(),
  /** The job as it is when the event is sent; null when it is no more. */
  job: job.nullable(),
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
  job: z.string().min(1).optional().meta({ description: 'Only of this job: its id or any unique prefix of it' }),
  format: z
    .enum(['stream', 'json'])
    .default('stream')
    .meta({ description: 'stream: server-sent events, live; json: one page of what there is, at once' }),
  limit: z.coerce.number().int().min(1).max(1000).default(100).meta({ description: 'Events on a page' }),
});
export type EventsQuery = z.input<typeof eventsQuery>;

export const eventPage = z.object({
  /** Oldest first. Numbers that are missing belonged to jobs that were removed long ago, or to jobs not asked for. */
  events: z.array(jobEvent),
  /** What to ask for as `since` next. Without `since` the page is empty, and this is the number of the newest event. */
  next: z.int(),
  /** More is there already. */
  more: z.boolean(),
});
export type EventPage = z.infer<typeof eventPage>;
