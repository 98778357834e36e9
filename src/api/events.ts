import * as z from 'zod';
import { job } from './job.ts';
import { count, pageLimit } from './paging.ts';
import { endReason, jobStatus, time } from './options.ts';
import { jobReference } from './shapes.ts';

export const eventType = z
  .enum([
    'created',
    'status',
    'signalled',
    'leftovers',
    'ready',
    'not_ready',
    'gave_up',
    'fired',
    'updated',
    'removed',
    'notified',
    'progress',
  ])
  .describe(
    'signalled: a signal was delivered without ending the run; leftovers: processes that outlive the main ' +
      'process were found, or are gone; ready: readyWhen was met; not_ready: it was not met in time; gave_up: the ' +
      'job failed, and no attempts are left; fired: a schedule created a job, whose id is the text, or skipped a ' +
      'time; notified: a message was delivered to a hook, or was not, as the text says; progress: the progress of a running job has changed',
  );
export type EventType = z.infer<typeof eventType>;

/** A change of a job. Events are numbered without gaps in the order in which they happened. */
export const jobEvent = z.object({
  seq: z
    .int()
    .describe(
      'Increases by one with each event. A progress event is not stored and has the number of the event before it',
    ),
  time,
  type: eventType,
  jobId: z.uuid(),
  run: z.int().nullable().describe('Number of the run; null if the event is not about a run'),
  session: z.string(),
  from: jobStatus.nullable().describe('For status and removed: the previous status'),
  to: jobStatus.nullable().describe('For created and status: the new status'),
  reason: endReason.nullable().describe('What ended the run'),
  text: z.string().nullable().describe("For people, for example the signal's name"),
  job: job.nullable().describe('The job at the time the event is sent; null if it has been removed'),
});
export type JobEvent = z.infer<typeof jobEvent>;

export const eventsQuery = z.strictObject({
  since: count.optional().describe('Begin with the events after this number (default: only new events)'),
  job: jobReference
    .optional()
    .describe('Only events of this job, which may have been removed: its id, any unique prefix of it, or its name'),
  progress: z.stringbool().default(false).describe('Stream progress events too, at most one a second for each job'),
  format: z
    .enum(['stream', 'json'])
    .default('stream')
    .describe('stream: live server-sent events; json: one page of past events'),
  limit: pageLimit('events'),
});
export type EventsQuery = z.input<typeof eventsQuery>;

export const eventPage = z.object({
  events: z
    .array(jobEvent)
    .describe('Oldest first. Missing numbers belong to other jobs, or to jobs that were removed long ago'),
  next: z
    .int()
    .describe(
      'The value of `since` for the next page. Without `since`, the page is empty and this is the number of the newest event',
    ),
  more: z.boolean().describe('More is available now'),
});
export type EventPage = z.infer<typeof eventPage>;
