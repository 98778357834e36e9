import { basename } from 'node:path';
import { homeFiles } from '../dataDir/dataDir.ts';
import type { JobEvent } from '../api/events.ts';
import { isLost } from './followLog.ts';
import type { ApiClient } from './apiClient.ts';
import { HomeWatch } from './homeWatch.ts';

export interface EventStreamOptions {
  readonly home: string;
  /** The number of the last event that is known; left out: from now on. */
  readonly since?: number;
  /** Of one job alone: its id or any unique prefix of it. */
  readonly job?: string;
  /** Start a host when there is none, or wait until somebody else does. */
  readonly start: boolean;
  /**
   * Told at every change. When it is connected without `since`, what was before has to be asked for: everything that
   * happens from then on comes as an event.
   */
  readonly onConnection?: (connected: boolean) => void;
  /** Told when settings of the host have changed: pauses, limits and others. */
  readonly onSettings?: () => void;
}

/** A host that is lost this often in a row, with no event in between, is given up. */
const maxLosses = 5;
/** A new host.json is noticed at once; this is for one that the watching missed. */
const lookAgainMs = 2000;

/**
 * Events across hosts: goes on with the next one from the last number, without gap or duplicate, until the signal is
 * aborted.
 * @throws BgJobsError when no host can be started any more (with `start`), or for a bad request
 */
export async function* followEvents(
  client: ApiClient,
  { home, since, job, start, onConnection, onSettings }: EventStreamOptions,
  signal: AbortSignal,
): AsyncGenerator<JobEvent> {
  const watch = new HomeWatch(home, basename(homeFiles(home).record));
  signal.addEventListener('abort', watch.notice);
  let last = since;
  let losses = 0;
  let connected = false;
  const onConnected = (from: number | undefined): void => {
    connected = true;
    last ??= from;
    onConnection?.(true);
  };
  try {
    while (!signal.aborted) {
      try {
        const query = { ...(last !== undefined && { since: last }), ...(job !== undefined && { job }) };
        for await (const event of client.events(query, signal, { start, onConnected, onSettings })) {
          last = event.seq;
          losses = 0;
          yield event;
        }
      } catch (error) {
        if (!isLost(error) || (start && losses === maxLosses)) throw error;
        losses++;
      }
      if (connected) onConnection?.(false);
      else if (!start) await watch.change(lookAgainMs);
      connected = false;
    }
  } finally {
    signal.removeEventListener('abort', watch.notice);
    watch.dispose();
  }
}
