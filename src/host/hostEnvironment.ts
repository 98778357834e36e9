import { resolveHome } from '../dataDir/dataDir.ts';
import { BgJobsError } from '../api/errors.ts';
import { storedSettings, type StoredSettings } from '../api/host.ts';
import { parseLogLevel, type LogLevel } from '../dataDir/hostLog.ts';

export interface HostEnvironment {
  readonly home: string;
  readonly settings: StoredSettings;
  readonly logLevel: LogLevel;
  readonly idleExitMs: number;
}

const settingVariables = {
  BGJOBS_MAX_CONCURRENT_JOBS: 'maxConcurrentJobs',
  BGJOBS_JOB_TIMEOUT_MS: 'jobTimeoutMs',
  BGJOBS_CLEANUP_INTERVAL_MS: 'cleanupIntervalMs',
  BGJOBS_MIN_FREE_MEMORY_BYTES: 'minFreeMemoryBytes',
  BGJOBS_MIN_FREE_DISK_BYTES: 'minFreeDiskBytes',
  BGJOBS_MAX_LOAD: 'maxLoadAverage',
} as const satisfies Record<string, keyof StoredSettings>;

/**
 * The environment variables of a job host. `BGJOBS_IDLE_EXIT_MS` is how long it stays when it has nothing to do and no
 * client: ten minutes by default; 0 means for ever.
 * @throws BgJobsError `invalid_request` that names the variable
 */
export function readHostEnvironment(env: NodeJS.ProcessEnv): HostEnvironment {
  const settings: StoredSettings = {};
  for (const [variable, setting] of Object.entries(settingVariables)) {
    const value = env[variable];
    if (value)
      settings[setting] = wholeNumber(
        variable,
        value,
        (number) => storedSettings.safeParse({ [setting]: number }).success,
      );
  }
  return {
    home: resolveHome(env),
    settings,
    logLevel: parseLogLevel(env['LOG_LEVEL']),
    idleExitMs: wholeNumber(
      'BGJOBS_IDLE_EXIT_MS',
      env['BGJOBS_IDLE_EXIT_MS'] || '600000',
      (number) => number < 2 ** 31,
    ),
  };
}

function wholeNumber(variable: string, value: string, accepts: (number: number) => boolean): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && accepts(number)) return number;
  throw new BgJobsError('invalid_request', `${variable} is "${value}": not a whole number in the allowed range`);
}
