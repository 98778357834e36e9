import { randomUUID } from 'node:crypto';
import type { JobRow } from '../../../src/store/jobTable.ts';
import { startRequest, type StartRequest } from '../../../src/api/options.ts';

let rows = 0;

/** A waiting job, as the store returns it. */
export function jobRow(request: Partial<StartRequest> = {}, rest: Partial<JobRow> = {}): JobRow {
  const row = ++rows;
  const spec = startRequest.parse({ argv: ['true'], cwd: '/', session: 's', ...request });
  return {
    row,
    id: randomUUID(),
    session: spec.session,
    status: 'pending',
    pinned: false,
    spec,
    run: null,
    createdAt: row,
    queuedAt: row,
    dueAt: null,
    series: 0,
    gaveUp: false,
    queueKey: null,
    schedule: null,
    finishedAt: null,
    reason: null,
    reasonText: null,
    startedAt: null,
    task: null,
    ...rest,
  };
}
