import assert from 'node:assert/strict';
import { findOrphans, type ProcessTable } from '../../../src/processes/runTree.ts';
import { createProcessTable } from '../../../src/processes/platform.ts';
import { killTree } from '../../../src/processes/killTree.ts';
import { SupervisedRun } from '../../helpers/engine/supervisedRun.ts';

const table = createProcessTable();

describe('findOrphans', () => {
  it('finds what outlives the main process, of many runs by one scan', async () => {
    await using leavesSession = await ended('setsid SLEEP >/dev/null 2>&1 &', 1);
    await using leavesTwo = await ended('SLEEP & SLEEP &', 2);
    await using leavesNobody = await ended(':', 0);
    let scans = 0;
    const counting: ProcessTable = { ...table, scan: (since) => (scans++, table.scan(since)) };
    const runs = [leavesSession, leavesTwo, leavesNobody];
    const found = await findOrphans(
      counting,
      runs.map((run) => run.target),
    );
    assert.equal(scans, 1);
    assert.deepEqual([...found.keys()], [leavesSession.runId, leavesTwo.runId]);
    for (const run of [leavesSession, leavesTwo]) {
      const told = found.get(run.runId)!.map(({ pid, command }) => ({ pid, command }));
      assert.deepEqual(
        told.sort((a, b) => a.pid - b.pid),
        run.alive().map(({ pid, command }) => ({ pid, command })),
      );
    }
  });

  it('finds a group in which nobody shows the run id or writes the logs right after the end, and whom it has seen later', async () => {
    await using run = await ended('env -i /bin/SLEEP >/dev/null 2>&1 &', 1);
    assert.equal((await findOrphans(table, [run.target])).size, 0);
    const [leftover] = (await findOrphans(table, [{ ...run.target, justEnded: true }])).get(run.runId)!;
    assert.equal(leftover!.pid, run.sleepers()[0]!.pid);
    const seen = [table.identify(leftover!.pid)!];
    const outcome = await killTree(table, { ...run.target, seen }, { signal: 'SIGTERM', graceMs: 30_000 });
    assert.deepEqual([outcome.ended, run.alive()], [1, []]);
  });

  it('omits FIFO keepers', async () => {
    await using run = await ended('kill -KILL $PPID', 0, { holder: true });
    assert.equal((await findOrphans(table, [run.target])).size, 0);
    await killTree(table, run.target, { signal: 'SIGKILL', graceMs: 0 });
    assert.deepEqual(run.alive(), []);
  });
});

/** A shell command that has ended, and so many sleepers that it has left. */
function ended(script: string, count: number, options = {}): Promise<SupervisedRun> {
  return SupervisedRun.start(
    (seconds) => ['sh', '-c', script.replaceAll('SLEEP', `sleep ${seconds}`)],
    (run) => run.sleepers().length === count && !table.isAlive(run.target.supervisor!),
    options,
  );
}
