import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { protocolVersion } from '../api/endpoints.ts';
import { BgJobsError, diskFull } from '../api/errors.ts';
import type { StoredSettings } from '../api/host.ts';
import { hostScript } from '../bundles.ts';
import {
  homeFiles,
  readHostRecord,
  removeHostRecord,
  writeHostRecord,
  type HomeFiles,
  type HostRecord,
} from '../dataDir/dataDir.ts';
import type { Log } from '../dataDir/hostLog.ts';
import { DiskReserve } from '../disk/diskReserve.ts';
import { isDiskFull, shortageBy } from '../disk/space.ts';
import { ensureHome } from '../dataDir/privateFolder.ts';
import { openEngine, type Engine } from '../engine/engine.ts';
import { ApiServer } from '../http/apiServer.ts';
import { limitConnections } from './connectionLimit.ts';
import { keepingEndpoint, listenPrivately, removeEndpoint } from './endpoint.ts';
import { withHooks } from './deliveries.ts';
import { HomeGuard } from './homeGuard.ts';
import { withTelemetry } from './withTelemetry.ts';
import { waitForLock, type Lock } from './lock.ts';

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
export type OpenEngine = (options: JobHostOptions, onIdleChanged: () => void) => Promise<Engine>;

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
  if (lock) return serveOnAnyDisk(options, files, lock).catch((error: unknown) => unlessOwned(error, isServed));
  if (await isServed()) return undefined;
  const pid = readHostRecord(files.record)?.pid;
  const holder = pid === undefined ? 'Another job host' : `Another job host (process ${pid})`;
  throw new BgJobsError(
    'host_unreachable',
    `${holder} holds ${options.home} but does not answer. End it and try again.`,
  );
}

/** On a full disk with the help of the reserve: without a host nothing can be cleaned up. @throws as {@link serve} */
async function serveOnAnyDisk(options: JobHostOptions, files: HomeFiles, lock: Lock): Promise<JobHost> {
  const reserve = new DiskReserve(options.home);
  for (;;) {
    try {
      return await serve(options, files, lock);
    } catch (error) {
      if (isDiskFull(error) && reserve.give()) continue;
      lock.release();
      throw isDiskFull(error) ? diskFull(...(reserve.shortage ?? shortageBy(error))) : error;
    }
  }
}

/** How long the owner of the store may take to put back what somebody has removed of its files. */
const ownerMs = 2000;

/** The lock was free because somebody had removed its file: the host that has the store open makes itself known again. */
async function unlessOwned(error: unknown, isServed: () => Promise<boolean>): Promise<undefined> {
  if (!(error instanceof BgJobsError) || error.code !== 'host_unreachable') throw error;
  for (const deadline = performance.now() + ownerMs; performance.now() < deadline; await sleep(50)) {
    if (await isServed()) return;
  }
  throw error;
}

async function serve(options: JobHostOptions, files: HomeFiles, lock: Lock): Promise<JobHost> {
  const { home, version, idleExitMs, log, onChanged = () => undefined, openEngine = openRealEngine } = options;
  let engine: Engine | undefined;
  let server: ApiServer | undefined;
  try {
    let checkIdle = (): void => undefined;
    const onIdleChanged = (): void => checkIdle();
    engine = await openEngine(options, onIdleChanged);
    const info = await engine.getHost().catch((error: unknown) => void log.error('no hooks, no telemetry', error));
    const observed = await withTelemetry(engine, info?.settings.otlpEndpoint ?? '', version, log);
    const opened = await withHooks(observed, { hooks: info?.settings.hooks ?? [], home, log, onIdleChanged });
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
    limitConnections(serving.http, log.warn);
    const startedAt = new Date().toISOString();
    const record = { endpoint, token, pid: process.pid, version, protocol: protocolVersion, startedAt };
    const isIdle = (): boolean => idleExitMs > 0 && serving.connections === 0 && opened.isIdle();
    const idle = new IdleWatch(isIdle, idleExitMs, () => void host.close('nothing to do'));
    // Last, because clients connect as soon as they find it.
    writeHostRecord(files.record, record);
    const guard = new HomeGuard(files, record, lock, (reason) => void host.close(reason));
    const host = new JobHost(record, { files, guard, engine: opened, server: serving, idle, log });
    checkIdle = () => {
      idle.check();
      onChanged();
    };
    log.info(`serving ${home}, version ${version}, process ${process.pid}`);
    idle.check();
    return host;
  } catch (error) {
    await server?.close(0);
    await engine?.close();
    throw error;
  }
}

