import { type HomeFiles, removeHostRecord, type HostRecord } from '../dataDir/dataDir.ts';
import type { JobService } from '../api/endpoints.ts';
import type { ApiServer } from '../http/apiServer.ts';
import { removeEndpoint } from './endpoint.ts';
import type { IdleWatch } from './idle.ts';
import type { Lock } from './lock.ts';
import type { Log } from '../dataDir/hostLog.ts';

/** How long answers under way may take when the host stops. */
const finishMs = 2000;

/** What the host needs of the engine, besides the service. */
export interface HostedEngine extends JobService {
  /** Whether nothing runs, waits or is due later. */
  isIdle(): boolean;
  /** Closes the store. Running jobs keep running. */
  close(): Promise<void>;
}

export interface JobHostDeps {
  readonly files: HomeFiles;
  readonly lock: Lock;
  readonly engine: HostedEngine;
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
    if (this.#closing) return;
    removeHostRecord(this.#deps.files.record);
    removeEndpoint(this.record.endpoint);
  }

  async #close(reason: string): Promise<void> {
    const { files, lock, engine, server, idle, log } = this.#deps;
    log.info(`leaving: ${reason}`);
    idle.dispose();
    try {
      await server.close(finishMs);
      await engine.close();
    } catch (error) {
      log.error('while leaving', error);
    }
    removeEndpoint(this.record.endpoint);
    removeHostRecord(files.record);
    lock.release();
    log.info('left');
    this.#released.resolve();
  }
}
