import assert from 'node:assert/strict';
import { withSharedScan } from '../../../src/processes/runTree.ts';
import type { ProcessSource } from '../../../src/processes/processSource.ts';
import { fakeEntries, fakeTable, self, type FakeProcess } from '../../helpers/engine/fakeTable.ts';

describe('SharedScan', () => {
  it('takes one snapshot for all concurrent callers, and reads evidence once, from the earliest start', async () => {
    const { source, asked, scans } = watched([
      self,
      { pid: 9_000_501, startTime: '20' },
      { pid: 9_000_502, startTime: '30' },
    ]);
    const shared = withSharedScan(source);
    const [one, other] = await Promise.all([shared.scan(30), shared.scan(20)]);
    assert.equal(one, other);
    await shared.scan(20);
    assert.deepEqual(asked, [9_000_501, 9_000_502]);
    assert.equal(scans(), 2);
  });

  it('begins another one for a caller that asks while one is in progress', async () => {
    const { source, scans } = watched([self]);
    const shared = withSharedScan(source);
    const first = shared.scan(0);
    await new Promise(setImmediate);
    const second = shared.scan(0);
    assert.notEqual(await first, await second);
    assert.equal(scans(), 2);
  });

  it('scans again as long as new processes appear', async () => {
    const { source } = watched([self]);
    const coming: FakeProcess[][] = [
      [{ pid: 9_000_501 }],
      [{ pid: 9_000_502, state: 'zombie' }],
      [{ pid: 9_000_503, runId: 'run.1' }],
      [],
    ];
    const all = [self, ...coming.flat()];
    const shared = withSharedScan({
      ...source,
      newcomers: (known) => {
        const pids = coming.shift()?.map(({ pid }) => pid) ?? [];
        for (const pid of pids) known.add(pid);
        return fakeEntries(all).filter(({ pid }) => pids.includes(pid));
      },
      evidenceOf: (entries) => fakeTable(all).evidenceOf(entries),
    });
    const snapshot = await shared.scan(0);
    assert.deepEqual(
      snapshot.live.map(({ pid }) => pid),
      [process.pid, 9_000_501, 9_000_503],
    );
    assert.equal(snapshot.evidenceOf(snapshot.at(9_000_503)!)?.runId, 'run.1');
    assert.equal(coming.length, 0);
  });

  it('reads again when a process has loaded another program', async () => {
    const child: FakeProcess = { pid: 9_000_501, command: 'sh' };
    const { source, asked } = watched([self, child]);
    const shared = withSharedScan(source);
    await shared.scan(50);
    Object.assign(child, { command: 'sleep', isKeeper: true });
    const snapshot = await shared.scan(50);
    assert.equal(snapshot.evidenceOf(snapshot.at(9_000_501)!)?.isKeeper, true);
    assert.deepEqual(asked, [9_000_501, 9_000_501]);
  });
});

/** A source that notes of whom evidence is asked, and counts snapshots. */
function watched(processes: FakeProcess[]): { source: ProcessSource; asked: number[]; scans: () => number } {
  const table = fakeTable(processes);
  const asked: number[] = [];
  let scans = 0;
  const source: ProcessSource = {
    ...table,
    snapshot: () => (scans++, table.snapshot()),
    evidenceOf: (entries) => {
      asked.push(...entries.map(({ pid }) => pid));
      return table.evidenceOf(entries);
    },
  };
  return { source, asked, scans: () => scans };
}
