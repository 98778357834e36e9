import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { backUp, backupPath } from '../../../src/store/backup.ts';
import { TemporaryFolder } from '../../helpers/engine/temporaryFolder.ts';

describe('the copy of the store', () => {
  it('is made while the store is being written, and holds what was committed', async () => {
    using folder = new TemporaryFolder();
    const path = join(folder.path, 'jobs.db');
    const database = new DatabaseSync(path);
    database.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1); BEGIN IMMEDIATE');
    database.exec('INSERT INTO t VALUES (2)');
    assert.equal(await backUp(path, Date.now), true);
    database.exec('COMMIT');
    database.close();
    const copy = new DatabaseSync(backupPath(path), { readOnly: true });
    assert.deepEqual(
      copy
        .prepare('SELECT a FROM t')
        .all()
        .map(({ a }) => a),
      [1],
    );
    copy.close();
  });
});
