import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { transaction } from '../../../src/store/database.ts';
import { openDatabase } from '../../../src/store/openDatabase.ts';
import { migrations } from '../../../src/store/schema.ts';
import { BgJobsError } from '../../../src/api/errors.ts';
import { TemporaryFolder } from '../../helpers/engine/temporaryFolder.ts';

const schemaOf = (database: DatabaseSync): unknown =>
  database.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY name').all();
const versionOf = (database: DatabaseSync): unknown => database.prepare('PRAGMA user_version').get();

describe('openDatabase', () => {
  const noWarning = (message: string): never => assert.fail(message);

  it('creates a store from nothing, and from an empty file', () => {
    using folder = new TemporaryFolder();
    writeFileSync(join(folder.path, 'empty.db'), '');
    for (const name of ['new.db', 'empty.db']) {
      using database = openDatabase(join(folder.path, name), Date.now, noWarning);
      assert.deepEqual({ ...(versionOf(database) as object) }, { user_version: migrations.length });
      assert.deepEqual({ ...database.prepare('PRAGMA journal_mode').get() }, { journal_mode: 'wal' });
      assert.deepEqual({ ...database.prepare('PRAGMA foreign_keys').get() }, { foreign_keys: 1 });
    }
  });

  it('leaves a store that is up to date as it is', () => {
    using folder = new TemporaryFolder();
    const path = join(folder.path, 'jobs.db');
    let schema: unknown;
    {
      using database = openDatabase(path, Date.now, noWarning);
      schema = schemaOf(database);
      database.exec("INSERT INTO settings (value) VALUES ('kept')");
    }
    using database = openDatabase(path, Date.now, noWarning);
    assert.deepEqual(schemaOf(database), schema);
    assert.equal(database.prepare('SELECT value FROM settings').get()?.['value'], 'kept');
  });

  it('brings a store of every earlier version up to date', () => {
    using folder = new TemporaryFolder();
    using fresh = openDatabase(join(folder.path, 'fresh.db'), Date.now, noWarning);
    for (let version = 0; version < migrations.length; version++) {
      const path = join(folder.path, `${version}.db`);
      {
        using old = new DatabaseSync(path);
        for (const statements of migrations.slice(0, version)) old.exec(statements);
        old.exec(`PRAGMA user_version = ${version}`);
      }
      using database = openDatabase(path, Date.now, noWarning);
      assert.deepEqual(schemaOf(database), schemaOf(fresh));
      assert.deepEqual(versionOf(database), versionOf(fresh));
    }
  });

  it('sets a file that is not a database aside, reports it, and creates a new one', () => {
    using folder = new TemporaryFolder();
    const path = join(folder.path, 'jobs.db');
    const rubbish = 'this is not a database at all\n'.repeat(500);
    writeFileSync(path, rubbish);
    const warnings: string[] = [];
    using database = openDatabase(
      path,
      () => 4711,
      (message) => warnings.push(message),
    );
    assert.equal(database.prepare('SELECT count(*) AS jobs FROM jobs').get()?.['jobs'], 0);
    const aside = `${path}.damaged-4711`;
    assert.equal(readFileSync(aside, 'utf8'), rubbish);
    assert.equal(warnings.length, 1);
    assert.ok(warnings[0]?.includes(aside));
  });

  it('refuses a store of a newer version, and does not touch it', () => {
    using folder = new TemporaryFolder();
    const path = join(folder.path, 'jobs.db');
    {
      using database = openDatabase(path, Date.now, noWarning);
      database.exec(`PRAGMA user_version = ${migrations.length + 1}; CREATE TABLE ofTomorrow (x)`);
    }
    const isClear = (error: unknown): boolean =>
      error instanceof BgJobsError && error.code === 'internal' && /newer version/.test(error.message);
    assert.throws(() => openDatabase(path, Date.now, noWarning), isClear);
    using database = new DatabaseSync(path);
    assert.equal(database.prepare('SELECT count(*) AS n FROM ofTomorrow').get()?.['n'], 0);
    assert.deepEqual(
      readdirSync(folder.path).filter((name) => name.includes('damaged')),
      [],
    );
  });

  it('does not treat a path that cannot be opened as damage', () => {
    using folder = new TemporaryFolder();
    assert.throws(() => openDatabase(join(folder.path, 'no', 'such', 'jobs.db'), Date.now, noWarning));
    assert.ok(!existsSync(join(folder.path, 'no')));
  });
});

describe('transaction', () => {
  it('is all or nothing', () => {
    using database = new DatabaseSync(':memory:');
    database.exec('CREATE TABLE t (x UNIQUE)');
    transaction(database, () => database.exec('INSERT INTO t VALUES (1)'));
    assert.equal(
      transaction(database, () => 'the result'),
      'the result',
    );
    const broken = new Error('broken');
    const work = (): void => {
      database.exec('INSERT INTO t VALUES (2)');
      throw broken;
    };
    assert.throws(() => transaction(database, work), broken);
    assert.throws(() => transaction(database, () => database.exec('INSERT INTO t VALUES (3), (1)')));
    assert.equal(database.prepare('SELECT count(*) AS n FROM t').get()?.['n'], 1);
    assert.equal(database.isTransaction, false);
  });
});
