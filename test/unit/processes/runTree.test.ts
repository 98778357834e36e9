import assert from 'node:assert/strict';
import { markOf } from '../../../src/processes/runMark.ts';
import { RunTree, type RunTarget, type TreeScan } from '../../../src/processes/runTree.ts';
import { fakeTable, self, type FakeProcess } from '../../helpers/engine/fakeTable.ts';

const supervisor: FakeProcess = { pid: 9_000_500, startTime: '100', runId: 'run.1' };
const target: RunTarget = {
  runId: 'run.1',
  supervisor: { pid: 9_000_500, startTime: '100', bootId: 'this boot' },
  logs: ['/no/such/stdout.log'],
};

describe('RunTree', () => {
  it('finds what descends from the supervisor, however deep, newest first', async () => {
    const scan = await scanOf([
      supervisor,
      { pid: 9_000_503, ppid: 9_000_502, startTime: '103' },
      { pid: 9_000_501, ppid: 9_000_500, startTime: '101' },
      { pid: 9_000_502, ppid: 9_000_501, startTime: '102' },
      { pid: 9_000_504, ppid: 1, startTime: '104' },
    ]);
    assert.equal(scan.supervisor?.pid, 9_000_500);
    assert.deepEqual(pids(scan), [9_000_503, 9_000_502, 9_000_501]);
  });

  it('finds members of the session and of the group, those with its id or its mark, and those that write into the logs', async () => {
    const scan = await scanOf([
      supervisor,
      { pid: 9_000_501, pgid: 9_000_501, sid: 9_000_500 },
      { pid: 9_000_502, pgid: 9_000_500, sid: 0 },
      { pid: 9_000_503, runId: 'run.1' },
      { pid: 9_000_504, outputs: ['/dev/null', '/no/such/stdout.log'] },
      { pid: 9_000_505, runId: 'run.2' },
      { pid: 9_000_506, outputs: ['/no/such/other.log'] },
      { pid: 9_000_507, mark: markOf('run.1') },
      { pid: 9_000_508, mark: markOf('run.2') },
    ]);
    assert.deepEqual(pids(scan), [9_000_507, 9_000_504, 9_000_503, 9_000_502, 9_000_501]);
  });

  it('claims nothing when the pid of the supervisor belongs to another process now', async () => {
    const scan = await scanOf([
      { pid: 9_000_500, startTime: '900' },
      { pid: 9_000_501, ppid: 9_000_500, startTime: '901' },
      { pid: 9_000_502, pgid: 9_000_500, sid: 9_000_500, startTime: '902' },
    ]);
    assert.equal(scan.supervisor, undefined);
    assert.deepEqual(pids(scan), []);
  });

  it('believes in the group of a dead supervisor only with a witness in it', async () => {
    const orphan: FakeProcess = { pid: 9_000_501, pgid: 9_000_500, startTime: '101' };
    assert.deepEqual(pids(await scanOf([orphan])), []);
    assert.deepEqual(
      pids(await scanOf([orphan, { pid: 9_000_502, pgid: 9_000_500, runId: 'run.1' }])),
      [9_000_501, 9_000_502],
    );
    assert.deepEqual(pids(await scanOf([orphan], { ...target, justEnded: true })), [9_000_501]);
  });

  it('goes on believing in the group when the supervisor ends between two scans', async () => {
    const processes = [self, supervisor, { pid: 9_000_501, pgid: 9_000_500 }];
    const tree = new RunTree(fakeTable(processes), target);
    await tree.scan();
    processes.splice(1, 2, { pid: 9_000_502, pgid: 9_000_500 });
    assert.deepEqual(pids(await tree.scan()), [9_000_502]);
    assert.equal(tree.memberCount, 2);
  });

  it('claims nothing after a reboot', async () => {
    const past = { ...target, supervisor: { pid: 9_000_500, startTime: '100', bootId: 'the boot before' } };
    const scan = await scanOf([supervisor, { pid: 9_000_501, ppid: 9_000_500, runId: 'run.1' }], past);
    assert.equal(scan.supervisor, undefined);
    assert.deepEqual(pids(scan), []);
  });

  it('finds by run id and logs alone when no supervisor is known', async () => {
    const scan = await scanOf([supervisor, { pid: 9_000_501, pgid: 9_000_500 }], { ...target, supervisor: null });
    assert.deepEqual(pids(scan), [9_000_500]);
  });

  it('never touches this process, its group, what is below it, and init', async () => {
    const processes = [
      { ...self, ppid: 9_000_500, runId: 'run.1' },
      supervisor,
      { pid: 1, ppid: 0, runId: 'run.1' },
      { pid: 9_000_501, pgid: 77, runId: 'run.1' },
      { pid: 9_000_502, ppid: process.pid },
    ];
    assert.deepEqual(pids(await new RunTree(fakeTable(processes), target).scan()), []);
  });

  it('ignores a spared process and its descendants', async () => {
    const processes = [
      { pid: 9_000_501, runId: 'run.1' },
      { pid: 9_000_502, runId: 'run.1' },
      { pid: 9_000_503, ppid: 9_000_502 },
    ];
    const spares: RunTarget['spares'] = ({ pid }) => pid === 9_000_502;
    assert.deepEqual(
      pids(await scanOf(processes, { runId: 'run.1', supervisor: null, logs: [], spares })),
      [9_000_501],
    );
  });

  it('ignores processes that are older than the supervisor', async () => {
    assert.deepEqual(
      pids(await scanOf([supervisor, { pid: 9_000_501, ppid: 9_000_500, runId: 'run.1', startTime: '99' }])),
      [],
    );
  });

  it('treats zombies as dead', async () => {
    assert.deepEqual(pids(await scanOf([supervisor, { pid: 9_000_501, ppid: 9_000_500, state: 'zombie' }])), []);
  });

  it('remembers processes that it has seen, until the pid belongs to another one', async () => {
    const processes = [self, supervisor, { pid: 9_000_501, ppid: 9_000_500 }];
    const tree = new RunTree(fakeTable(processes), target);
    await tree.scan();
    processes[2] = { pid: 9_000_501, ppid: 1 };
    assert.deepEqual(pids(await tree.scan()), [9_000_501]);
    processes[2] = { pid: 9_000_501, ppid: 1, startTime: '200' };
    assert.deepEqual(pids(await tree.scan()), []);
  });

  it('includes processes that an earlier scan has seen', async () => {
    const seen = [
      { pid: 9_000_501, startTime: '100', bootId: 'this boot' },
      { pid: 9_000_502, startTime: '100', bootId: 'the boot before' },
    ];
    assert.deepEqual(pids(await scanOf([{ pid: 9_000_501 }, { pid: 9_000_502 }], { ...target, seen })), [9_000_501]);
  });

  it('tells keepers from members while they are the supervisor’s', async () => {
    const keeper: FakeProcess = { pid: 9_000_501, ppid: 9_000_500, runId: 'run.1', isKeeper: true };
    const grandchild: FakeProcess = { pid: 9_000_502, ppid: 9_000_499, runId: 'run.1', isKeeper: true };
    const scan = await scanOf([supervisor, keeper, grandchild]);
    assert.deepEqual([scan.keepers.map(({ pid }) => pid), pids(scan)], [[9_000_501], [9_000_502]]);
    const orphaned = await scanOf([{ ...keeper, ppid: 1 }]);
    assert.deepEqual([orphaned.keepers.map(({ pid }) => pid), pids(orphaned)], [[9_000_501], []]);
  });

  it('owns a group when no other process is in it', async () => {
    const scan = await scanOf([
      supervisor,
      { pid: 9_000_501, ppid: 9_000_500, pgid: 9_000_500 },
      { pid: 9_000_502, ppid: 9_000_501, pgid: 9_000_502 },
      { pid: 9_000_503, ppid: 9_000_501, pgid: 9_000_504 },
      { pid: 9_000_505, ppid: 1, pgid: 9_000_504 },
    ]);
    assert.deepEqual(
      [9_000_500, 9_000_502, 9_000_504, 1].map((pgid) => scan.ownsGroup(pgid)),
      [true, true, false, false],
    );
  });

  it('follows dead parents where their number stays with the children', async () => {
    const processes: FakeProcess[] = [self, supervisor, { pid: 9_000_501, ppid: 9_000_500, pgid: 0 }];
    const tree = new RunTree(fakeTable(processes, true), target);
    await tree.scan();
    const orphan: FakeProcess = { pid: 9_000_502, ppid: 9_000_501, pgid: 0, startTime: '101' };
    processes.splice(1, 2, orphan);
    assert.deepEqual(pids(await tree.scan()), [9_000_502]);
    processes.push({ pid: 9_000_501, startTime: '300' }, { pid: 9_000_503, ppid: 9_000_501, startTime: '301' });
    assert.deepEqual(pids(await tree.scan()), [9_000_502]);
  });

  it('does not believe a list in which it is not itself', async () => {
    await assert.rejects(new RunTree(fakeTable([]), target).scan(), /cannot be read/);
  });
});

function scanOf(processes: FakeProcess[], of: RunTarget = target): Promise<TreeScan> {
  return new RunTree(fakeTable([self, ...processes]), of).scan();
}

function pids({ members }: TreeScan): number[] {
  return members.map(({ pid }) => pid);
}
