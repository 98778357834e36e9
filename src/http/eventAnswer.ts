import type { BgJobsError } from '../api/errors.ts';
import { eventsQuery, type EventsQuery, type JobEvent } from '../api/events.ts';
import { validate } from '../api/validate.ts';
import type { BodyAnswer, Call, JsonAnswer } from './call.ts';

/**
 * A page, or server-sent events (WHATWG HTML §9.2). A browser's EventSource that connects again repeats its first URL
 * and sends the number of the last event in Last-Event-ID, so that wins.
 */
export async function answerEvents(call: Call): Promise<JsonAnswer | BodyAnswer> {
  const { service, headers: asked, signal } = call;
  const query = call.query as EventsQuery;
  const { format } = validate(eventsQuery, query);
  if (format === 'json') return { value: await service.getEvents(query) };
  // An unknown job has its status only before the stream has begun. And from a number on nothing is missed: a client
  // that has read the first event gets everything that happens from then on.
  const { next } = await service.getEvents({ ...query, since: undefined });
  const lastEventId = asked['last-event-id'];
  const isNumber = typeof lastEventId === 'string' && /^\d{1,15}$/.test(lastEventId);
  const since = Number(isNumber ? lastEventId : (query.since ?? next));
  const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' };
  const parts = serverSentEvents(since, service.events({ ...query, since }, signal));
  return {
    headers,
    parts,
    failure: (error: BgJobsError) => `event: error\ndata: ${JSON.stringify(error.toBody())}\n\n`,
    settingsNotice: notice('settings', {}),
  };
}

async function* serverSentEvents(since: number, events: AsyncIterable<JobEvent>): AsyncGenerator<string> {
  // With an id, so that a client that loses the connection before anything has happened knows where to go on.
  yield `id: ${since}\n${notice('connected', { since })}`;
  for await (const event of events) {
    yield `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
  }
}

/**
 * An event that is no change of a job. Clients up to version 0.2.0 know it by its comment alone, and take any data after
 * a space for a change of a job.
 */
function notice(type: string, data: object): string {
  return `event: ${type}\n: ${type}\ndata:${JSON.stringify(data)}\n\n`;
}
