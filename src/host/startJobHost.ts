import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { Engine } from '../engine/engine.ts';
import { homeFiles, type HomeFiles, readHostRecord, writeHostRecord } from '../dataDir/dataDir.ts';
import { hostScript } from '../bundles.ts';
import { ensureHome } from '../dataDir/privateFolder.ts';
import { protocolVersion } from '../api/endpoints.ts';
import { BgJobsError } from '../api/errors.ts';
import type { StoredSettings } from '../api/host.ts';
import { ApiServer } from '../http/apiServer.ts';
import { listenPrivately } from './endpoint.ts';
import { IdleWatch } from './idle.ts';
import { JobHost, type HostedEngine } from './jobHost.ts';
import { waitForLock, type Lock } from './lock.ts';
import type { Log } from '../dataDir/hostLog.ts';

/** How long a new host waits until an older one has closed the store. */
const lockWaitMs = 15_000;

export interface JobHostOptions {
  readonly home: string;
  /** Version of this software, for clients that compare it with their own. */
  readonly version: string;
  /** Settings that take precedence over the stored ones. */
  readonly settings: StoredSettings;
  /** The host stops after it was idle and without a client for this long; 0 means never. */
  readonly idleExitMs: number;
  readonly log: Log;
  /** Called whenever a job or a connection has changed. */
  readonly onChanged?: (() => void) | undefined;
  /** Opens another engine than the real one. */
  readonly openEngine?: OpenEngine;
}

/** @param onIdleChanged to be called whenever the result of `isIdle` may have changed */
export type OpenEngine = (options: JobHostOptions, onIdleChanged: () => void) => Promise<HostedEngine>;

/**
 * Opens the store of a data directory and serves it, in a process of its own or inside the editor's extension host. The
 * room `host` starts and stops a job host; it may import `engine` and `http`, and the editor loads its bundle.
 * @returns undefined when another host serves this data directory: connect to that one
 * @throws BgJobsError `host_unreachable`: the home cannot be used, or its holder neither answers nor leaves
 */
export async function startJobHost(options: JobHostOptions): Promise<JobHost | undefined> {
  ensureHome(options.home, process.getuid?.());
  const files = homeFiles(options.home);
  const isServed = (): Promise<boolean> => answers(readHostRecord(files.record)?.endpoint);
  const lock = await waitForLock(files.lock, lockWaitMs, isServed);
  if (lock) return serve(options, files, lock);
  if (await isServed()) return undefined;
  const pid = readHostRecord(files.record)?.pid;
  const holder = pid === undefined ? 'Another job host' : `Another job host (process ${pid})`;
  throw new BgJobsError(
    'host_unreachable',
    `${holder} holds ${options.home} but does not answer. End it and try again.`,
  );
}

async function serve(options: JobHostOptions, files: HomeFiles, lock: Lock): Promise<JobHost> {
  const { home, version, idleExitMs, log, onChanged = () => undefined, openEngine = openRealEngine } = options;
  let engine: HostedEngine | undefined;
  let server: ApiServer | undefined;
  try {
    let checkIdle = (): void => undefined;
    const opened = await openEngine(options, () => checkIdle());
    engine = opened;
    const token = randomBytes(32).toString('base64url');
    const serving = new ApiServer({
      service: opened,
      token,
      log,
      onStop: () => void host.close('asked to'),
      onConnectionsChanged: () => checkIdle(),
    });
    server = serving;
    const place = { platform: process.platform, home, uid: process.getuid?.(), temporary: tmpdir() };
    const endpoint = await listenPrivately(serving.http, place);
    const startedAt = new Date().toISOString();
    const record = { endpoint, token, pid: process.pid, version, protocol: protocolVersion, startedAt };
    const isIdle = (): boolean => idleExitMs > 0 && serving.connections === 0 && opened.isIdle();
    const idle = new IdleWatch(isIdle, idleExitMs, () => void host.close('nothing to do'));
    const host = new JobHost(record, { files, lock, engine: opened, server: serving, idle, log });
    checkIdle = () => {
      idle.check();
      onChanged();
    };
    // Last, because clients connect as soon as they find it.
    writeHostRecord(files.record, record);
    log.info(`serving ${home}, version ${version}, process ${process.pid}`);
    idle.check();
    return host;
  } catch (error) {
    await server?.close(0);
    await engine?.close();
    lock.release();
    throw error;
  }
}

function openRealEngine({ home, version, settings, log }: JobHostOptions, onIdleChanged: () => void): Promise<Engine> {
  // Windows has no POSIX shell to supervise runs, so main.ts does it.
  const nodeSupervisor = { execPath: process.execPath, args: [hostScript] };
  const system = process.platform === 'win32' ? { nodeSupervisor } : {};
  return Engine.open({ home, version, settings, onIdleChanged, log: log.warn, ...system });
}

function answers(endpoint: string | undefined): Promise<boolean> {
  if (endpoint === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect(endpoint);
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