function openRealEngine({ home, version, settings, log }: JobHostOptions, onIdleChanged: () => void): Promise<Engine> {
  // Windows has no POSIX shell to supervise runs, so main.ts does it.
  const nodeSupervisor = { execPath: process.execPath, args: [hostScript] };
  const system = process.platform === 'win32' ? { nodeSupervisor } : {};
  return openEngine({ home, version, settings, onIdleChanged, log: log.warn, ...system });
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

/** How long answers under way may take when the host stops. */
const finishMs = 2000;

export interface JobHostDeps {
  readonly files: HomeFiles;
  readonly guard: HomeGuard;
  readonly engine: Engine;
  readonly server: ApiServer;
  readonly idle: IdleWatch;
  readonly log: Log;
}

/** A host that serves a store, until it is closed or stops because it is idle. */
export class JobHost {
  readonly record: HostRecord;
  readonly #deps: JobHostDeps;
  readonly #released = Promise.withResolvers<void>();
  #closing = false;

  constructor(record: HostRecord, deps: JobHostDeps) {
    this.record = record;
    this.#deps = deps;
  }

  /** Resolves when everything is released, whatever the reason. */
  get closed(): Promise<void> {
    return this.#released.promise;
  }

  /** @param reason for the log */
  close(reason: string): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      void this.#close(reason);
    }
    return this.closed;
  }

  /** For a process that is exiting: removes what would mislead clients. */
  abandon(): void {
    if (!this.#closing && !this.#isReplaced()) this.#removeRecord();
  }

  #removeRecord(): void {
    removeEndpoint(this.record.endpoint);
    removeHostRecord(this.#deps.files.record);
  }

  /** Whether the home was removed and made again, and another host serves it now. */
  #isReplaced(): boolean {
    const record = readHostRecord(this.#deps.files.record);
    return record !== undefined && record.token !== this.record.token;
  }

  async #close(reason: string): Promise<void> {
    const { guard, engine, server, idle, log } = this.#deps;
    const isReplaced = this.#isReplaced();
    log.info(`leaving: ${reason}`);
    idle.dispose();
    guard.dispose();
    try {
      const close = (): Promise<void> => server.close(finishMs);
      await (isReplaced ? keepingEndpoint(this.record.endpoint, close) : close());
      await engine.close();
    } catch (error) {
      log.error('while leaving', error);
    }
    if (!isReplaced) this.#removeRecord();
    guard.release();
    log.info('left');
    this.#released.resolve();
  }
}

/** Calls back after an idle time. There is a timer only while the host is idle, and nothing polls. */
export class IdleWatch {
  readonly #isIdle: () => boolean;
  readonly #afterMs: number;
  readonly #onIdle: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(isIdle: () => boolean, afterMs: number, onIdle: () => void) {
    this.#isIdle = isIdle;
    this.#afterMs = afterMs;
    this.#onIdle = onIdle;
  }

  /** Call this whenever the result of isIdle may have changed. */
  readonly check = (): void => {
    if (!this.#isIdle()) {
      this.dispose();
    } else {
      this.#timer ??= setTimeout(this.#onIdle, this.#afterMs);
    }
  };

  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** The host is at rest when nothing has changed for this long. */
const restMs = 1000;

/** Less growth is not worth a collection, which takes 20 ms and makes V8 compile code in use again. */
const worthBytes = 16 * 1024 * 1024;

export interface RestingMemoryDeps {
  /** Frees as much memory as possible. */
  readonly collect: () => void;
  /** The memory of the process now, in bytes. */
  readonly resident: () => number;
}

/**
 * Frees the memory that the start or a busy time has left behind once the host is at rest: V8 alone would keep it until
 * memory runs short. Once per rest, so that a host at rest does not wake up.
 */
export class RestingMemory {
  readonly #deps: RestingMemoryDeps;
  readonly #timer: NodeJS.Timeout;
  /** Resident memory after the last collection, in bytes. */
  #least = 0;

  constructor(deps: RestingMemoryDeps, afterMs = restMs) {
    this.#deps = deps;
    this.#timer = setTimeout(() => this.#atRest(), afterMs).unref();
  }

  /** Call this whenever something has changed. */
  readonly changed = (): void => void this.#timer.refresh();

  #atRest(): void {
    const { collect, resident } = this.#deps;
    if (resident() < this.#least + worthBytes) return;
    collect();
    this.#least = resident();
  }
}
