import type { JobService } from '../api/endpoints.ts';
import type { JobEvent } from '../api/events.ts';
import { isEnded } from '../api/values.ts';

/** Whether it is the end of an attempt after which another one follows: the next event, of the same moment, says so. */
export async function isTriedAgain(service: Pick<JobService, 'getEvents'>, event: JobEvent): Promise<boolean> {
  const { seq, jobId, to } = event;
  if (!isEnd(event)) return false;
  const { events } = await service.getEvents({ since: seq, limit: 1 });
  const [next] = events;
  return next?.jobId === jobId && next.from === to && next.to === 'pending' && /^attempt \d+$/.test(next.text ?? '');
}

export function isEnd({ type, to }: JobEvent): boolean {
  return type === 'status' && to !== null && isEnded(to);
}
