import type { BgJobsError } from '../protocol/errors.ts';
import type { JobEvent } from '../protocol/events.ts';
import type { BodyAnswer, Call, JsonAnswer } from './handlers.ts';

export async function answerEvents(call: Call<'getEvents'>): Promise<JsonAnswer | BodyAnswer> {
  const { service, query } = call;
  if (query.format === 'json') return { value: await service.listEvents(query) };
  // The stream could say it only after the status of success.
  if (query.job !== undefined) await service.getJob(query.job);
  return streamEvents(call);
}

/**
 * Server-sent events (WHATWG HTML §9.2). A browser's EventSource that reconnects repeats its first URL and says in
 * Last-Event-ID how far it came, so that wins.
 */
function streamEvents({ service, query, lastEventId, signal }: Call<'getEvents'>): BodyAnswer {
  const since = typeof lastEventId === 'string' && /^\d+$/.test(lastEventId) ? lastEventId : query.since;
  const events = service.events({ ...query, ...(since !== undefined && { since }) }, signal);
  const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' };
  const failure = (error: BgJobsError): string => `event: error\ndata: ${JSON.stringify(error.toBody())}\n\n`;
  return { headers, parts: format(events[Symbol.asyncIterator]()), failure };
}

async function* format(events: AsyncIterator<JobEvent>): AsyncGenerator<string> {
  try {
    // Listening begins with the first next(): who has read this comment misses nothing from here on.
    let next = events.next();
    next.catch(() => undefined); // It is awaited below; a failure before that must not count as unhandled.
    yield ': connected\n\n';
    for (let event = await next; !event.done; event = await next) {
      yield `id: ${event.value.seq}\nevent: ${event.value.type}\ndata: ${JSON.stringify(event.value)}\n\n`;
      next = events.next();
    }
  } finally {
    await events.return?.();
  }
}
