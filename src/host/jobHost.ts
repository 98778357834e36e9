import { type HomeFiles, removeHostRecord, type HostRecord } from '../dataDir/dataDir.ts';
import type { JobService } from '../api/endpoints.ts';
import type { ApiServer } from '../http/apiServer.ts';
import { removeEndpoint } from './endpoint.ts';
import type { IdleWatch } from './idle.ts';
import type { Lock } from './lock.ts';
import type { Log } from '../dataDir/hostLog.ts';

/** How long answers that are under way may take when the host leaves. */
const finishMs = 2000;

/** What the host needs of the engine besides the service. */
export interface HostedEngine extends JobService {
  /** Nothing runs, waits or is to be done later. */
  isIdle(): boolean;
  /** Lets go of the store. Running jobs run on. */
  close(): Promise<void>;
}

export interface JobHostParts {
  readonly files: HomeFiles;
  readonly lock: Lock;
  readonly engine: HostedEngine;
  readonly server: ApiServer;
  readonly idle: IdleWatch;
  readonly log: Log;
}

/** Who serves a store, until it is closed or leaves by itself. */
export class JobHost {
  readonly record: HostRecord;
  readonly #parts: JobHostParts;
  readonly #released = Promise.withResolvers<void>();
  #closing = false;

  constructor(record: HostRecord, parts: JobHostParts) {
    this.record = record;
    this.#parts = parts;
  }

  /** Settles when everything is released, whoever asked for it. */
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

  /** For a process that ends this very moment: takes away what would mislead others. */
  abandon(): void {
    if (this.#closing) return;
    removeHostRecord(this.#parts.files.record);
    removeEndpoint(this.record.endpoint);
  }

  async #close(reason: string): Promise<void> {
    const { files, lock, engine, server, idle, log } = this.#parts;
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
