import * as z from 'zod';
import { job } from './job.ts';
import { endReason, jobStatus, time } from './options.ts';
import { count, pageLimit } from './paging.ts';

export const eventType = z
  .enum(['created', 'status', 'signalled', 'leftovers', 'ready', 'not_ready', 'gave_up', 'fired', 'updated', 'removed'])
  .meta({
    description:
      'signalled: a signal was delivered without ending the run; leftovers: processes that outlive the main ' +
      'process were found, or are gone; ready: readyWhen was met; not_ready: it was not met in time; gave_up: the ' +
      'job failed, and no attempts are left; fired: a schedule created a job, whose id is the text, or skipped a ' +
      'time',
  });
export type EventType = z.infer<typeof eventType>;

/** A change of a job. Events are numbered without gaps in the order in which they happened. */
export const jobEvent = z.object({
  seq: z.int().meta({ description: 'Increases by one with each event' }),
  time,
  type: eventType,
  jobId: z.uuid(),
  run: z.int().nullable().meta({ description: 'Number of the run; null if the event is not about a run' }),
  session: z.string(),
  from: jobStatus.nullable().meta({ description: 'For status: the previous status' }),
  to: jobStatus.nullable().meta({ description: 'For created and status: the new status' }),
  reason: endReason.nullable().meta({ description: 'What ended the run' }),
  text: z.string().nullable().meta({ description: "For people, for example the signal's name" }),
  job: job.nullable().meta({ description: 'The job at the time the event is sent; null if it has been removed' }),
});
export type JobEvent = z.infer<typeof jobEvent>;

export const eventsQuery = z.strictObject({
  since: count.optional().meta({ description: 'Begin with the events after this number (default: only new events)' }),
  job: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Only events of this job, which may have been removed: its id or any unique prefix of it' }),
  format: z
    .enum(['stream', 'json'])
    .default('stream')
    .meta({ description: 'stream: live server-sent events; json: one page of past events' }),
  limit: pageLimit('events'),
});
export type EventsQuery = z.input<typeof eventsQuery>;

export const eventPage = z.object({
  events: z.array(jobEvent).meta({
    description: 'Oldest first. Missing numbers belong to other jobs, or to jobs that were removed long ago',
  }),
  next: z.int().meta({
    description:
      'The value of `since` for the next page. Without `since`, the page is empty and this is the number of the newest event',
  }),
  more: z.boolean().meta({ description: 'More is available now' }),
});
export type EventPage = z.infer<typeof eventPage>;
