import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { isEnded, jobStatuses, type JobStatus } from '../api/values.ts';
import { migrations } from './schema.ts';

type Row = Record<string, SQLInputValue>;

interface SchemaRow {
  readonly rowid: number;
  readonly type: string;
  readonly name: string;
  readonly tbl_name: string;
  readonly sql: string | null;
}

/** The tables that are read, and what orders their rows. Totals and tags follow from them. */
const tables: readonly [table: string, key: readonly string[]][] = [
  ['settings', ['rowid']],
  ['jobs', ['rowid']],
  ['runs', ['rowid']],
  ['events', ['rowid']],
  ['damaged', ['rowid']],
  ['chunks', ['run', 'seq']],
];

/** Makes what triggers and starts keep: see the schema. Runs without a job have nothing to be shown with. */
const derived = `
  DELETE FROM runs WHERE job NOT IN (SELECT row FROM jobs);
  UPDATE jobs SET array = NULL WHERE array NOT IN (SELECT row FROM jobs);
  DELETE FROM endedJobs;
  INSERT INTO endedJobs
    SELECT session, status, count(*) FROM jobs WHERE finishedAt IS NOT NULL AND array IS NULL GROUP BY session, status;
  DELETE FROM endedRuns;
  INSERT INTO endedRuns
    SELECT count(*), coalesce(sum(stdoutBytes - stdoutDropped + stderrBytes - stderrDropped), 0),
      coalesce(sum(finishedAt - startedAt), 0)
    FROM runs WHERE finishedAt IS NOT NULL;
  INSERT OR IGNORE INTO jobTags
    SELECT row, tag.key, tag.value FROM jobs, json_each(CASE WHEN json_valid(spec) THEN spec ELSE '{}' END, '$.tags') AS tag;
`;

/**
 * Whether the tables are those of this software: a damaged name of a column would fail the first query that has it.
 * @param version the number of migrations that the store has had
 */
export function hasSchema(database: DatabaseSync, version: number): boolean {
  using expected = schemaAt(version);
  return definitions(database) === definitions(expected);
}

/** Without comments and layout, which tell nothing of the tables. */
function definitions(database: DatabaseSync): string {
  const rows = database.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name').all();
  return JSON.stringify(rows.map((row) => ({ ...row, sql: String(row['sql']).replaceAll(/--.*|\s+/g, '') })));
}

/**
 * Reads what can be read of a damaged store into a new one, and what is missing then from a copy. Of the copy only jobs
 * that had ended are taken, because others may have run since. Both files stay as they are.
 * @param backup the path of the copy, which need not exist
 * @returns how many jobs were read, whether that is all of the damaged store, and how many came from the copy
 */
export function salvage(
  damaged: string,
  store: DatabaseSync,
  backup: string,
): { jobs: number; isWhole: boolean; fromCopy: number } {
  const isWhole = salvageDamaged(damaged, store);
  const count = (): number => Number(store.prepare('SELECT count(*) AS jobs FROM jobs').get()!['jobs']);
  const before = count();
  if (!isWhole && existsSync(backup)) salvageCopy(backup, store);
  return { jobs: count(), isWhole, fromCopy: count() - before };
}

function salvageCopy(backup: string, store: DatabaseSync): void {
  using source = new DatabaseSync(backup, { readOnly: true });
  const wasRemoved = store.prepare("SELECT 1 FROM events WHERE type = 'removed' AND jobId = ?");
  const isWanted = (table: string, row: Row): boolean =>
    table !== 'jobs' || (isEnded(row['status'] as JobStatus) && !wasRemoved.get(row['id'] ?? null));
  try {
    store.exec('PRAGMA foreign_keys = OFF; BEGIN');
    for (const [table, key] of tables) if (table !== 'settings') copyTable(source, store, table, key, isWanted);
    store.exec(`${derived}; COMMIT`);
  } catch {
    if (store.isTransaction) store.exec('ROLLBACK');
  } finally {
    store.exec('PRAGMA foreign_keys = ON');
  }
}

