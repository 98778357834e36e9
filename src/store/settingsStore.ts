import type { DatabaseSync } from 'node:sqlite';
import {
  defaultSettings,
  settings,
  storedSettings,
  type Settings,
  type CheckedUpdate,
  type StoredSettings,
} from '../api/host.ts';
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
  update({ sessionLimits, ...others }: CheckedUpdate): void {
    const stored = { ...this.#stored, ...others };
    if (sessionLimits) {
      const limits = Object.entries({ ...stored.sessionLimits, ...sessionLimits });
      stored.sessionLimits = Object.fromEntries(limits.filter((entry): entry is [string, number] => entry[1] !== null));
    }
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
