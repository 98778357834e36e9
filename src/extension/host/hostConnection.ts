/**
 * `extension/host` is the connection of this window to the job host: finding and starting it, its events, its queue,
 * and the start of a job. The rooms above `model` may import it; it imports `api`, `client`, `dataDir` and the rooms
 * below.
 */

import { setTimeout as pause } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { JobService } from '../../api/endpoints.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { HostInfo } from '../../api/host.ts';
import { allJobs } from '../../api/jobPages.ts';
import { failedStatuses } from '../../api/values.ts';
import type { ApiClient } from '../../client/apiClient.ts';
import { followEvents } from '../../client/eventStream.ts';
import { isLost } from '../../client/followLog.ts';
import { homeFiles, readHostRecord } from '../../dataDir/dataDir.ts';
import { Emitter } from '../base/emitter.ts';
import { commands, storageKeys } from '../base/ids.ts';
import type { ServiceSource } from '../base/jobStart.ts';
import { t } from '../base/l10n.ts';
import { explicitHostSettings, onDidChangeSettings } from '../base/settings.ts';
import type { JobModel, Snapshot } from '../model/jobModel.ts';

/**
 * - `idle`: no host runs, and none is needed
 * - `connecting`: a host is needed, and is being found or started
 * - `connected`: the model is up to date
 * - `unreachable`: a host was needed but cannot be reached; `message` says why
 */
export type ConnectionState =
  | { type: 'idle' }
  | { type: 'connecting' }
  | { type: 'connected'; host: HostInfo }
  | { type: 'unreachable'; message: string };

/** Maximum time for a host that has closed the connection to exit, and how often that is polled. */
const leavingMs = 5000;
const lookAgainMs = 100;
/** Maximum time from the host's first answer until the model has loaded. */
const seenWithinMs = 10_000;
/** Of those that were not looked at. */
const mostFailures = 100;
/** Maximum number of warnings that are remembered as shown. */
const remembered = 50;

interface ConnectionOptions {
  home: string;
  /** Starts no host: reading must not bring back a host that was asked to exit. */
  watching: ApiClient;
  /** Starts one when there is none. */
  acting: ApiClient;
  model: JobModel;
  /** Failures after that time are news: milliseconds since the epoch. */
  lookedAt: () => number;
  /** Makes sure that a host serves the home. */
  openHost: () => Promise<unknown>;
  /** Whether this window starts its own host after another host was asked to exit. */
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
  /** Settings of the host have changed, in this window or elsewhere. */
  readonly onDidChangeSettings = this.#settings.event;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    void this.#follow();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** For reading; null when there is no host at present. */
  get service(): JobService | null {
    return this.#state.type === 'connected' ? this.#options.watching : null;
  }

  /**
   * For acting: the host, started when there is none.
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
      this.#setUnreachable(error);
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
    const options = {
      home,
      start: false,
      onConnection: (connected: boolean) => {
        if (connected) this.#loading = this.#load();
        else void this.#lost();
      },
      onSettings: () => this.#settings.fire(undefined),
    };
    try {
      for await (const event of followEvents(watching, options, this.#disposed.signal)) {
        await this.#loading;
        model.apply(event);
      }
    } catch (error) {
      this.#setUnreachable(error);
    }
  }

  /** Loads the state at the time of the connection. Later changes arrive as events. */
  async #load(): Promise<void> {
    const { watching, model, lookedAt } = this.#options;
    try {
      const [snapshot, host] = await Promise.all([loadSnapshot(watching, lookedAt()), watching.getHost()]);
      model.reset(snapshot);
      this.#set({ type: 'connected', host });
    } catch (error) {
      // When the host is lost meanwhile, another connection follows.
      if (!isLost(error)) this.#setUnreachable(error);
    }
  }

  /** A host that exits removes its record first; a host that crashed leaves it. */
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

  #setUnreachable(error: unknown): void {
    this.#set({ type: 'unreachable', message: (error as Error).message });
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

/** The state that a window needs first: all running and waiting jobs, and the number of finished ones. */
async function loadSnapshot(service: JobService, lookedAt: number): Promise<Snapshot> {
  const jobs = await allJobs(service, { status: 'running,waiting' });
  const { bySession } = await service.getMetrics();
  const failed = await service.listJobs({ status: failedStatuses.join(','), order: 'ended', limit: mostFailures });
  const failures = failed.jobs.filter(({ finishedAt }) => finishedAt !== null && Date.parse(finishedAt) > lookedAt);
  return { jobs, bySession, failures };
}

/** On each connection to a host, sends it the user's settings and shows its warnings. */
export function greetHosts(connection: Connection, told: vscode.Memento): vscode.Disposable {
  const greeting = connection.onDidChange((state) => {
    if (state.type !== 'connected') return;
    void push(connection, () => false);
    void tellWarnings(state.host.warnings, told);
  });
  const settings = onDidChangeSettings((changed) => void push(connection, changed));
  return vscode.Disposable.from(greeting, settings);
}

async function push(connection: Connection, changed: Parameters<typeof explicitHostSettings>[0]): Promise<void> {
  const update = explicitHostSettings(changed);
  if (Object.keys(update).length === 0) return;
  try {
    await connection.service?.updateHost(update);
  } catch (error) {
    void vscode.window.showErrorMessage(t("The job host didn't accept the settings: {0}", (error as Error).message));
  }
}

/** Shows each warning once, in the first window that gets it. */
async function tellWarnings(warnings: readonly string[], told: vscode.Memento): Promise<void> {
  const before = told.get<string[]>(storageKeys.warnings, []);
  const fresh = warnings.filter((warning) => !before.includes(warning));
  if (fresh.length === 0) return;
  await told.update(storageKeys.warnings, [...before, ...fresh].slice(-remembered));
  const showLog = t('Show Log');
  for (const warning of fresh) {
    void vscode.window.showWarningMessage(warning, showLog).then((choice) => {
      if (choice === showLog) void vscode.commands.executeCommand(commands.showHostLog);
    });
  }
}
