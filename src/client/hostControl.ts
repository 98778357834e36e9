import { basename } from 'node:path';
import { homeFiles, resolveHome, readHostRecord } from '../dataDir/dataDir.ts';
import { BgJobsError } from '../api/errors.ts';
import { type ApiClient, createClient, type ConnectOptions } from './apiClient.ts';
import { HomeWatch } from './homeWatch.ts';

export type HostStatus =
  | { running: true; pid: number; version: string; protocol: number; endpoint: string; uptimeMs: number }
  | { running: false; pid: null; version: null; protocol: null; endpoint: null; uptimeMs: null };

export type HostControlOptions = Omit<ConnectOptions, 'start'>;

const notRunning = {
  running: false,
  pid: null,
  version: null,
  protocol: null,
  endpoint: null,
  uptimeMs: null,
} as const;
const leaveTimeoutMs = 15_000;
/** The end of a host is noticed by its host.json at once; this interval is for a host that is killed while it stops. */
const lookAgainMs = 50;

/** Starts no host. */
export function hostStatus(options: HostControlOptions = {}): Promise<HostStatus> {
  return withHost<HostStatus>(options, notRunning, async (client) => {
    const { endpoint } = await client.open();
    const { pid, version, protocol, uptimeMs } = await client.getHost();
    return { running: true, pid, version, protocol, endpoint, uptimeMs };
  });
}

/** Resolves when the host has closed the store, or if there was no host. Running jobs keep running. */
export function stopHost(options: HostControlOptions = {}): Promise<void> {
  return withHost(options, undefined, async (client) => {
    const host = await client.open();
    await client.stopHost();
    const home = options.home ?? resolveHome(options.env ?? process.env);
    const { record } = homeFiles(home);
    const watch = new HomeWatch(home, basename(record));
    try {
      const deadline = performance.now() + leaveTimeoutMs;
      while (readHostRecord(record)?.token === host.token && isAlive(host.pid)) {
        if (performance.now() > deadline) {
          throw new BgJobsError(
            'host_unreachable',
            `The job host (process ${host.pid}) accepted the request to stop but is still running.`,
          );
        }
        await watch.change(lookAgainMs);
      }
    } finally {
      watch.dispose();
    }
  });
}

async function withHost<T>(
  options: HostControlOptions,
  without: T,
  use: (client: ApiClient) => Promise<T>,
): Promise<T> {
  const client = createClient({ ...options, start: false });
  try {
    return await use(client);
  } catch (error) {
    if (error instanceof BgJobsError && error.details?.['running'] === false) return without;
    throw error;
  } finally {
    client.dispose();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
