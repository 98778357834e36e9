import { setTimeout as sleep } from 'node:timers/promises';
import { mainProcessOf } from '../../processes/runTree.ts';
import type { ActiveRun, HookDeps, RunHook } from './hook.ts';

/** Delays between polls. The supervisor needs about a millisecond to start the command; on a busy machine, more. */
const pollDelaysMs = [1, 1, 2, 4, 8, 16, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

/** Finds the command's own process and records its pid. */
export class MainPid implements RunHook {
  readonly name = 'mainPid';
  readonly #deps: Pick<HookDeps, 'store' | 'table' | 'report'>;

  constructor(deps: Pick<HookDeps, 'store' | 'table' | 'report'>) {
    this.#deps = deps;
  }

  started(run: ActiveRun): void {
    if (run.record.pid === null && !run.isBeingKilled) run.pidKnown = this.#find(run).catch(this.#deps.report);
  }

  /** Gives up when the run ends first. */
  async #find(run: ActiveRun): Promise<void> {
    const { store, table } = this.#deps;
    for (const ms of pollDelaysMs) {
      await sleep(ms, undefined, { ref: false });
      if (run.isBeingKilled || run.isOver) return;
      const pid = mainProcessOf(table, run.process.supervisor);
      if (pid !== undefined) return store.setPid(run.job, run.record, pid);
    }
  }
}
