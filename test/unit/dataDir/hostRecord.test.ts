import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readHostRecord, removeHostRecord, writeHostRecord } from '../../../src/dataDir/dataDir.ts';

const record = {
  endpoint: '/run/host.sock',
  token: 'secret',
  pid: 17,
  version: '1.2.3',
  protocol: 1,
  startedAt: '2026-01-02T03:04:05.678Z',
};

describe('host.json', () => {
  let folder = '';
  let path = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bj-'));
    path = join(folder, 'host.json');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is read as it was written, only by its owner, and no other file remains', () => {
    writeHostRecord(path, record);
    writeHostRecord(path, { ...record, pid: 18 });
    assert.deepEqual(readHostRecord(path), { ...record, pid: 18 });
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder), ['host.json']);
  });

  it('counts as missing when it does not exist or cannot be understood', () => {
    assert.equal(readHostRecord(path), undefined);
    for (const text of ['', '{"endpoint": "/x"', '{"endpoint": "/x"}', 'null', '{"pid": 1}']) {
      writeFileSync(path, text);
      assert.equal(readHostRecord(path), undefined, text);
    }
  });

  it('is understood when a newer host has written more fields', () => {
    writeFileSync(path, JSON.stringify({ ...record, colour: 'blue' }));
    assert.deepEqual(readHostRecord(path), record);
  });

  it('can be removed twice', () => {
    writeHostRecord(path, record);
    removeHostRecord(path);
    removeHostRecord(path);
    assert.equal(readHostRecord(path), undefined);
  });
});
