import type { Queue } from '../../api/control.ts';
import type { HostInfo } from '../../api/host.ts';
import { isWaiting } from '../../api/values.ts';
import type { Connection } from './hostConnection.ts';
import { Emitter } from '../base/emitter.ts';
import type { JobModel, ModelChange } from '../model/jobModel.ts';

export type Pauses = Pick<Queue, 'paused' | 'pausedSessions'>;

const nothing: Pauses = { paused: false, pausedSessions: [] };
const soonMs = 300;
/** The host spends at most a tenth of its time on sending a long queue to one window. */
const restFactor = 10;

/**
 * The host's queue as this window knows it: in which order it starts what waits, and what is paused. No event has either,
 * so the host is asked when its settings or something about a waiting job have changed: for the order only while somebody
 * looks.
 */
export class QueueWatch {
  readonly #connection: Connection;
  readonly #model: JobModel;
  readonly #changed = new Emitter<Pauses>();
  readonly #subscriptions;
  #pauses = nothing;
  #looking = false;
  #ordering = false;
  #timer: NodeJS.Timeout | null = null;
  #delayMs = soonMs;

  readonly onDidChange = this.#changed.event;

  constructor(connection: Connection, model: JobModel) {
    this.#connection = connection;
    this.#model = model;
    this.#subscriptions = [
      connection.onDidChange((state) => {
        if (state.type === 'connected') this.look();
        // While the host is away nothing of it has changed as far as is known.
        if (state.type !== 'connecting') this.#setPauses(state.type === 'connected' ? pausesOf(state.host) : nothing);
      }),
      connection.onDidChangeSettings(() => this.look()),
      model.onDidChange((change) => {
        if (!this.#ordering && this.#concerns(change)) this.look();
      }),
    ];
  }

  get pauses(): Pauses {
    return this.#pauses;
  }

  isPaused(session: string): boolean {
    return this.#pauses.pausedSessions.includes(session);
  }

  setLooking(looking: boolean): void {
    this.#looking = looking;
    if (looking) this.look();
  }

  /** Requests the queue soon, once for all changes until then. */
  look(): void {
    this.#timer ??= setTimeout(() => void this.#ask(), this.#delayMs);
  }

  /** What a command has been answered. */
  take(queue: Queue): Queue {
    this.#setPauses(queue);
    this.#ordering = true;
    this.#model.setQueue(queue.jobs);
    this.#ordering = false;
    return queue;
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    if (this.#timer) clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    this.#timer = null;
    const { service } = this.#connection;
    const began = performance.now();
    try {
      if (this.#looking && service) this.take(await service.getQueue());
      else if (service) this.#setPauses(pausesOf(await service.getHost()));
    } catch {
      // The connection finds the host again; then the queue is requested again.
    }
    this.#delayMs = Math.max(soonMs, restFactor * (performance.now() - began));
  }

  /** Whether the order, or why something waits, may be another now. */
  #concerns({ sessions, jobs }: ModelChange): boolean {
    if (sessions.size > 0) return this.#model.counts().waiting > 0;
    return [...jobs].some((id) => {
      const job = this.#model.job(id);
      return job !== undefined && isWaiting(job.status);
    });
  }

  #setPauses({ paused, pausedSessions }: Pauses): void {
    const before = JSON.stringify(this.#pauses);
    this.#pauses = { paused, pausedSessions };
    if (JSON.stringify(this.#pauses) !== before) this.#changed.fire(this.#pauses);
  }
}

function pausesOf({ settings }: HostInfo): Pauses {
  return { paused: settings.queuePaused, pausedSessions: settings.pausedSessions };
}
