import type { DatabaseSync } from 'node:sqlite';
import {
  defaultSettings,
  settings,
  storedSettings,
  type Settings,
  type CheckedUpdate,
  type StoredSettings,
} from '../api/host.ts';
import { isRecord } from '../api/values.ts';
import { Table, transaction } from './database.ts';

/** The settings: values of the environment win over stored ones, stored ones over defaults. */
export class SettingsStore extends Table {
  readonly #overrides: StoredSettings;
  #stored: StoredSettings = {};
  current!: Settings;

  constructor(database: DatabaseSync, overrides: StoredSettings) {
    super(database);
    this.#overrides = overrides;
    this.#use(this.#read());
  }

  /** @throws BgJobsError `disk_full` */
  update(update: CheckedUpdate): void {
    const { sessionLimits, quotas, quotasPerSession, sessionQuotas, ...others } = update;
    const named = { sessionLimits, quotas, quotasPerSession, sessionQuotas };
    const stored = storedSettings.parse({ ...changed(this.#stored, named), ...others });
    transaction(this.database, () =>
      this.run('INSERT OR REPLACE INTO settings (rowid, value) VALUES (1, ?)', JSON.stringify(stored)),
    );
    this.#use(stored);
  }

  /** Values that cannot be read count as not set. */
  #read(): StoredSettings {
    const row = this.get<{ value: string }>('SELECT value FROM settings WHERE rowid = 1');
    try {
      return storedSettings.parse(JSON.parse(row?.value ?? '{}'));
    } catch {
      return {};
    }
  }

  #use(stored: StoredSettings): void {
    this.#stored = stored;
    this.current = settings.parse({ ...defaultSettings, ...stored, ...this.#overrides });
  }
}

/** Changes what is named, in each object of an object as well; null removes it, and an empty object is none. */
function changed(before: Readonly<Record<string, unknown>>, changes: Readonly<Record<string, unknown>>): object {
  const entries = Object.entries(changes).flatMap(([name, change]) => {
    if (change === undefined) return [];
    const old = Object.hasOwn(before, name) ? before[name] : undefined;
    return [[name, isRecord(change) ? changed(isRecord(old) ? old : {}, change) : change] as const];
  });
  const after = Object.entries({ ...before, ...Object.fromEntries(entries) });
  const isNone = (value: unknown): boolean => value === null || (isRecord(value) && Object.keys(value).length === 0);
  return Object.fromEntries(after.filter(([, value]) => !isNone(value)));
}
