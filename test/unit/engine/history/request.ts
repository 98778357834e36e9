import assert from 'node:assert/strict';
import type { StartRequest } from '../../../../src/api/options.ts';
import type { ModelSpec } from './modelJob.ts';

export const crons = new Map([
  [20_000, '*/20 * * * * *'],
  [60_000, '* * * * *'],
  [3_600_000, '0 * * * *'],
]);

/** What the engine is asked for where the model gets this. */
export function requestOf(spec: ModelSpec, cwd: string): StartRequest {
  const { session, priority, mutex, dependsOn, ifDependencyFails, retry, restart, at, everyMs } = spec;
  return {
    argv: [spec.starts],
    cwd,
    session,
    priority,
    dependsOn: dependsOn.map(({ on, condition }) => ({ job: on.id, condition })),
    ifDependencyFails,
    ifMissed: spec.ifMissed,
    ifOverlap: spec.ifOverlap,
    held: spec.held,
    ...(mutex !== undefined && { mutex }),
    ...(retry && { retry }),
    ...(restart && { restart }),
    ...(at !== undefined && { at: new Date(at).toISOString() }),
    ...(everyMs !== undefined && { cron: crons.get(everyMs) ?? assert.fail(), timeZone: 'UTC' }),
    ...(spec.isNeverReady && { readyWhen: { file: 'never', timeoutMs: 2_147_483_647 } }),
  };
}
