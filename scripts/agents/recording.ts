// What clients really send to `bgjobs mcp`, up to their first call of a tool, in test/fixtures/mcpClients. The tests
// send it again, without the clients.
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import * as prettier from 'prettier';
import { top } from '../editor/places.ts';
import type { ClientName } from './clients.ts';
import { scripts } from './scripts.ts';
import { Session } from './session.ts';

/** Runs an agent once, and writes what it sends. */
export async function record(name: ClientName): Promise<void> {
  await using session = await Session.open(name, { approve: true, scripts });
  const end = await session.run('start', 120_000);
  const sent = session.recorded().flatMap(({ from, message }) => (from === 'client' ? [message] : []));
  const call = sent.findIndex(({ method }) => method === 'tools/call');
  if (call === -1) throw new Error(`${name} called no tool: ${end.output.slice(-500)}`);
  const { title, version } = session.client;
  const plain = JSON.stringify({ title, version, sent: sent.slice(0, call + 1).map(withoutTurn) })
    .replaceAll(session.place.workspace, '/work')
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '00000000-0000-0000-0000-000000000000');
  const path = join(top, 'test', 'fixtures', 'mcpClients', `${name}.json`);
  const options = await prettier.resolveConfig(path);
  writeFileSync(path, await prettier.format(plain, { ...options, filepath: path }));
}

/** Codex tells of the turn, which is new each time. */
function withoutTurn<T extends { params?: Record<string, unknown> }>(message: T): T {
  const meta = message.params?.['_meta'];
  if (typeof meta !== 'object' || meta === null) return message;
  const kept = Object.entries(meta).filter(([key]) => !key.startsWith('x-codex'));
  return { ...message, params: { ...message.params, _meta: Object.fromEntries(kept) } };
}
