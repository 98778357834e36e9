import { patternList } from '../../agents/policy/pattern.ts';
import type { SettingsUpdate } from '../../api/host.ts';
import { mostRunningJobs } from '../../api/values.ts';
import { settings, type SettingName } from './ids.ts';
import { isRecord } from './readableText.ts';

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
  [settings.keepLogMegabytes]: { name: 'keepLogBytes', factor: 1024 ** 2 },
} as const satisfies Partial<Record<SettingName, { name: keyof SettingsUpdate; factor: number }>>;

/** The same for lists of patterns. */
export const hostPatterns = { [settings.agentDeny]: 'agentDeny' } as const satisfies Partial<
  Record<SettingName, keyof SettingsUpdate>
>;

/** The same for numbers by name. */
export const hostMaps = { [settings.sessionLimits]: 'sessionLimits' } as const satisfies Partial<
  Record<SettingName, keyof SettingsUpdate>
>;

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
  for (const [setting, name] of Object.entries(hostMaps)) {
    const set = value(setting as SettingName);
    if (isRecord(set)) update[name] = numbersIn(set);
  }
  for (const [setting, name] of Object.entries(hostPatterns)) {
    const set = value(setting as SettingName);
    if (set !== undefined) update[name] = patternList(set);
  }
  return update;
}

/** Without what the host would refuse. */
function numbersIn(values: Record<string, unknown>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, number] => isLimit(entry[1])));
}
