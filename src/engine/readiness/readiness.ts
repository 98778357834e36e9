import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadyWhen } from '../../api/options.ts';
import { isDiskFull } from '../../store/diskFull.ts';
import type { LiveRun } from '../runs/liveRun.ts';
import type { OutputTracker } from '../output/outputTracker.ts';
import type { ProcessTable } from '../../processes/snapshot.ts';
import type { Store } from '../../store/store.ts';
import { fileProbe, type Found, type ProbeSignals } from './probe.ts';
import { patternProbe } from './patternProbe.ts';
import { PortClaim, serverOf } from './portClaim.ts';
import { portProbe, urlProbe } from './serverProbe.ts';

/** How long the last look may take, at the end of a run or of its time. */
const lastLookMs = 2000;
/** How long to wait before what could not be recorded (disk full) is recorded again. */
const retryMs = 2000;

export interface ReadinessParts {
  store: Store;
  tracker: OutputTracker;
  table: ProcessTable;
  now: () => number;
  /** Its time is up, and it is to be stopped then. */
  expire: (live: LiveRun) => void;
  report: (error: unknown) => void;
}

interface Watch {
  last: AbortController;
  abort: AbortController;
  deadline: NodeJS.Timeout;
  /** The run has ended: its time is not what was up. */
  hasEnded: boolean;
}

/** Looks whether runs are ready, as their readyWhen says, and records it. Nothing is left of that when it is decided. */
export class Readiness {
  readonly #parts: ReadinessParts;
  readonly #watches = new Map<LiveRun, Watch>();

  constructor(parts: ReadinessParts) {
    this.#parts = parts;
  }

  /** Of a run that was begun, now or by an earlier host: the time counts from its start. */
  watch(live: LiveRun): void {
    const { readyWhen } = live.job.spec;
    const { readyAt, notReadyAt, startedAt } = live.run;
    if (!readyWhen || readyAt !== null) return;
    if (notReadyAt !== null) {
      // The host may have died between these two.
      if (readyWhen.ifNotReady === 'stop') this.#parts.expire(live);
      return;
    }
    const [last, abort] = [new AbortController(), new AbortController()];
    const left = startedAt + readyWhen.timeoutMs - this.#parts.now();
    const deadline = setTimeout(() => this.#lookOnceMore(live, watch), Math.max(0, left));
    const watch: Watch = { last, abort, deadline, hasEnded: false };
    this.#watches.set(live, watch);
    const decided = this.#decide(live, readyWhen, watch)
      .catch(this.#parts.report)
      .finally(() => this.forget(live));
    live.beforeEnd = () => {
      watch.hasEnded = true;
      this.#lookOnceMore(live, watch);
      return decided;
    };
  }

  /** Its end is recorded: nothing more is looked for. */
  forget(live: LiveRun): void {
    const watch = this.#watches.get(live);
    if (!watch) return;
    this.#watches.delete(live);
    clearTimeout(watch.deadline);
    watch.abort.abort();
  }

  dispose(): void {
    for (const live of this.#watches.keys()) this.forget(live);
  }

  #lookOnceMore(live: LiveRun, { last, abort, deadline }: Watch): void {
    if (!this.#watches.has(live)) return;
    clearTimeout(deadline);
    this.#parts.tracker.observe(live.run.row);
    last.abort();
    const limit = setTimeout(() => abort.abort(), lastLookMs);
    abort.signal.addEventListener('abort', () => clearTimeout(limit));
  }

  async #decide(live: LiveRun, readyWhen: ReadyWhen, watch: Watch): Promise<void> {
    const { signal } = watch.abort;
    const found = await this.#probe(live, readyWhen, { last: watch.last.signal, abort: signal });
    if (!found && watch.hasEnded) return;
    const isToStop = !found && readyWhen.ifNotReady === 'stop';
    // With a full disk again and again; but what is to be stopped does not wait for that, nor does a run that has ended.
    while (this.#watches.has(live) && !live.stop) {
      if (this.#record(live, readyWhen, found) || isToStop || signal.aborted) break;
      await sleep(retryMs, undefined, { signal }).catch(() => undefined);
    }
    if (isToStop && this.#watches.has(live)) this.#parts.expire(live);
  }

  /** @returns false when the disk is full. Of a run that is being stopped nothing is recorded */
  #record(live: LiveRun, { timeoutMs }: ReadyWhen, found: Found | undefined): boolean {
    const { store, now } = this.#parts;
    try {
      if (found) {
        const change = { readyAt: now(), readyUrl: found.url, readyText: found.text };
        store.setReadiness(live.job, live.run, change, 'ready');
      } else {
        const why = live.run.readyText === null ? '' : `: ${live.run.readyText}`;
        const change = { notReadyAt: now(), readyText: `not ready within ${timeoutMs / 1000} s${why}` };
        store.setReadiness(live.job, live.run, change, 'not_ready');
      }
      return true;
    } catch (error) {
      if (isDiskFull(error)) return false;
      throw error;
    }
  }

  async #probe(live: LiveRun, readyWhen: ReadyWhen, signals: ProbeSignals): Promise<Found | undefined> {
    const { store, tracker } = this.#parts;
    if ('pattern' in readyWhen) {
      const source = { growth: tracker, index: store.chunks, logs: live.logs };
      return patternProbe(readyWhen.pattern, source, signals);
    }
    if ('file' in readyWhen) {
      const path = resolve(live.job.spec.cwd, readyWhen.file);
      const onObstacle = (readyText: string): void => this.#note(live, { readyText });
      return fileProbe({ path, startedAt: live.run.startedAt, onObstacle }, signals);
    }
    const claim = this.#claim(live);
    const server = serverOf(readyWhen);
    if (server) await claim.ask(server);
    return 'port' in readyWhen ? portProbe(readyWhen, claim, signals) : urlProbe(readyWhen.url, claim, signals);
  }

  #claim(live: LiveRun): PortClaim {
    return new PortClaim({
      table: this.#parts.table,
      target: live.target,
      before: live.run.readyBefore,
      onBefore: (readyBefore) => this.#note(live, { readyBefore }),
      onObstacle: (readyText) => this.#note(live, { readyText }),
    });
  }

  #note(live: LiveRun, change: { readyBefore: string[] } | { readyText: string }): void {
    if (this.#watches.has(live)) this.#parts.store.setReadiness(live.job, live.run, change);
  }
}
