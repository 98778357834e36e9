import { resolve } from 'node:path';
import type { ReadyWhen } from '../../api/options.ts';
import { retryWhenFull, unlessFull } from '../../store/database.ts';
import { bufferedPython } from '../readiness/bufferedPython.ts';
import { listeningProbe, patternProbe } from '../readiness/outputProbes.ts';
import { portClaim, serverOf } from '../readiness/portClaim.ts';
import { fileProbe, portProbe, urlProbe, type Found, type ProbeSignals } from '../readiness/probes.ts';
import type { End } from '../../store/runTable.ts';
import { ageOf, type ActiveRun, type HookDeps, type RunHook } from './hook.ts';

/** How long the last probe may take, at the end of a run or of its time. */
const lastProbeMs = 2000;

/** After this time without a line a program is asked why (milliseconds). */
const quietMs = 5000;

interface Watch {
  /** Aborted for the last probe. */
  readonly last: AbortController;
  readonly abort: AbortController;
  readonly deadline: NodeJS.Timeout;
  /** Fires when the job may have been silent for a while. */
  quiet?: NodeJS.Timeout;
  /** The run has ended, so its time was not up. */
  hasEnded: boolean;
  decided?: Promise<void>;
}

/** Probes whether runs are ready, as their `readyWhen` says, and records it. Keeps nothing of a run once it is decided. */
export function readiness({ store, tracker, table, now, report }: Omit<HookDeps, 'settings'>) {
  const watches = new Map<ActiveRun, Watch>();

  /** The time counts from the start of the run, also when an earlier host has started it. */
  function started(run: ActiveRun): void {
    const { readyWhen } = run.job.spec;
    const { readyAt, notReadyAt } = run.record;
    if (!readyWhen || readyAt !== null) return;
    if (notReadyAt !== null) {
      // The host may have died between the record of that and the kill.
      if (readyWhen.ifNotReady === 'stop') run.expire('not_ready');
      return;
    }
    const left = readyWhen.timeoutMs - ageOf(run, now());
    const watch: Watch = {
      last: new AbortController(),
      abort: new AbortController(),
      deadline: setTimeout(() => probeOnceMore(run, watch), Math.max(0, left)),
      hasEnded: false,
    };
    watches.set(run, watch);
    if ('pattern' in readyWhen) explainSilence(run, watch);
    const decided = decide(run, readyWhen, watch).catch(report);
    watch.decided = decided.finally(() => ended(run));
  }

  /** One that fails was not ready, whatever it has printed. */
  async function beforeEnd(run: ActiveRun, { status }: Pick<End, 'status'>): Promise<Partial<End>> {
    const watch = watches.get(run);
    if (!watch) return {};
    watch.hasEnded = true;
    if (status === 'completed') probeOnceMore(run, watch);
    else ended(run);
    await watch.decided;
    return {};
  }

  function ended(run: ActiveRun): void {
    const watch = watches.get(run);
    if (!watch) return;
    watches.delete(run);
    clearTimeout(watch.deadline);
    clearTimeout(watch.quiet);
    watch.abort.abort();
  }

  function probeOnceMore(run: ActiveRun, { last, abort, deadline }: Watch): void {
    if (!watches.has(run)) return;
    clearTimeout(deadline);
    tracker.observe(run.record.row);
    last.abort();
    const limit = setTimeout(() => abort.abort(), lastProbeMs);
    abort.signal.addEventListener('abort', () => clearTimeout(limit));
  }

  async function decide(run: ActiveRun, readyWhen: ReadyWhen, watch: Watch): Promise<void> {
    const { signal } = watch.abort;
    const found = await probe(run, readyWhen, { last: watch.last.signal, abort: signal });
    if (!found && watch.hasEnded) return;
    const isSilent = 'listening' in readyWhen && found?.isUnnamed === true;
    const advice = isSilent ? await adviceOnSilence(run) : undefined;
    const recordIt = (): void => record(run, readyWhen, found, advice);
    if (found || readyWhen.ifNotReady !== 'stop') {
      await retryWhenFull(recordIt, signal, () => undefined);
    } else {
      // A full disk does not delay the kill.
      unlessFull(recordIt);
      if (watches.has(run)) run.expire('not_ready');
    }
  }

  /** Records nothing of a run that is over or being killed. */
  function record(run: ActiveRun, { timeoutMs }: ReadyWhen, found: Found | undefined, advice?: string): void {
    if (!watches.has(run) || run.isBeingKilled) return;
    if (found) {
      const readyText = advice === undefined ? found.text : `${found.text}; ${advice}`;
      const change = { readyAt: now(), readyUrl: found.url, readyText };
      store.setReadiness(run.job, run.record, change, 'ready');
      found.later?.then((readyUrl) => {
        if (readyUrl !== null && !run.isOver) store.setReadiness(run.job, run.record, { readyUrl });
      }, report);
    } else {
      const obstacle = run.record.readyText === null ? '' : `: ${run.record.readyText}`;
      const change = { notReadyAt: now(), readyText: `not ready within ${timeoutMs / 1000} s${obstacle}` };
      store.setReadiness(run.job, run.record, change, 'not_ready');
    }
  }

  async function probe(run: ActiveRun, readyWhen: ReadyWhen, signals: ProbeSignals): Promise<Found | undefined> {
    const onObstacle = (readyText: string): void => note(run, { readyText });
    if ('file' in readyWhen) {
      const path = resolve(run.job.spec.cwd, readyWhen.file);
      return fileProbe({ path, startedAt: run.record.startedAt, onObstacle }, signals);
    }
    const onBefore = (readyBefore: string[]): void => note(run, { readyBefore });
    const claim = portClaim({ table, target: run.target, before: run.record.readyBefore, onBefore });
    const ofServer = { ...signals, claim, onObstacle };
    const ofOutput = { ...ofServer, output: { growth: tracker, index: store.chunks, logs: run.logs } };
    if ('pattern' in readyWhen) return patternProbe(readyWhen.pattern, ofOutput);
    if ('listening' in readyWhen) return listeningProbe(ofOutput);
    const server = serverOf(readyWhen);
    if (server) await claim.probeBefore(server);
    return 'port' in readyWhen ? portProbe(readyWhen, ofServer) : urlProbe(readyWhen.url, ofServer);
  }

  function note(run: ActiveRun, change: { readyBefore: string[] } | { readyText: string }): void {
    const isKnown = 'readyText' in change && change.readyText === run.record.readyText;
    if (!isKnown && watches.has(run)) store.setReadiness(run.job, run.record, change);
  }

  /** While a pattern is awaited, once nothing comes any more. */
  function explainSilence(run: ActiveRun, watch: Watch): void {
    const left = quietMs - Math.min(tracker.quietMs(run.record.row), ageOf(run, now()));
    const explain = async (): Promise<void> => {
      const readyText = await adviceOnSilence(run);
      if (readyText !== undefined) note(run, { readyText });
    };
    if (left > 0) watch.quiet = setTimeout(() => explainSilence(run, watch), left);
    else explain().catch(report);
  }

  /** Undefined if it has written something, or nobody knows why it has not. */
  async function adviceOnSilence(run: ActiveRun): Promise<string | undefined> {
    const { row } = run.record;
    tracker.observe(row);
    return tracker.bytes(row).stdout > 0 ? undefined : bufferedPython(table, run.target).catch(() => undefined);
  }

  const dispose = (): void => [...watches.keys()].forEach(ended);
  return { name: 'readiness', started, beforeEnd, ended, dispose } satisfies RunHook;
}
