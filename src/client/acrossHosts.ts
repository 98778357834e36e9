import { BgJobsError } from '../api/errors.ts';
import { after, type FollowChunks } from './followLog.ts';

/** How often in a row a follower may lose its host without having got anything in between. */
const maxLosses = 3;

/** The connection to the host is no more, or the host is leaving. */
export function isLost(error: unknown): boolean {
  return error instanceof BgJobsError && (error.code === 'host_unreachable' || error.code === 'host_stopping');
}

/** Follows on at the next host when one goes away, from the last chunk on: every byte comes once. */
export function acrossHosts(follow: FollowChunks): FollowChunks {
  return async function* (id, query, signal) {
    let rest = query;
    for (let losses = 0; ; losses++) {
      try {
        for await (const chunk of follow(id, rest, signal)) {
          rest = after(query, chunk);
          losses = 0;
          yield chunk;
        }
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (!isLost(error) || losses === maxLosses) throw error;
      }
    }
  };
}
