import * as z from 'zod';

const listen = z.object({
  method: z.literal('subscriptions/listen'),
  id: z.union([z.string(), z.number()]),
  params: z.object({ notifications: z.object({ resourceSubscriptions: z.array(z.string()).optional() }) }),
});

const cancelled = z.object({
  method: z.literal('notifications/cancelled'),
  params: z.object({ requestId: z.union([z.string(), z.number()]) }),
});

/** The resources that a message asks to be told of (since revision 2026-07-28 of the protocol); null for any other. */
export function listenedUris(message: unknown): { id: string | number; uris: string[] } | null {
  const { success, data } = listen.safeParse(message);
  return success ? { id: data.id, uris: data.params.notifications.resourceSubscriptions ?? [] } : null;
}

/** The request that a message takes back; null for any other. */
export function cancelledRequest(message: unknown): string | number | null {
  const { success, data } = cancelled.safeParse(message);
  return success ? data.params.requestId : null;
}
