import { homeFiles } from '../dataDir/dataDir.ts';
import { packageVersion } from '../bundles.ts';
import { readHostEnvironment } from './hostEnvironment.ts';
import type { JobHost } from './jobHost.ts';
import { openLog } from '../dataDir/hostLog.ts';
import { startJobHost } from './startJobHost.ts';

/**
 * The job host inside a process that does other things too. It stays until it is closed.
 * @returns undefined when another host serves the home that `env` names
 * @throws BgJobsError as {@link startJobHost}
 */
export async function startHostHere(env: NodeJS.ProcessEnv): Promise<JobHost | undefined> {
  const { home, settings, logLevel } = readHostEnvironment(env);
  const log = openLog(homeFiles(home).log, logLevel);
  return startJobHost({ home, version: packageVersion(), settings, idleExitMs: 0, log });
}
