import { setTimeout as pause } from 'node:timers/promises';
import { isLost } from '../../client/followLog.ts';
import type { ApiClient } from '../../client/apiClient.ts';
import { followEvents } from '../../client/eventStream.ts';
import { homeFiles, readHostRecord } from '../../dataDir/dataDir.ts';
import type { JobService } from '../../api/endpoints.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { HostInfo } from '../../api/host.ts';
import { Emitter } from '../base/emitter.ts';
import type { ServiceSource } from '../base/jobStart.ts';
import type { JobModel, Snapshot } from '../model/jobModel.ts';
import type { Job } from '../../api/job.ts';

/**
 * - `idle`: no host runs, and nobody needs one
 * - `connecting`: one is needed, and looked for or started
 * - `connected`: the model shows what there is
 * - `unreachable`: one was needed, and there is none; `message` says why
 */
export type ConnectionState =
  | { type: 'idle' }
  | { type: 'connecting' }
  | { type: 'connected'; host: HostInfo }
  | { type: 'unreachable'; message: string };

/** A host that has hung up is given this long to leave, and looked after this often. */
const leavingMs = 5000;
const lookAgainMs = 100;
/** A host that answered must be seen in the model within this time. */
const seenWithinMs = 10_000;

export interface ConnectionOptions {
  home: string;
  /** Starts no host: what only looks must not bring back one that was asked to leave. */
  watching: ApiClient;
  /** Starts one when there is none. */
  acting: ApiClient;
  model: JobModel;
  /** Makes sure that a host serves the home. */
  openHost: () => Promise<unknown>;
  /** Whether this window takes over from a host that was asked to leave. */
  takesOver: () => boolean;
}

/**
 * This window's line to the job host. It follows whichever host there is, without starting one; {@link need} starts one.
 * A host that was asked to leave stays away until somebody needs it; one that crashed is replaced, so that its jobs are
 * looked after.
 */
export class Connection implements ServiceSource {
  readonly #options: ConnectionOptions;
  readonly #disposed = new AbortController();
  readonly #changed = new Emitter<ConnectionState>();
  readonly #settings = new Emitter<undefined>();
  #state: ConnectionState = { type: 'idle' };
  #loading: Promise<void> = Promise.resolve();
  #needed: Promise<JobService> | null = null;

  readonly onDidChange = this.#changed.event;
  /** Settings of the host have changed, whoever has done it. */
  readonly onDidChangeSettings = this.#settings.event;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    void this.#follow();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** To look at what there is; null when there is no host at present. */
  get service(): JobService | null {
    return this.#state.type === 'connected' ? this.#options.watching : null;
  }

  /**
   * To do something: the host, started when there is none.
   * @throws BgJobsError `host_unreachable`
   */
  need(): Promise<JobService> {
    if (this.service) return Promise.resolve(this.#options.acting);
    this.#needed ??= this.#open().finally(() => (this.#needed = null));
    return this.#needed;
  }

  dispose(): void {
    this.#disposed.abort();
    this.#options.watching.dispose();
    this.#options.acting.dispose();
  }

  async #open(): Promise<JobService> {
    this.#set({ type: 'connecting' });
    try {
      await this.#options.openHost();
      await this.#untilConnected();
    } catch (error) {
      this.#set({ type: 'unreachable', message: (error as Error).message });
      throw error;
    }
    return this.#options.acting;
  }

  async #untilConnected(): Promise<void> {
    const waiting = AbortSignal.any([this.#disposed.signal, AbortSignal.timeout(seenWithinMs)]);
    while (!this.service && !waiting.aborted) {
      const changed = Promise.withResolvers<void>();
      const subscription = this.onDidChange(() => changed.resolve());
      waiting.addEventListener('abort', () => changed.resolve(), { once: true });
      await changed.promise;
      subscription.dispose();
    }
    if (!this.service) throw new BgJobsError('host_unreachable', 'The job host does not tell what it does.');
  }

  async #follow(): Promise<void> {
    const { watching, home, model } = this.#options;
    const onConnection = (connected: boolean): void => {
      if (connected) this.#loading = this.#load();
      else void this.#lost();
    };
    const onSettings = (): void => this.#settings.fire(undefined);
    const options = { home, start: false, onConnection, onSettings };
    try {
      for await (const event of followEvents(watching, options, this.#disposed.signal)) {
        await this.#loading;
        model.apply(event);
      }
    } catch (error) {
      this.#set({ type: 'unreachable', message: (error as Error).message });
    }
  }

  /** What happens from the connection on comes as events; what was before is asked for. */
  async #load(): Promise<void> {
    const { watching, model } = this.#options;
    try {
      const [snapshot, host] = await Promise.all([loadSnapshot(watching), watching.getHost()]);
      model.reset(snapshot);
      this.#set({ type: 'connected', host });
    } catch (error) {
      // A host that is lost meanwhile is followed by another connection.
      if (!isLost(error)) this.#set({ type: 'unreachable', message: (error as Error).message });
    }
  }

  /** A host that leaves takes its record along before its process ends; one that crashed leaves it behind. */
  async #lost(): Promise<void> {
    const { home, model, takesOver } = this.#options;
    const deadline = performance.now() + leavingMs;
    this.#set({ type: 'connecting' });
    while (this.#state.type === 'connecting' && !this.#disposed.signal.aborted) {
      const record = readHostRecord(homeFiles(home).record);
      if (!record && !takesOver()) {
        this.#set({ type: 'idle' });
        model.clear();
      } else if (!record || !isAlive(record.pid) || performance.now() > deadline) {
        await this.need().catch(() => undefined);
      } else {
        await pause(lookAgainMs, undefined, { signal: this.#disposed.signal }).catch(() => undefined);
      }
    }
  }

  #set(state: ConnectionState): void {
    if (this.#disposed.signal.aborted) return;
    this.#state = state;
    if (state.type === 'unreachable') this.#options.model.clear();
    this.#changed.fire(state);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The largest page that the host gives. */
const limit = 1000;

/** What a window needs at first: all that runs or waits, and how much is finished. */
export async function loadSnapshot(service: JobService): Promise<Snapshot> {
  const jobs: Job[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const query = { status: 'running,waiting', limit, ...(cursor === undefined ? {} : { cursor }) };
    const page = await service.listJobs(query);
    jobs.push(...page.jobs);
    cursor = page.cursor;
  }
  const { bySession } = await service.getMetrics();
  return { jobs, bySession };
}
