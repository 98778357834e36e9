import { resolveHome } from '../dataDir/dataDir.ts';
import { hostScript, packageVersion } from '../bundles.ts';
import { ApiClient } from './apiClient.ts';
import { Connection } from './connection.ts';
import { findHost, type FindOptions } from './findHost.ts';

/** Everything but `start` has a default that is right for this process. */
export interface ConnectOptions extends Partial<Omit<FindOptions, 'start'>> {
  /** Start a host when there is none, and replace an older one. */
  readonly start: boolean;
}

/** A busy machine on which many hosts are started at once needs long. */
const startTimeoutMs = 30_000;

/** A client of the home's host, connected. @throws BgJobsError `host_unreachable` with the reason and what to do */
export async function connect(options: ConnectOptions): Promise<ApiClient> {
  const client = createClient(options);
  try {
    await client.open();
    return client;
  } catch (error) {
    client.dispose();
    throw error;
  }
}

/** The same, not yet connected: that happens with the first call. */
export function createClient(options: ConnectOptions): ApiClient {
  const complete = withDefaults(options);
  return new ApiClient(new Connection((agent, start = complete.start) => findHost({ ...complete, start }, agent)));
}

/** Where the home, the host and this software are, as far as the options do not say it. */
function withDefaults(options: ConnectOptions): FindOptions {
  const env = options.env ?? process.env;
  return {
    home: resolveHome(env),
    execPath: process.execPath,
    isElectron: process.versions['electron'] !== undefined,
    script: hostScript,
    env,
    version: packageVersion(),
    startTimeoutMs,
    ...options,
  };
}
