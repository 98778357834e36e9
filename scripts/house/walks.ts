import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { JobEvent } from '../../src/api/events.ts';
import { connect } from '../../src/client/apiClient.ts';
import { followEvents } from '../../src/client/eventStream.ts';
import { openEngine, type Engine } from '../../src/engine/engine.ts';
import { startJobHost } from '../../src/host/startJobHost.ts';
import { top } from '../editor/places.ts';

/** The code that runs between a request and its effect, with engine, host and client in one process. */
export interface Walk {
  name: string;
  /** The start and the end of the walk. */
  way: string;
  /** Sorted paths below src/, each with the number of its named functions that ran. */
  files: Record<string, number>;
}

const source = `${pathToFileURL(join(top, 'src')).href}/`;

/**
 * Runs a start, a kill, an output and an event through a real host and client in this process, with a real job, and
 * counts the named functions that run with V8's precise coverage. Nothing else happens in the process meanwhile.
 */
export async function measureWalks(): Promise<Walk[]> {
  const home = mkdtempSync(join(tmpdir(), 'bj-'));
  const quiet = { error() {}, warn() {}, info() {}, debug() {} };
  let engine: Engine | undefined;
  const host = await startJobHost({
    home,
    version: '1.0.0',
    settings: {},
    idleExitMs: 0,
    log: quiet,
    openEngine: async ({ home, version, settings }, onIdleChanged) => {
      engine = await openEngine({ home, version, settings, onIdleChanged, log: () => undefined });
      return engine;
    },
  });
  const client = await connect({ home, start: false });
  const end = new AbortController();
  try {
    if (!host || !engine) throw new Error('The host did not start.');
    const served = engine;
    const log = join(home, 'said');
    appendFileSync(log, '');
    const start = () => client.startJob({ argv: ['tail', '-f', log], cwd: home });

    // Warm up first, so that code that only runs the first time is not counted.
    const first = (await start()).job;
    await client.killJob(first.id, {});

    const session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    const measure = async (name: string, way: string, step: () => Promise<void>): Promise<Walk> => {
      await settle();
      await session.post('Profiler.takePreciseCoverage');
      await step();
      const { result } = await session.post('Profiler.takePreciseCoverage');
      const files = result.flatMap(({ url, functions }) => {
        if (!url.startsWith(source)) return [];
        const ran = functions.filter(({ functionName, ranges }) => functionName !== '' && (ranges[0]?.count ?? 0) > 0);
        return ran.length === 0 ? [] : [[url.slice(source.length), ran.length] as const];
      });
      return { name, way, files: Object.fromEntries(files.sort(([a], [b]) => (a < b ? -1 : 1))) };
    };

    const walks: Walk[] = [];
    let id = '';
    walks.push(
      await measure('start', 'from the request to the answer with the pid of the running command', async () => {
        id = (await start()).job.id;
      }),
    );
    const following = new AbortController();
    const output = client.followOutput(id, {}, following.signal)[Symbol.asyncIterator]();
    const next = output.next();
    walks.push(
      await measure('output', 'from a line in the log file to the client that follows it', async () => {
        appendFileSync(log, 'a line\n');
        await next;
      }),
    );
    following.abort();
    walks.push(
      await measure('kill', 'from the request to the answer that the whole tree is dead', async () => {
        await client.killJob(id, {});
      }),
    );

    const held = (await client.startJob({ argv: ['true'], cwd: home, held: true })).job;
    let hear = (_event: JobEvent): void => undefined;
    let connected = (): void => undefined;
    const isConnected = new Promise<void>((resolve) => (connected = resolve));
    const options = { home, start: false, onConnection: () => connected() };
    const listening = (async () => {
      for await (const event of followEvents(client, options, end.signal)) hear(event);
    })();
    await isConnected;
    walks.push(
      await measure('event', 'from a change of a job in the engine to the client that listens', async () => {
        const heard = new Promise<JobEvent>((resolve) => (hear = resolve));
        await served.updateJob(held.id, { priority: 7 });
        await heard;
      }),
    );
    end.abort();
    await listening.catch(() => undefined);
    session.disconnect();
    return walks;
  } finally {
    end.abort();
    await client.killJobs({ all: true, signal: 'KILL' }).catch(() => undefined);
    client.dispose();
    await host?.close('the walks are done');
    rmSync(home, { recursive: true, force: true });
  }
}

/** Waits until the follow-up work of an earlier step is done, for example the scan for orphans after an end. */
async function settle(): Promise<void> {
  await sleep(1500);
}
