import type { StartOptions } from '../protocol/start.ts';

/** What is stored of a start: everything but the caller's environment, which is held in memory alone. */
export type JobSpec = Omit<StartOptions, 'inheritEnv'>;
