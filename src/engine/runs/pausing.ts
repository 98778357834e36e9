import type { DiskReserve } from '../../disk/diskReserve.ts';
import type { RunControl } from '../launch/runControl.ts';
import type { Cause } from '../../store/arrays.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { RunRow } from '../../store/runTable.ts';
import type { Store } from '../../store/store.ts';

interface PausedRun {
  readonly job: JobRow;
  readonly record: RunRow;
  readonly process: RunControl;
}

interface PausingDeps {
  store: Store;
  disk: DiskReserve;
}

/** @throws BgJobsError `disk_full`: it runs as before */
export async function pauseRun(deps: PausingDeps, run: PausedRun, cause: Cause = {}): Promise<void> {
  await run.process.pause();
  if (run.record.status === 'running') await record(deps, run, 'paused', cause);
}

/** @returns whether it was paused @throws BgJobsError `disk_full`: it is paused as before */
export async function resumeRun(deps: PausingDeps, run: PausedRun): Promise<boolean> {
  await run.process.resume();
  if (run.record.status !== 'paused') return false;
  await record(deps, run, 'running');
  return true;
}

/** Both is done, or neither. */
async function record({ store, disk }: PausingDeps, run: PausedRun, to: 'running' | 'paused', cause: Cause = {}) {
  try {
    disk.spend(() => store.setRunStatus(run.job, run.record, to, null, cause));
  } catch (error) {
    await (to === 'paused' ? run.process.resume() : run.process.pause());
    throw error;
  }
}
