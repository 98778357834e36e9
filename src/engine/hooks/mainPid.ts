import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveRun } from '../runs/liveRun.ts';
import { mainProcessOf } from '../../processes/runTree.ts';
import type { ProcessTable } from '../../processes/snapshot.ts';
import type { Store } from '../../store/store.ts';

/** The supervisor needs about a millisecond to start the command; on a busy machine, more. */
const looksAfterMs = [1, 1, 2, 4, 8, 16, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

/**
 * Finds the command's own process and records it. Settles without it when the run ends first.
 * @param isLive whether the run is still ours to record
 */
export async function recordMainPid(
  store: Store,
  table: ProcessTable,
  live: LiveRun,
  isLive: () => boolean,
): Promise<void> {
  for (const ms of looksAfterMs) {
    await sleep(ms, undefined, { ref: false });
    if (live.stop || !isLive()) return;
    const pid = mainProcessOf(table, live.process.supervisor);
    if (pid === undefined) continue;
    store.setPid(live.job, live.run, pid);
    return;
  }
}
