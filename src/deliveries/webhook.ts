import { createHmac } from 'node:crypto';
import type { HookTarget } from '../api/hooks.ts';
import { Failure } from './failure.ts';
import { tellsFailure, type Message } from './message.ts';
import { readSecret } from './secrets.ts';

type Webhook = Extract<HookTarget, { type: 'webhook' }>;

interface Request {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The most that Discord takes. */
const discordLength = 2000;

/**
 * Sends a message by POST. A redirect is a failure: a signed message is only for the URL that was named.
 * @throws Failure also for an answer that is no success; what may go well later is tried again
 */
export async function post(target: Webhook, message: Message, signal: AbortSignal): Promise<void> {
  const { body, headers } = requestFor(target.format, message);
  const own: Record<string, string> = { ...headers, 'user-agent': 'background-jobs' };
  if (target.token) own['authorization'] = `Bearer ${await readSecret(target.token)}`;
  if (target.secret) Object.assign(own, signature(message.id, body, await readSecret(target.secret)));
  const response = await fetch(target.url, { method: 'POST', body, headers: own, redirect: 'manual', signal }).catch(
    (error: Error) => {
      throw new Failure(reasonOf(error), { isFinal: false });
    },
  );
  await response.body?.cancel();
  if (response.ok) return;
  const { status } = response;
  const mayWorkLater = status >= 500 || status === 408 || status === 425 || status === 429;
  throw new Failure(`the server answered ${status}`, {
    isFinal: !mayWorkLater,
    retryAfterMs: retryAfter(response.headers.get('retry-after')),
  });
}

/** fetch says only that it failed; its cause knows why. */
function reasonOf(error: Error): string {
  if (error.name === 'TimeoutError') return 'the server did not answer in time';
  const cause = error.cause as (Error & { code?: string }) | undefined;
  return cause?.message || cause?.code || error.message;
}

/** Seconds, or a date. @returns undefined if there is none, or none that is to come */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return ms > 0 ? ms : undefined;
}

/** Headers as https://www.standardwebhooks.com describes them. @param secret as base64 after "whsec_", or any text */
function signature(id: string, body: string, secret: string): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret);
  const hash = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${hash}` };
}

function requestFor(format: Webhook['format'], message: Message): Request {
  const { title, text } = message;
  const lines = message.match === undefined ? text : `${text}\n${message.match}`;
  switch (format) {
    case 'json':
      return json(message);
    case 'ntfy': {
      const priority = tellsFailure(message) ? '4' : '3';
      // Headers are Latin-1; the service reads RFC 2047.
      const encoded = `=?UTF-8?B?${Buffer.from(title).toString('base64')}?=`;
      return { body: lines, headers: { 'content-type': 'text/plain; charset=utf-8', title: encoded, priority } };
    }
    case 'slack':
      return json({ text: lines.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;') });
    case 'discord':
      return json({ content: lines.slice(0, discordLength), allowed_mentions: { parse: [] } });
    case 'teams':
      return json({ type: 'message', attachments: [{ contentType: cardType, content: card(title, lines) }] });
  }
}

const cardType = 'application/vnd.microsoft.card.adaptive';

function card(title: string, text: string): object {
  const blocks = [
    { type: 'TextBlock', text: title, weight: 'Bolder', wrap: true },
    { type: 'TextBlock', text, wrap: true },
  ];
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: blocks,
  };
}

function json(value: object): Request {
  return { body: JSON.stringify(value), headers: { 'content-type': 'application/json' } };
}
