import type { Check, DoctorReport } from '../api/inspection.ts';
import { createProcessTable } from '../processes/platform.ts';
import { ok, problem, type DoctorOptions } from './check.ts';

export type { DoctorOptions } from './check.ts';

/**
 * The doctor: finds out what is wrong with this machine, data directory, store and job host, and which processes earlier
 * runs have left. It reads the store beside the host; it needs no host and starts none. The command line and the extension
 * load this room on demand; it may import any room below `cli` and `extension`.
 * @throws BgJobsError `invalid_request`, `invalid_state` if a process cannot be ended; then none is
 */
export async function examine(options: DoctorOptions): Promise<DoctorReport> {
  const node = await checkNode(process.versions.node);
  if (node.status === 'problem') return { checks: [node], processes: [] };
  // Loaded only when this Node is known to have what it needs.
  const { examineStore } = await import('./examination.ts');
  const { checks, processes } = await examineStore(createProcessTable(), options);
  return { checks: [node, ...checks], processes };
}

export { writeReport } from './diagnosticsReport.ts';

/** The words for a report, for the commands of the editor. */
export { originPhrase, reportText } from '../text/doctorText.ts';

/** The store is SQLite, which Node has included since 22.13. */
async function checkNode(version: string): Promise<Check> {
  try {
    await import('node:sqlite');
    return ok('node', `Node ${version}`);
  } catch {
    return problem('node', `Node ${version} has no SQLite`, 'Use Node 22.13 or later. Nothing else was checked.');
  }
}