/** @returns whether all of it was read */
function salvageDamaged(damaged: string, store: DatabaseSync): boolean {
  const copy = `${damaged}.copy`;
  const files = ['', '-wal'].filter((suffix) => existsSync(damaged + suffix));
  for (const suffix of files) copyFileSync(damaged + suffix, copy + suffix);
  let isWhole = true;
  try {
    repairSchema(copy);
    using source = new DatabaseSync(copy);
    store.exec('PRAGMA foreign_keys = OFF; BEGIN');
    for (const [table, key] of tables) isWhole = copyTable(source, store, table, key) && isWhole;
    store.exec(`${derived}; COMMIT`);
  } catch {
    isWhole = false;
    if (store.isTransaction) store.exec('ROLLBACK');
  } finally {
    store.exec('PRAGMA foreign_keys = ON');
    for (const suffix of ['', '-wal', '-shm']) rmSync(copy + suffix, { force: true });
  }
  return isWhole;
}

/** Writes the definitions of all tables anew: they are known, and where the rows are stands beside them. */
function repairSchema(path: string): void {
  // SQLite protects its own tables unless it is told otherwise.
  using database = new DatabaseSync(path, { defensive: false });
  database.exec('PRAGMA writable_schema = ON');
  const found = database.prepare('SELECT rowid, type, name, tbl_name, sql FROM sqlite_schema').all() as unknown;
  const update = database.prepare('UPDATE sqlite_schema SET type = ?, name = ?, tbl_name = ?, sql = ? WHERE rowid = ?');
  const version = likelyVersion(found as SchemaRow[]);
  for (const { rowid, type, name, tbl_name, sql } of schemaRows(version)) update.run(type, name, tbl_name, sql, rowid);
}

/** The number of migrations whose tables are most like those that were found. */
function likelyVersion(found: readonly SchemaRow[]): number {
  const names = new Set(found.map(({ name }) => name));
  const likeness = (version: number): number => {
    const rows = schemaRows(version);
    return rows.filter(({ name }) => names.has(name)).length - Math.abs(rows.length - found.length);
  };
  const versions = migrations.map((_, index) => index + 1);
  return versions.reduce((best, version) => (likeness(version) > likeness(best) ? version : best), 1);
}

function schemaRows(version: number): SchemaRow[] {
  using database = schemaAt(version);
  return database.prepare('SELECT rowid, type, name, tbl_name, sql FROM sqlite_schema').all() as unknown as SchemaRow[];
}

function schemaAt(version: number): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  for (const statements of migrations.slice(0, version)) database.exec(statements);
  return database;
}

/** From the beginning and, if a page in the middle cannot be read, from the end as well. @returns whether that was all */
function copyTable(
  source: DatabaseSync,
  store: DatabaseSync,
  table: string,
  key: readonly string[],
  isWanted: (table: string, row: Row) => boolean = () => true,
): boolean {
  const known = new Set(
    store
      .prepare(`PRAGMA table_info(${table})`)
      .all()
      .map(({ name }) => String(name)),
  );
  const insert = inserting(store, table, known);
  let isWhole = true;
  for (const order of ['ASC', 'DESC']) {
    try {
      const rows = source.prepare(`SELECT * FROM ${table} ORDER BY ${key.map((one) => `${one} ${order}`).join()}`);
      for (const row of rows.iterate()) if (isWanted(table, row)) isWhole = insert(row) && isWhole;
      return isWhole;
    } catch {
      isWhole = false;
    }
  }
  return false;
}

/** @returns a function that adds a row, if it is not there, and returns false if it is damaged */
function inserting(store: DatabaseSync, table: string, known: ReadonlySet<string>): (row: Row) => boolean {
  const isJobOrRun = table === 'jobs' || table === 'runs';
  const compiled = new Map<string, StatementSync>();
  return (row) => {
    if (isJobOrRun && !(jobStatuses as readonly unknown[]).includes(row['status'])) return false;
    const names = Object.keys(row).filter((name) => known.has(name));
    const columns = names.join();
    const sql = `INSERT OR IGNORE INTO ${table} (${columns}) VALUES (${names.map(() => '?').join()})`;
    const statement = compiled.get(columns) ?? store.prepare(sql);
    compiled.set(columns, statement);
    try {
      statement.run(...names.map((name) => row[name] ?? null));
      return true;
    } catch {
      return false;
    }
  };
}
