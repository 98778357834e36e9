import type { StartOptions } from '../api/start.ts';

/** The stored part of a start request: everything but the caller's environment, which is only kept in memory. */
export type JobSpec = Omit<StartOptions, 'inheritEnv'>;

/** Values that older records lack. */
const sinceSchemaTwo = {
  dependsOn: [],
  ifDependencyFails: 'cancel',
  ifMissed: 'once',
  ifOverlap: 'skip',
  unlessRunning: false,
  limits: {},
} as const;

/** @returns undefined if the record is damaged */
export function parseSpec(text: string): JobSpec | undefined {
  try {
    const spec = JSON.parse(text) as JobSpec | null;
    return typeof spec?.cwd === 'string' ? { ...sinceSchemaTwo, ...spec } : undefined;
  } catch {
    return undefined;
  }
}
