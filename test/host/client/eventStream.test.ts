import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiClient, createClient } from '../../../src/client/apiClient.ts';
import { followEvents } from '../../../src/client/eventStream.ts';
import type { JobEvent } from '../../../src/api/events.ts';
import { useHostHome } from '../../helpers/jobHost.ts';
import { until } from '../../helpers/until.ts';

describe('events across hosts', () => {
  const home = useHostHome();
  const abort: AbortController[] = [];
  afterEach(() => abort.splice(0).forEach((each) => each.abort()));

  /** What comes, collected in the background until the test is over. */
  function collect(client: ApiClient, options: { since?: number; start: boolean }) {
    const ending = new AbortController();
    abort.push(ending);
    const seen: JobEvent[] = [];
    const connections: boolean[] = [];
    const onConnection = (connected: boolean): number => connections.push(connected);
    let settings = 0;
    const onSettings = (): number => ++settings;
    const over = (async () => {
      const events = followEvents(client, { home: home.path, onConnection, onSettings, ...options }, ending.signal);
      for await (const event of events) seen.push(event);
    })();
    over.catch(() => undefined);
    return { seen, connections, settings: () => settings, over, ending };
  }

  const held = async (client: ApiClient): Promise<void> =>
    void (await client.startJob({ argv: ['true'], cwd: '/', held: true }));

  it('come without gap or duplicate while hosts are killed and stopped', async () => {
    const [client, other] = [await home.connect(), await home.connect()];
    const { seen, connections } = collect(client, { since: 0, start: true });
    await held(other);
    await until('the first has come', () => seen.length || undefined);
    await home.killHost();
    await held(other);
    await held(other);
    await until('the next two have come', () => (seen.length >= 3 ? true : undefined));
    await other.stopHost();
    await held(other);
    await until('all have come', () => (seen.length >= 4 ? true : undefined));
    assert.deepEqual(
      seen.map(({ seq }) => seq),
      [1, 2, 3, 4],
    );
    assert.deepEqual(connections, [true, false, true, false, true]);
  });

  it('include changes of settings', async () => {
    const [client, other] = [await home.connect(), await home.connect()];
    const { connections, settings } = collect(client, { start: true });
    await until('it is connected', () => connections[0]);
    await other.pauseQueue();
    await until('the pause is told', () => settings() === 1 || undefined);
    await other.resumeQueue({ session: 'batch' });
    await until('a session is told', () => settings() === 2 || undefined);
    await other.updateHost({ maxConcurrentJobs: 3 });
    await until('the limit is told', () => settings() === 3 || undefined);
  });

  it('are replayed from a number on', async () => {
    const client = await home.connect();
    for (let count = 0; count < 5; count++) await held(client);
    const { seen } = collect(client, { since: 3, start: true });
    await until('both have come', () => (seen.length >= 2 ? true : undefined));
    assert.deepEqual(
      seen.map(({ seq }) => seq),
      [4, 5],
    );
  });

  it('include everything after the connection if no number is given', async () => {
    const client = await home.connect();
    await held(client);
    const { seen, connections } = collect(client, { start: true });
    await until('it is connected', () => connections.length || undefined);
    await held(client);
    await until('it has come', () => seen.length || undefined);
    assert.deepEqual(
      seen.map(({ seq }) => seq),
      [2],
    );
  });

  it('continue with the next host without a number although the first sent nothing', async () => {
    const client = await home.connect();
    const go = join(home.path, 'go');
    const argv = ['sh', '-c', `until [ -e '${go}' ]; do sleep 0.02; done`];
    const { job } = await client.startJob({ argv, cwd: '/' });
    await until('its pid is known', async () => (await client.getJob(job.id)).pid ?? undefined);
    const passive = createClient({ ...home.options(), start: false });
    const { seen, connections } = collect(passive, { start: false });
    await until('it is connected', () => connections.length || undefined);
    await home.killHost();
    // The next host records the end before anybody is connected to it.
    writeFileSync(go, '');
    await until('the job has ended', () => (home.processes().length === 0 ? true : undefined));
    await home.connect();
    await until('the end has come', () => (seen.some(({ to }) => to === 'completed') ? true : undefined));
    passive.dispose();
  });

  it('wait for a host that another client starts, if they must not start one', async () => {
    const passive = createClient({ ...home.options(), start: false });
    const { seen, connections, ending, over } = collect(passive, { since: 0, start: false });
    const active = await home.connect();
    await held(active);
    await until('the first has come', () => seen.length || undefined);
    await active.stopHost();
    await until('it is disconnected', () => (connections.length === 2 ? true : undefined));
    await until('no host is left', () => (home.processes().length === 0 ? true : undefined));
    await held(active);
    await until('the second has come', () => (seen.length === 2 ? true : undefined));
    assert.deepEqual(connections, [true, false, true]);
    ending.abort();
    await over;
    passive.dispose();
  });

  it('wait for the home itself', async () => {
    const missing = { home: join(home.path, 'not', 'yet'), env: home.options().env };
    const passive = createClient({ ...missing, start: false });
    const ending = new AbortController();
    const events = followEvents(passive, { home: missing.home, since: 0, start: false }, ending.signal);
    const first = events.next();
    const active = await home.connect(missing);
    await held(active);
    assert.equal(((await first).value as JobEvent).seq, 1);
    ending.abort();
    assert.equal((await events.next()).done, true);
    await active.stopHost();
    passive.dispose();
  });

  it('end with an error when no host can be started', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bj-'));
    const client = createClient({ home: folder, script: join(folder, 'missing.js'), start: true });
    const events = followEvents(client, { home: folder, start: true }, new AbortController().signal);
    await assert.rejects(events.next(), { code: 'host_unreachable', message: /cannot start: .*missing\.js/s });
    client.dispose();
    rmSync(folder, { recursive: true });
  });
});
