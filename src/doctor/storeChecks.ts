import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { migrations } from '../store/database.ts';
import type { Check } from '../api/inspection.ts';
import type { ProcessTable } from '../processes/snapshot.ts';
import { plural } from '../text/grammar.ts';
import { ok, problem, warning } from './check.ts';
import { isLocked, Stores, type StoreReader } from './stores.ts';

/** Clocks are corrected by up to this much now and then (milliseconds). */
const clockToleranceMs = 60_000;

/** Checks the store itself. */
export function checkStore(table: ProcessTable, home: string, now: number): Check[] {
  using stores = new Stores();
  const store = stores.at(home);
  const aside = setAside(home);
  switch (store.type) {
    case 'absent':
      return [ok('store', 'There is no store yet: the first job creates it'), ...aside];
    case 'unreadable':
      return [
        problem(
          'store',
          `The store cannot be read: ${store.reason}`,
          `Keep a copy of ${join(home, 'jobs.db')}. ${start}`,
        ),
        ...aside,
      ];
    case 'readable':
      return [
        checkVersion(store.reader),
        checkDamaged(store.reader),
        ...aside,
        checkClock(store.reader, now),
        checkRuns(table, store.reader, home),
      ];
  }
}

const start = '`bgjobs host start` sets a damaged store aside and creates a new one.';

function checkVersion({ schemaVersion }: StoreReader): Check {
  const known = migrations.length;
  if (schemaVersion > known) {
    const summary = `The store was written by a newer version (schema ${schemaVersion}, known: ${known})`;
    return problem('store', summary, 'Update this software.');
  }
  const older = schemaVersion < known ? `; the next job host upgrades it to ${known}` : '';
  return ok('store', `The store is sound (schema ${schemaVersion}${older})`);
}

function checkDamaged({ damagedRecords }: StoreReader): Check {
  if (damagedRecords === 0) return ok('damaged', 'No record is damaged');
  const summary = `${plural(damagedRecords, 'job')} could not be read and was moved to the table "damaged" of the store`;
  return warning('damaged', summary, 'Logs are kept in the folder runs. Delete the rows when you no longer need them.');
}

/** Whole stores that could not be read. */
function setAside(home: string): Check[] {
  const isFolder = existsSync(home) && statSync(home).isDirectory();
  const files = isFolder ? readdirSync(home).filter((name) => /^jobs\.db\.damaged-\d+$/.test(name)) : [];
  if (files.length === 0) return [];
  const summary = `${plural(files.length, 'store')} could not be read and was set aside: ${files.join(', ')}`;
  return [warning('damaged', summary, `Delete the files that you no longer need from ${home}.`)];
}

function checkClock({ newestEvent }: StoreReader, now: number): Check {
  if (newestEvent <= now + clockToleranceMs) return ok('clock', 'The clock has not gone back');
  const summary = `The clock has gone back: the newest event is from ${new Date(newestEvent).toISOString()}`;
  return warning('clock', summary, 'Correct the clock. Until then, times and durations of jobs may be wrong.');
}

function checkRuns(table: ProcessTable, reader: StoreReader, home: string): Check {
  const liveRuns = reader.liveRuns();
  const summary = liveRuns.length === 0 ? 'No run is under way' : `${plural(liveRuns.length, 'run')} under way`;
  if (isLocked(home)) return ok('runs', summary);
  const dead = liveRuns.filter(({ supervisor }) => !supervisor || !table.isAlive(supervisor));
  if (dead.length === 0) return ok('runs', summary);
  return warning(
    'runs',
    `${plural(dead.length, 'run')} recorded as under way without a supervisor: ` +
      dead.map(({ runId }) => runId).join(', '),
    'Start the job host to record the end: bgjobs host start.',
  );
}
