import type { ActiveRun, HookDeps, RunHook } from './hook.ts';

type Deps = Pick<HookDeps, 'tracker' | 'defaultTimeoutMs' | 'now'>;

/** One timer per run, until the run ends or is killed. */
abstract class RunTimer {
  readonly #timers = new Map<ActiveRun, NodeJS.Timeout>();
  protected readonly deps: Deps;

  constructor(deps: Deps) {
    this.deps = deps;
  }

  stopped(run: ActiveRun): void {
    clearTimeout(this.#timers.get(run));
    this.#timers.delete(run);
  }

  dispose(): void {
    for (const run of this.#timers.keys()) this.stopped(run);
  }

  protected after(run: ActiveRun, ms: number, work: () => void): void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(run);
        work();
      },
      Math.max(0, ms),
    );
    this.#timers.set(run, timer);
  }
}

/** Ends a run after its `timeoutMs`, counted from its start, so that a restart of the host does not extend it. */
export class TimeLimit extends RunTimer implements RunHook {
  readonly name = 'timeLimit';

  started(run: ActiveRun): void {
    const timeoutMs = run.job.spec.timeoutMs ?? this.deps.defaultTimeoutMs();
    if (timeoutMs === 0 || run.isBeingKilled) return;
    this.after(run, run.record.startedAt + timeoutMs - this.deps.now(), () => run.expire('timeout'));
  }
}

/** Ends a run that has written nothing for its `idleTimeoutMs`. */
export class IdleLimit extends RunTimer implements RunHook {
  readonly name = 'idleLimit';

  started(run: ActiveRun): void {
    const { idleTimeoutMs } = run.job.spec;
    if (idleTimeoutMs === undefined || run.isBeingKilled) return;
    this.after(run, 0, () => this.#check(run, idleTimeoutMs));
  }

  #check(run: ActiveRun, idleTimeoutMs: number): void {
    const { tracker, now } = this.deps;
    const { row, startedAt, status } = run.record;
    tracker.observe(row);
    const quietSince = Math.max(tracker.lastGrowth(row), startedAt, run.resumedAt);
    // A paused run cannot write.
    const left = status === 'paused' ? idleTimeoutMs : quietSince + idleTimeoutMs - now();
    if (left > 0) this.after(run, left, () => this.#check(run, idleTimeoutMs));
    else run.expire('idle_timeout');
  }
}
