import type { StartOptions } from '../api/start.ts';

/** What is stored of a start: everything but the caller's environment, which is held in memory alone. */
export type JobSpec = Omit<StartOptions, 'inheritEnv'>;

/** What older records do not have. */
const sinceSchemaTwo = {
  dependsOn: [],
  ifDependencyFails: 'cancel',
  ifMissed: 'once',
  ifOverlap: 'skip',
  unlessRunning: false,
  limits: {},
} as const;

/** @returns undefined when the record is damaged */
export function parseSpec(text: string): JobSpec | undefined {
  try {
    const spec = JSON.parse(text) as JobSpec | null;
    return typeof spec?.cwd === 'string' ? { ...sinceSchemaTwo, ...spec } : undefined;
  } catch {
    return undefined;
  }
}
