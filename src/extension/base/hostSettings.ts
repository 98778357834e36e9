import { patternList } from '../../agents/policy/pattern.ts';
import type { SettingsUpdate } from '../../api/host.ts';
import { mostRunningJobs, isRecord } from '../../api/values.ts';
import { settings, type SettingName } from './ids.ts';

/** Whether a value is a valid limit of running jobs. */
export function isLimit(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= mostRunningJobs;
}

/**
 * Each number among the settings of the editor that the host keeps, the host's name for it, and the host's unit in the
 * editor's.
 */
export const hostSettings = {
  [settings.maxConcurrentJobs]: { name: 'maxConcurrentJobs', factor: 1 },
  [settings.maxConcurrentJobsPerSession]: { name: 'maxConcurrentJobsPerSession', factor: 1 },
  [settings.jobTimeout]: { name: 'jobTimeoutMs', factor: 1000 },
  [settings.minFreeMemoryMegabytes]: { name: 'minFreeMemoryBytes', factor: 1024 ** 2 },
  [settings.maxLoadAverage]: { name: 'maxLoadAverage', factor: 1 },
  [settings.keepFinishedDays]: { name: 'keepFinishedMs', factor: 24 * 3_600_000 },
  [settings.keepFinishedJobs]: { name: 'keepFinishedJobs', factor: 1 },
  [settings.keepFinishedJobsPerSession]: { name: 'keepFinishedJobsPerSession', factor: 1 },
  [settings.keepLogMegabytes]: { name: 'keepLogBytes', factor: 1024 ** 2 },
  [settings.maxTotalLogMegabytes]: { name: 'maxTotalLogBytes', factor: 1024 ** 2 },
} as const satisfies Partial<Record<SettingName, { name: keyof SettingsUpdate; factor: number }>>;

/** The host's names of those that are no numbers: a list of patterns, and numbers by name. */
export const otherHostSettings = {
  [settings.agentDeny]: 'agentDeny',
  [settings.sessionLimits]: 'sessionLimits',
} as const satisfies Partial<Record<SettingName, keyof SettingsUpdate>>;

/**
 * The settings to send to the host.
 * @param value what the user has set, in the editor's unit; undefined leaves the host's setting alone
 */
export function hostUpdate(value: (name: SettingName) => unknown): SettingsUpdate {
  const update: SettingsUpdate = {};
  for (const [setting, { name, factor }] of Object.entries(hostSettings)) {
    const set = value(setting as SettingName);
    // The settings editor warns about an invalid value. It must not keep the valid ones from the host.
    if (typeof set === 'number' && set >= 0) update[name] = Math.round(set * factor);
  }
  const limits = value(settings.sessionLimits);
  if (isRecord(limits)) {
    const valid = Object.entries(limits).filter((entry): entry is [string, number] => isLimit(entry[1]));
    update.sessionLimits = Object.fromEntries(valid);
  }
  const deny = value(settings.agentDeny);
  if (deny !== undefined) update.agentDeny = patternList(deny);
  return update;
}
