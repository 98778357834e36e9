import { basename } from 'node:path';
import { homeFiles } from '../dataDir/dataDir.ts';
import type { JobEvent } from '../api/events.ts';
import { isLost } from './followLog.ts';
import type { ApiClient } from './apiClient.ts';
import { HomeWatch } from './homeWatch.ts';

export interface EventStreamOptions {
  readonly home: string;
  /** The number of the last event received; left out: only new events. */
  readonly since?: number;
  /** Only events of this job: its id, any unique prefix of it, or its name. */
  readonly job?: string;
  /** `true`: progress events too. */
  readonly progress?: string;
  /** Whether to start a host when there is none, or to wait until one is started. */
  readonly start: boolean;
  /**
   * Called at every change. After connecting without `since`, read the current state: everything that happens from then
   * on comes as an event.
   */
  readonly onConnection?: (connected: boolean) => void;
  /** Called when settings of the host have changed: pauses, limits and others. */
  readonly onSettings?: () => void;
}

/** Give up after the host was lost this many times in a row, without an event in between. */
const maxLosses = 5;
/** A new host.json is noticed at once; this interval is for changes that the watcher missed. */
const lookAgainMs = 2000;

/**
 * Events across hosts: continues with the next host from the last number, without gaps or duplicates, until the signal
 * is aborted.
 * @throws BgJobsError when no host can be started (with `start`), or for a bad request
 */
export async function* followEvents(
  client: ApiClient,
  { home, since, job, progress, start, onConnection, onSettings }: EventStreamOptions,
  signal: AbortSignal,
): AsyncGenerator<JobEvent> {
  const watch = new HomeWatch(home, basename(homeFiles(home).record));
  signal.addEventListener('abort', watch.notice);
  const only = { ...(job !== undefined && { job }), ...(progress !== undefined && { progress }) };
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
        const query = { ...(last !== undefined && { since: last }), ...only };
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
