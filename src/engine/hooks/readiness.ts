import { resolve } from 'node:path';
import type { ReadyWhen } from '../../api/options.ts';
import { retryWhenFull, unlessFull } from '../../store/database.ts';
import { patternProbe } from '../readiness/patternProbe.ts';
import { PortClaim, serverOf } from '../readiness/portClaim.ts';
import { fileProbe, type Found, type ProbeSignals } from '../readiness/probe.ts';
import { portProbe, urlProbe } from '../readiness/serverProbe.ts';
import type { End } from '../../store/runTable.ts';
import type { ActiveRun, HookDeps, RunHook } from './hook.ts';

/** How long the last probe may take, at the end of a run or of its time. */
const lastProbeMs = 2000;

type Deps = Pick<HookDeps, 'store' | 'tracker' | 'table' | 'now' | 'report'>;

interface Watch {
  /** Aborted for the last probe. */
  readonly last: AbortController;
  readonly abort: AbortController;
  readonly deadline: NodeJS.Timeout;
  /** The run has ended, so its time was not up. */
  hasEnded: boolean;
  decided?: Promise<void>;
}

/** Probes whether runs are ready, as their `readyWhen` says, and records it. Keeps nothing of a run once it is decided. */
export class Readiness implements RunHook {
  readonly name = 'readiness';
  readonly #deps: Deps;
  readonly #watches = new Map<ActiveRun, Watch>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The time counts from the start of the run, also when an earlier host has started it. */
  started(run: ActiveRun): void {
    const { readyWhen } = run.job.spec;
    const { readyAt, notReadyAt, startedAt } = run.record;
    if (!readyWhen || readyAt !== null || run.isBeingKilled) return;
    if (notReadyAt !== null) {
      // The host may have died between the record of that and the kill.
      if (readyWhen.ifNotReady === 'stop') run.expire('not_ready');
      return;
    }
    const left = startedAt + readyWhen.timeoutMs - this.#deps.now();
    const watch: Watch = {
      last: new AbortController(),
      abort: new AbortController(),
      deadline: setTimeout(() => this.#probeOnceMore(run, watch), Math.max(0, left)),
      hasEnded: false,
    };
    this.#watches.set(run, watch);
    watch.decided = this.#decide(run, readyWhen, watch)
      .catch(this.#deps.report)
      .finally(() => this.ended(run));
  }

  async beforeEnd(run: ActiveRun): Promise<Partial<End>> {
    const watch = this.#watches.get(run);
    if (!watch) return {};
    watch.hasEnded = true;
    this.#probeOnceMore(run, watch);
    await watch.decided;
    return {};
  }

  ended(run: ActiveRun): void {
    const watch = this.#watches.get(run);
    if (!watch) return;
    this.#watches.delete(run);
    clearTimeout(watch.deadline);
    watch.abort.abort();
  }

  dispose(): void {
    for (const run of this.#watches.keys()) this.ended(run);
  }

  #probeOnceMore(run: ActiveRun, { last, abort, deadline }: Watch): void {
    if (!this.#watches.has(run)) return;
    clearTimeout(deadline);
    this.#deps.tracker.observe(run.record.row);
    last.abort();
    const limit = setTimeout(() => abort.abort(), lastProbeMs);
    abort.signal.addEventListener('abort', () => clearTimeout(limit));
  }

  async #decide(run: ActiveRun, readyWhen: ReadyWhen, watch: Watch): Promise<void> {
    const { signal } = watch.abort;
    const found = await this.#probe(run, readyWhen, { last: watch.last.signal, abort: signal });
    if (!found && watch.hasEnded) return;
    const record = (): void => this.#record(run, readyWhen, found);
    if (found || readyWhen.ifNotReady !== 'stop') {
      await retryWhenFull(record, signal, () => undefined);
    } else {
      // A full disk does not delay the kill.
      unlessFull(record);
      if (this.#watches.has(run)) run.expire('not_ready');
    }
  }

  /** Records nothing of a run that is over or being killed. */
  #record(run: ActiveRun, { timeoutMs }: ReadyWhen, found: Found | undefined): void {
    if (!this.#watches.has(run) || run.isBeingKilled) return;
    const { store, now } = this.#deps;
    if (found) {
      const change = { readyAt: now(), readyUrl: found.url, readyText: found.text };
      store.setReadiness(run.job, run.record, change, 'ready');
    } else {
      const obstacle = run.record.readyText === null ? '' : `: ${run.record.readyText}`;
      const change = { notReadyAt: now(), readyText: `not ready within ${timeoutMs / 1000} s${obstacle}` };
      store.setReadiness(run.job, run.record, change, 'not_ready');
    }
  }

  async #probe(run: ActiveRun, readyWhen: ReadyWhen, signals: ProbeSignals): Promise<Found | undefined> {
    const { store, tracker, table } = this.#deps;
    const note = (change: { readyBefore: string[] } | { readyText: string }): void => {
      if (this.#watches.has(run)) store.setReadiness(run.job, run.record, change);
    };
    const onObstacle = (readyText: string): void => note({ readyText });
    if ('pattern' in readyWhen) {
      return patternProbe(readyWhen.pattern, { growth: tracker, index: store.chunks, logs: run.logs }, signals);
    }
    if ('file' in readyWhen) {
      const path = resolve(run.job.spec.cwd, readyWhen.file);
      return fileProbe({ path, startedAt: run.record.startedAt, onObstacle }, signals);
    }
    const claim = new PortClaim({
      table,
      target: run.target,
      before: run.record.readyBefore,
      onBefore: (readyBefore) => note({ readyBefore }),
      onObstacle,
    });
    const server = serverOf(readyWhen);
    if (server) await claim.probeBefore(server);
    return 'port' in readyWhen ? portProbe(readyWhen, claim, signals) : urlProbe(readyWhen.url, claim, signals);
  }
}
