import type { DoctorReport } from '../api/inspection.ts';
import { createProcessTable } from '../processes/platform.ts';
import { checkNode } from './nodeVersion.ts';

export interface DoctorOptions {
  /** The folder of the store. */
  readonly home: string;
  /** Of this software. */
  readonly version: string;
  /** What is to be ended of what is found: all of this store, or these pids; left out: nothing. */
  readonly end?: 'all' | readonly number[];
}

/**
 * Looks at everything that jobs need, and for processes that earlier runs have left. Needs no job host and starts none.
 * @throws BgJobsError `invalid_request`, `invalid_state`: what is named to be ended cannot be; then nothing is
 */
export async function examine(options: DoctorOptions): Promise<DoctorReport> {
  const node = await checkNode(process.versions.node);
  if (node.status === 'problem') return { checks: [node], processes: [] };
  // Loaded when it is known that this Node has what it needs.
  const { examineStore } = await import('./examination.ts');
  const { checks, processes } = await examineStore(createProcessTable(), options);
  return { checks: [node, ...checks], processes };
}
