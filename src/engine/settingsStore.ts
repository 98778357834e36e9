import type { DatabaseSync } from 'node:sqlite';
import { defaultSettings, settings, settingsUpdate, type Settings, type SettingsUpdate } from '../protocol/host.ts';
import { transaction } from './store/database.ts';

/** Defaults, under what was stored, under what the environment says. */
export class SettingsStore {
  readonly #database: DatabaseSync;
  readonly #overrides: SettingsUpdate;
  #stored: SettingsUpdate;
  #current: Settings;

  constructor(database: DatabaseSync, overrides: SettingsUpdate) {
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
    const stored = { ...this.#stored, ...update };
    const replace = this.#database.prepare('INSERT OR REPLACE INTO settings (rowid, value) VALUES (1, ?)');
    transaction(this.#database, () => replace.run(JSON.stringify(stored)));
    this.#stored = stored;
    this.#current = this.#combined();
  }

  #combined(): Settings {
    return settings.parse({ ...defaultSettings, ...this.#stored, ...this.#overrides });
  }
}

/** What cannot be read is as if it had never been set. */
function read(database: DatabaseSync): SettingsUpdate {
  const row = database.prepare('SELECT value FROM settings').get() as { value: string } | undefined;
  try {
    return settingsUpdate.parse(JSON.parse(row?.value ?? '{}'));
  } catch {
    return {};
  }
}
