import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { startRequest } from '../../api/options.ts';
import { isActive } from '../../api/values.ts';
import type { Store } from '../../store/store.ts';
import { hasBegun } from '../launch/supervisor.ts';

/**
 * Records the runs that have a folder and are missing in a store that is not whole. Nothing is known of their jobs but
 * their ids, unless the job is there; what they have written is complete, and adoption tells how they ended. A folder
 * whose command has never begun is no run.
 * @returns how many runs were recorded
 */
export function rebuildRuns(store: Store, home: string): number {
  let count = 0;
  for (const name of readdirSync(join(home, 'runs'))) {
    const [, id, digits] = /^([0-9a-f-]{36})\.(\d{1,9})$/.exec(name) ?? [];
    const folder = join(home, 'runs', name);
    if (id === undefined || !hasBegun(folder)) continue;
    const number = Number(digits);
    const [known] = store.read([store.jobs.byId(id)]);
    const isThere = known && (isActive(known.status) || (known.run ?? 0) >= number);
    if (isThere) continue;
    const job = known ?? store.createJob(id, unknownSpec(folder));
    if (job.status !== 'pending') store.moveJob(job, 'pending');
    const run = store.beginRun({ ...job, run: number - 1 });
    store.runStarted({ ...job, status: 'starting' }, run, null);
    store.runs.update(run.row, { startedAt: Math.round(statSync(folder).mtimeMs) });
    count++;
  }
  return count;
}

function unknownSpec(folder: string) {
  const { inheritEnv, ...spec } = startRequest.parse({
    argv: ['(unknown command)'],
    cwd: folder,
    name: 'Recovered job',
    session: 'recovered',
    capture: existsSync(join(folder, 'output.log')) ? 'merged' : 'separate',
  });
  return spec;
}
