import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { treatOrphans } from '../../../src/doctor/orphanChecks.ts';
import type { ProcessTable } from '../../../src/processes/runTree.ts';
import type { JobRow } from '../../../src/store/jobTable.ts';
import type { Leftover } from '../../../src/store/runTable.ts';
import { homeFiles, writeHostRecord } from '../../../src/dataDir/dataDir.ts';
import type { LeftProcess } from '../../../src/api/inspection.ts';
import { failure } from '../../helpers/engine/engineFixture.ts';
import { fakeTable, self, type FakeProcess } from '../../helpers/engine/fakeTable.ts';
import { StoreFixture } from '../../helpers/engine/storeFixture.ts';

const leftover = { pid: 9_000_501, startTime: '100', bootId: 'this boot', command: 'sleep' };

/** A job with a run that is under way, or has ended and has left something. */
function job(test: StoreFixture, leftovers?: Leftover[]): JobRow {
  const row = test.create();
  const run = test.store.beginRun(row);
  test.store.runStarted(row, run, { pid: 9_000_500, startTime: '90', bootId: 'this boot' });
  if (!leftovers) return row;
  test.store.setLeftovers(row, run, leftovers);
  const rest = { reasonText: null, errorCode: null, errorMessage: null, stdoutBytes: 0, stderrBytes: 0 };
  const end = {
    status: 'completed',
    exitCode: 0,
    signal: null,
    reason: 'exit',
    finishedAt: Date.now(),
    ...rest,
  } as const;
  test.store.endRun(row, run, end);
  return row;
}

const look = (test: StoreFixture, table: ProcessTable, end?: number[]): Promise<LeftProcess[]> =>
  treatOrphans(table, test.path, end);
const table = (...processes: FakeProcess[]): ProcessTable => fakeTable([self, ...processes]);
const pids = (processes: LeftProcess[]): number[] => processes.map(({ pid }) => pid);

describe('what earlier runs have left', () => {
  it('is what was known to be left where no environment can be read, and what descends from it', async () => {
    using test = new StoreFixture();
    job(test, [leftover]);
    job(test);
    const found = await look(test, table({ pid: 9_000_501 }, { pid: 9_000_502, ppid: 9_000_501 }, { pid: 9_000_500 }));
    assert.deepEqual(pids(found), [9_000_502, 9_000_501]);
  });

  it('is nobody who has only the number, by start time or by boot', async () => {
    using test = new StoreFixture();
    job(test, [leftover, { ...leftover, pid: 9_000_503, bootId: 'the boot before' }]);
    assert.deepEqual(await look(test, table({ pid: 9_000_501, startTime: '101' }, { pid: 9_000_503 })), []);
  });

  it('is nothing of a run that is under way, whatever its supervisor does', async () => {
    using test = new StoreFixture();
    const live = job(test);
    assert.deepEqual(await look(test, table({ pid: 9_000_501, runId: `${live.id}.1`, dataDir: test.path })), []);
  });

  it('is no job host that was started from it, and nothing below that, and nothing of another run', async () => {
    using test = new StoreFixture();
    const ended = job(test, []);
    const live = job(test);
    const runId = `${ended.id}.1`;
    const record = { endpoint: '', token: '', pid: 9_000_502, version: '1.2.3', protocol: 1 };
    writeHostRecord(homeFiles(test.path).record, { ...record, startedAt: new Date(0).toISOString() });
    const processes = [
      { pid: 9_000_501, runId },
      { pid: 9_000_502, ppid: 9_000_501 },
      { pid: 9_000_503, ppid: 9_000_502 },
      { pid: 9_000_504, ppid: 9_000_501, runId: `${live.id}.1` },
    ];
    assert.deepEqual(pids(await look(test, table(...processes))), [9_000_501]);
  });

  it('is kept when it is another user’s, or when it is above this process', async () => {
    using test = new StoreFixture();
    const runId = `${job(test, []).id}.1`;
    const strangers = { ...table({ pid: 9_000_501, runId }), ownerOf: () => 12_345 };
    const [stranger] = await look(test, strangers);
    assert.match(stranger?.keptBecause ?? '', /another user's \(uid 12345\)/);
    await assert.rejects(look(test, strangers, [9_000_501]), failure('invalid_state', /9000501/));
    const above = fakeTable([
      { ...self, ppid: 9_000_501 },
      { pid: 9_000_501, runId },
    ]);
    assert.equal((await look(test, above))[0]?.keptBecause, 'this command is running inside it');
    await assert.rejects(look(test, above, [9_000_501]), failure('invalid_state', /running inside it/));
  });

  it('is kept while the store cannot be read', async () => {
    using test = new StoreFixture();
    const runId = `${job(test, []).id}.1`;
    test.database.exec('PRAGMA writable_schema = 1; DROP TABLE runs');
    const processes = table({ pid: 9_000_501, runId, dataDir: test.path });
    const [left] = await look(test, processes);
    assert.deepEqual([left?.belongsTo, left?.jobStatus], ['unreadable_store', null]);
    await assert.rejects(look(test, processes, [9_000_501]), failure('invalid_state'));
  });

  it('is kept in a container, whose store may have the path of this one', async () => {
    using test = new StoreFixture();
    const contained = { pid: 9_000_501, runId: '00000000-0000-4000-8000-000000000001.1', dataDir: test.path };
    const processes = { ...table(contained), sharesFiles: () => false };
    const [left] = await look(test, processes);
    assert.deepEqual([left?.belongsTo, left?.isOfThisStore], ['unreadable_store', false]);
    await assert.rejects(look(test, processes, [9_000_501]), failure('invalid_state'));
    const recorded = { pid: 9_000_501, runId: `${job(test, []).id}.1` };
    assert.equal((await look(test, { ...table(recorded), sharesFiles: () => false }))[0]?.keptBecause, null);
  });

  it('is told of by the place of its log, before what its environment says', async () => {
    using test = new StoreFixture();
    using other = new StoreFixture();
    const live = job(other);
    const runId = `${live.id}.1`;
    const outputs = [join(other.path, 'runs', runId, 'stdout.log')];
    const process = { pid: 9_000_501, runId, dataDir: join(test.path, 'none'), outputs };
    assert.deepEqual(await look(test, table(process)), []);
    rmSync(join(other.path, 'jobs.db'));
    const [left] = await look(test, table({ ...process, outputs: outputs.map((path) => `${path} (deleted)`) }));
    assert.deepEqual([left?.belongsTo, left?.home], ['lost_store', other.path]);
  });

  it('has no other origin than a run', async () => {
    using test = new StoreFixture();
    const foreign = ['', 'job.1', '../../etc.1', '00000000-0000-4000-8000-000000000001'];
    const processes = foreign.map((runId, index) => ({ pid: 9_000_501 + index, runId }));
    assert.deepEqual(await look(test, table(...processes)), []);
  });
});
