import type { BgJobsError } from '../api/errors.ts';
import type { JobEvent } from '../api/events.ts';
import type { BodyAnswer, Call, JsonAnswer } from './handlers.ts';

/**
 * A page, or server-sent events (WHATWG HTML §9.2). A browser's EventSource that connects again repeats its first URL
 * and says in Last-Event-ID how far it came, so that wins. Settings have no number: a comment tells that they changed.
 */
export async function answerEvents(call: Call<'getEvents'>): Promise<JsonAnswer | BodyAnswer> {
  const { service, query, headers: asked, signal } = call;
  if (query.format === 'json') return { value: await service.listEvents(query) };
  // An unknown job has its status only before the stream has begun. And from a number on nothing is missed: who has
  // read the first line of the answer gets everything that happens from then on.
  const { next } = await service.listEvents({ ...query, since: undefined });
  const lastEventId = asked['last-event-id'];
  const isNumber = typeof lastEventId === 'string' && /^\d{1,15}$/.test(lastEventId);
  const since = isNumber ? lastEventId : (query.since ?? next);
  const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' };
  const failure = (error: BgJobsError): string => `event: error\ndata: ${JSON.stringify(error.toBody())}\n\n`;
  const parts = format(Number(since), service.events({ ...query, since }, signal));
  return { headers, parts, failure, settingsNotice: ': settings\n\n' };
}

async function* format(since: number, events: AsyncIterable<JobEvent>): AsyncGenerator<string> {
  // An id without data: who loses the connection before anything has happened knows where to go on as well.
  yield `id: ${since}\n: connected\n\n`;
  for await (const event of events) {
    yield `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
  }
}
