import { patternList } from '../../agents/policy/pattern.ts';
import type { SettingsUpdate } from '../../api/host.ts';
import type { QuotaName } from '../../api/quotas.ts';
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
  [settings.minFreeDiskMegabytes]: { name: 'minFreeDiskBytes', factor: 1024 ** 2 },
  [settings.maxLoadAverage]: { name: 'maxLoadAverage', factor: 1 },
  [settings.keepFinishedDays]: { name: 'keepFinishedMs', factor: 24 * 3_600_000 },
  [settings.keepFinishedJobs]: { name: 'keepFinishedJobs', factor: 1 },
  [settings.keepFinishedJobsPerSession]: { name: 'keepFinishedJobsPerSession', factor: 1 },
  [settings.keepLogMegabytes]: { name: 'keepLogBytes', factor: 1024 ** 2 },
  [settings.maxTotalLogMegabytes]: { name: 'maxTotalLogBytes', factor: 1024 ** 2 },
} as const satisfies Partial<Record<SettingName, { name: keyof SettingsUpdate; factor: number }>>;

/** Each quota in the settings of the editor, the host's name for it, and the host's unit in the editor's. */
const editorQuotas = {
  waitingJobs: { name: 'waitingJobs', factor: 1 },
  jobsPerHour: { name: 'jobsPerHour', factor: 1 },
} as const satisfies Record<string, { name: QuotaName; factor: number }>;

/** The host's names of those that are no numbers: a list of patterns, numbers by name, and quotas. */
export const otherHostSettings = {
  [settings.agentDeny]: 'agentDeny',
  [settings.sessionLimits]: 'sessionLimits',
  [settings.quotas]: 'quotas',
  [settings.quotasPerSession]: 'quotasPerSession',
  [settings.sessionQuotas]: 'sessionQuotas',
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
  for (const setting of ['quotas', 'quotasPerSession'] as const) {
    const set = value(settings[setting]);
    if (isRecord(set)) update[setting] = quotaChange(set);
  }
  const ofSessions = value(settings.sessionQuotas);
  if (isRecord(ofSessions)) {
    const all = Object.entries(ofSessions).map(([session, set]) => [session, isRecord(set) ? quotaChange(set) : null]);
    update.sessionQuotas = Object.fromEntries(all) as NonNullable<SettingsUpdate['sessionQuotas']>;
  }
  const deny = value(settings.agentDeny);
  if (deny !== undefined) update.agentDeny = patternList(deny);
  return update;
}

/** Those that are not set there, or not valid, are none. */
function quotaChange(set: Record<string, unknown>): NonNullable<SettingsUpdate['quotas']> {
  const entries = Object.entries(editorQuotas).map(([setting, { name, factor }]) => {
    const amount = set[setting];
    return [name, Number.isInteger(amount) && Number(amount) >= 0 ? Number(amount) * factor : null];
  });
  return Object.fromEntries(entries) as NonNullable<SettingsUpdate['quotas']>;
}
