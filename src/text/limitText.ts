import type { Limits } from '../api/host.ts';
import { oneLine } from './grammar.ts';

/** For example `at most 10 run at once, 5 of a session, 2 of web`. */
export function limitsSentence({ maxConcurrentJobs, maxConcurrentJobsPerSession, sessionLimits }: Limits): string {
  const ofSessions = Object.entries(sessionLimits).map(([name, limit]) => `, ${count(limit)} of ${oneLine(name)}`);
  return `at most ${count(maxConcurrentJobs)} run at once, ${count(maxConcurrentJobsPerSession)} of a session${ofSessions.join('')}`;
}

function count(limit: number): string {
  return limit === 0 ? 'any number' : String(limit);
}
