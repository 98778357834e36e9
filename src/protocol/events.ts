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
  /** Replay everything behind this number, then go on live. Left out: live only. */
  since: z.coerce.number().int().min(0).optional(),
});
export type EventsQuery = z.input<typeof eventsQuery>;
