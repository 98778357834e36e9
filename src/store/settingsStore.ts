import type { DatabaseSync } from 'node:sqlite';
import {
  defaultSettings,
  settings,
  type Settings,
  type SettingsUpdate,
  storedSettings,
  type StoredSettings,
} from '../api/host.ts';
import { transaction } from './database.ts';

/** The settings: values of the environment win over stored ones, stored ones over defaults. */
export class SettingsStore {
  readonly #database: DatabaseSync;
  readonly #overrides: StoredSettings;
  #stored: StoredSettings;
  #current: Settings;

  constructor(database: DatabaseSync, overrides: StoredSettings) {
    this.#database = database;
    this.#overrides = overrides;
    this.#stored = read(database);
    this.#current = this.#combined();
  }

  get current(): Settings {
    return this.#current;
  }

  /** @throws BgJobsError `disk_full` */
  update(update: SettingsUpdate): void {
    const { sessionLimits, ...others } = update;
    const stored = { ...this.#stored, ...others };
    if (sessionLimits) stored.sessionLimits = withoutNull({ ...stored.sessionLimits, ...sessionLimits });
    const replace = this.#database.prepare('INSERT OR REPLACE INTO settings (rowid, value) VALUES (1, ?)');
    transaction(this.#database, () => replace.run(JSON.stringify(stored)));
    this.#stored = stored;
    this.#current = this.#combined();
  }

  #combined(): Settings {
    return settings.parse({ ...defaultSettings, ...this.#stored, ...this.#overrides });
  }
}

/** Values that cannot be read count as not set. */
function read(database: DatabaseSync): StoredSettings {
  const row = database.prepare('SELECT value FROM settings').get() as { value: string } | undefined;
  try {
    return storedSettings.parse(JSON.parse(row?.value ?? '{}'));
  } catch {
    return {};
  }
}

function withoutNull(values: Record<string, number | null>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== null));
}
